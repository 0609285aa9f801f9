/// Builds of an engine whose kernels of routed experts take longer in decode than those that tables time.
///
/// Experts that are dealt out over GPUs (expert parallelism) are taken to be as fast as the timed ones: nobody
/// published otherwise.
public struct SlowerExperts: Hashable, Sendable {
    public let engine: String
    /// First version with such kernels.
    public let since: EngineVersion
    /// First version without them again.
    public let before: EngineVersion
    /// Of the experts' weights.
    public let formats: Set<NumberFormat>
    /// Names of GPUs.
    public let hardware: Set<String>
    /// How many times as long the kernels of a decode step take, at least 1.
    public let factor: Double
    public let source: String

    public init(
        engine: String, since: EngineVersion, before: EngineVersion, formats: Set<NumberFormat>,
        hardware: Set<String>, factor: Double, source: String
    ) {
        self.engine = engine
        self.since = since
        self.before = before
        self.formats = formats
        self.hardware = hardware
        self.factor = factor
        self.source = source
    }

    /// Whether a version of the engine has such kernels; a name without numbers has not.
    public func holds(in version: EngineVersion) -> Bool {
        version.isAtLeast(since) == true && version.isAtLeast(before) == false
    }

    /// Whether these are the kernels of such experts on such GPUs.
    public func concern(_ experts: ExpertShape, on gpu: String) -> Bool {
        experts.expertDegree == 1 && formats.contains(experts.format) && hardware.contains(gpu)
    }

    /// Whether timings are of these very kernels, so that nothing is to be added.
    ///
    /// - Parameter kernels: engine and version that were timed, such as `vllm 0.24.0`, `vllm@h200-sxm 0.16.0` where
    ///   they are carried over from another GPU, or two such with an "and" between; nil for none.
    /// - Returns: whether one of them is such a version.
    public func areTimed(by kernels: String?) -> Bool {
        let words = (kernels ?? "").split(separator: " ")
        return zip(words, words.dropFirst()).contains { name, version in
            name.prefix { $0 != "@" } == engine && EngineVersion(String(version)).map(holds) == true
        }
    }

    /// In words, without the source.
    public var summary: String {
        "experts of \(engine) \(since) to before \(before) taken to be \(factor) times as long in decode"
    }
}
