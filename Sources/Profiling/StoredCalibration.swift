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

    /// What 90 % of measured means lie within, as factors of the prediction to both sides, at least 1.
    public struct Interval: Hashable, Sendable {
        public let ttftFactor: Double
        public let tpotFactor: Double
        /// Which measurements say so.
        public let source: String

        public init(ttftFactor: Double, tpotFactor: Double, source: String) {
            self.ttftFactor = ttftFactor
            self.tpotFactor = tpotFactor
            self.source = source
        }
    }

    public let platform: Platform
    /// Values by the names of engine files, in the units of the names.
    public let constants: [String: Double]
    /// Measured deployments that the constants were fitted to.
    public let rows: Int
    /// Nil where nobody knows.
    public let interval: Interval?
    /// Name of the file that was measured, and the SHA-256 of its bytes.
    public let source: String
    public let toolVersion: String

    public init(
        platform: Platform, constants: [String: Double], rows: Int, interval: Interval?,
        source: String, toolVersion: String
    ) {
        self.platform = platform
        self.constants = constants
        self.rows = rows
        self.interval = interval
        self.source = source
        self.toolVersion = toolVersion
    }
}
