import ArgumentParser
import EmbeddedFacts
import Foundation
import Profiling
import Simulation
import Synchronization

/// A command that simulates clusters, and so may know some of the runs from before.
protocol SimulatingCommand: AsyncParsableCommand, ToolCommand {
    var runs: CacheOption { get }
}

extension SimulatingCommand {
    /// Runs with the cache that the options name; where it cannot be used, without it.
    mutating func runKnowingRuns() async throws {
        let shelf = runs.shelf
        guard let shelf, let version = CacheOption.version else { return try await run() }
        defer { shelf.tell() }
        let archive = RunArchive(shelf, version: version)
        try await RunArchive.$current.withValue(archive) { try await run() }
    }
}

/// Where commands that simulate keep their runs.
struct CacheOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Cache of simulated runs, a folder or an SQLite file, which never changes a result; none for "
                + "no cache. Default: "
                + "AMPD_PLAN_CACHE, else the XDG cache directory."), completion: .anyFile)
    var cache: String?

    /// Nil where none is wanted, or it cannot be used, which is said; one without a store where runs shall
    /// be counted.
    fileprivate var shelf: CachedRuns? {
        store.map { CachedRuns(store: $0) } ?? (Console.isVerbose ? CachedRuns(store: nil) : nil)
    }

    private var store: RunStore? {
        guard let path else { return nil }
        do {
            let store = try RunStore(path: path)
            Console.sayInDetail("cache of runs: \(path)")
            return store
        } catch .cannotOpen where named == nil {
            // A home that nobody may write to has no cache.
            return nil
        } catch {
            Console.say("warning: the cache of runs is not used: \(error.description)")
            return nil
        }
    }

    /// Nil where none is wanted, or there is no place for one.
    var path: String? {
        if let named { return named == "none" ? nil : Self.file(at: named) }
        let folder = variable("XDG_CACHE_HOME") ?? variable("HOME").map { $0 + "/.cache" }
        return folder.map { $0 + "/ampd-plan/runs.sqlite" }
    }

    /// `runs.sqlite` in a folder; the path itself where it is a file or has an ending.
    private static func file(at path: String) -> String {
        var isFolder = ObjCBool(false)
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        let hasEnding = !URL(fileURLWithPath: path).pathExtension.isEmpty && !path.hasSuffix("/")
        guard exists ? isFolder.boolValue : !hasEnding else { return path }
        return (path.hasSuffix("/") ? path : path + "/") + "runs.sqlite"
    }

    private var named: String? { cache ?? variable("AMPD_PLAN_CACHE") }

    private func variable(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The program as it lies on the disk: one that was built anew finds no runs of the one before.
    fileprivate static var version: String? {
        guard let program = Bundle.main.executablePath,
            let facts = try? FileManager.default.attributesOfItem(atPath: program),
            let size = facts[.size] as? Int, let date = facts[.modificationDate] as? Date
        else { return nil }
        return "\(Version.current) \(EmbeddedFacts.commit) \(size) \(date.timeIntervalSince1970)"
    }
}

/// Runs in a store; what cannot be read or written is made again.
private final class CachedRuns: RunKeeping {
    private struct Counts {
        var known = 0
        var made = 0
    }

    private let store: RunStore?
    private let counts = Mutex(Counts())

    init(store: RunStore?) { self.store = store }

    func run(for key: ContentKey) -> SimulationResult? {
        guard let data = try? store?.run(for: Data(key.bytes)),
            let run = try? PropertyListDecoder().decode(SimulationResult.self, from: data)
        else { return nil }
        counts.withLock { $0.known += 1 }
        return run
    }

    /// Says in detail how many runs there were.
    func tell() {
        let counts = counts.withLock { $0 }
        Console.sayInDetail(
            "simulations: \(counts.made) made, \(counts.known) known from the cache of runs")
    }

    func keep(_ run: SimulationResult, for key: ContentKey) {
        counts.withLock { $0.made += 1 }
        guard let store else { return }
        let encoder = PropertyListEncoder()
        encoder.outputFormat = .binary
        guard let data = try? encoder.encode(run) else { return }
        try? store.keep(data, for: Data(key.bytes))
    }
}
