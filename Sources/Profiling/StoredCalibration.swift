public import ServingDomain

/// Constants of one deployment's engine that were fitted to its own measurements.
public struct StoredCalibration: Hashable, Sendable {
    /// What was measured: constants of one are not those of another.
    public let platform: PlatformKey
    /// Values by the names of engine files, in the units of the names.
    public let constants: [String: Double]
    /// Measured deployments that the constants were fitted to.
    public let rows: Int
    /// Nil where nobody knows.
    public let interval: PredictionInterval?
    /// Name of the file that was measured, and the SHA-256 of its bytes.
    public let source: String
    /// Whose timings the constants stand beside, in words; none where nobody noted it.
    public let timings: [String]
    /// Versions of the engine that were measured; none where nobody named one.
    public let versions: [EngineVersion]
    public let toolVersion: String

    public init(
        platform: PlatformKey, constants: [String: Double], rows: Int,
        interval: PredictionInterval?, source: String, timings: [String],
        versions: [EngineVersion], toolVersion: String
    ) {
        self.platform = platform
        self.constants = constants
        self.rows = rows
        self.interval = interval
        self.source = source
        self.timings = timings
        self.versions = versions
        self.toolVersion = toolVersion
    }
}
