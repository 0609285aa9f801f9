/// Builds of an engine whose kernels of routed experts take longer in decode than those that tables time.
///
/// Of experts that GPUs split between them; those that are dealt out whole are not told apart.
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
        guard let numbers = version.numbers, let first = since.numbers, let last = before.numbers
        else { return false }
        // 0.15 is 0.15.0.
        let padding = max(0, max(first.count, last.count) - numbers.count)
        let padded = numbers + Array(repeating: 0, count: padding)
        return !padded.lexicographicallyPrecedes(first) && padded.lexicographicallyPrecedes(last)
    }

    /// Whether these are the kernels of such experts on such GPUs.
    public func concern(_ experts: ExpertShape, on gpu: String) -> Bool {
        experts.expertDegree == 1 && formats.contains(experts.format) && hardware.contains(gpu)
    }

    /// Whether timings are of these very kernels, so that nothing is to be added.
    ///
    /// - Parameter kernels: engine and version that were timed, such as `vllm 0.24.0`; nil for none.
    /// - Returns: whether the version is one of these.
    public func areTimed(by kernels: String?) -> Bool {
        let words = (kernels ?? "").split(separator: " ")
        guard words.count == 2, words[0] == engine else { return false }
        return EngineVersion(String(words[1])).map(holds) ?? false
    }
}
