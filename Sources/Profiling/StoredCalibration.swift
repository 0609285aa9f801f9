/// Constants of one deployment's engine that were fitted to its own measurements.
public struct StoredCalibration: Hashable, Sendable {
    /// What was measured: constants of one are not those of another.
    public struct Platform: Hashable, Sendable {
        public let gpu: String
        public let engine: String
        public let model: String

        public init(gpu: String, engine: String, model: String) {
            self.gpu = gpu
            self.engine = engine
            self.model = model
        }
    }

    public let platform: Platform
    /// Values by the names of engine files, in the units of the names.
    public let constants: [String: Double]
    /// Measured deployments that the constants were fitted to.
    public let rows: Int
    /// What 90 % of measured TTFT lie within, as a factor of the prediction to both sides, at least 1.
    public let ttftFactor: Double
    /// What 90 % of measured TPOT lie within, as a factor of the prediction to both sides, at least 1.
    public let tpotFactor: Double
    /// Whether the factors come from the rows themselves; else from public rows of other deployments.
    public let hasOwnFactors: Bool
    /// Name of the file that was measured, and the SHA-256 of its bytes.
    public let source: String
    public let toolVersion: String

    public init(
        platform: Platform, constants: [String: Double], rows: Int, ttftFactor: Double,
        tpotFactor: Double, hasOwnFactors: Bool, source: String, toolVersion: String
    ) {
        self.platform = platform
        self.constants = constants
        self.rows = rows
        self.ttftFactor = ttftFactor
        self.tpotFactor = tpotFactor
        self.hasOwnFactors = hasOwnFactors
        self.source = source
        self.toolVersion = toolVersion
    }
}
