/// Where whole runs are kept, by everything that they depend on.
public protocol RunKeeping: Sendable {
    /// The run that was kept under a key; nil where there is none, or it cannot be read.
    func run(for key: ContentKey) -> SimulationResult?
    func keep(_ run: SimulationResult, for key: ContentKey)
}

/// Runs that were made before, by this version of the tool: found by content in place of being made again.
///
/// Keys are digests of sessions, cluster, policy, costs and seed as they are stored in memory, so that two
/// runs with one key are the same run; a result is the same with and without an archive.
public struct RunArchive: Sendable {
    /// The archive of the current task; nil where every run is made.
    @TaskLocal public static var current: RunArchive?

    private let shelf: any RunKeeping
    private let version: String
    private let memory = ContentMemory()

    /// - Parameters:
    ///   - shelf: where runs are kept.
    ///   - version: names the program that makes the runs; another one finds none of them.
    public init(_ shelf: any RunKeeping, version: String) {
        self.shelf = shelf
        self.version = version
    }

    /// The key of a run that depends on these values and on nothing else; nil where one of them cannot
    /// be read.
    func key(_ content: [(label: String, value: Any)]) -> ContentKey? {
        var digest = ContentDigest(remembering: memory)
        digest.add("version", version)
        for (label, value) in content { digest.add(label, value) }
        return digest.key
    }

    func run(for key: ContentKey) -> SimulationResult? { shelf.run(for: key) }

    /// Keeps a run that was made to its end.
    func keep(_ run: SimulationResult, for key: ContentKey) {
        if !run.isInterrupted { shelf.keep(run, for: key) }
    }
}
