/// The serving engine that runs on every worker, with the settings that cost and memory depend on.
public struct Engine: Hashable, Sendable {
    public var name: String
    public var version: String?
    public var connector: String?
    public var image: String?
    /// Share of GPU memory that the engine may fill, from 0 to 1.
    public var memoryUtilization: Double
    /// Tokens in one KV block.
    public var blockSize: Int
    /// Most sequences in one decode batch.
    public var maxSequences: Int
    /// Most prompt tokens that a co-located worker takes into one step.
    public var tokenBudget: Int
    public var behaviour = EngineBehaviour()
    public var overhead: EngineOverhead

    public init(
        name: String, version: String? = nil, connector: String? = nil, image: String? = nil,
        memoryUtilization: Double = 0.9, blockSize: Int = 16, maxSequences: Int = 256,
        tokenBudget: Int = 8192, overhead: EngineOverhead
    ) {
        self.name = name
        self.version = version
        self.connector = connector
        self.image = image
        self.memoryUtilization = memoryUtilization
        self.blockSize = blockSize
        self.maxSequences = maxSequences
        self.tokenBudget = tokenBudget
        self.overhead = overhead
    }
}

/// Host time that an engine adds to the kernels of a step.
public struct EngineOverhead: Hashable, Sendable {
    /// Added once to every step.
    public var perStep: Duration
    /// Added per transformer layer and step.
    public var perLayer: Duration
    /// Added per sequence and step.
    public var perSequence: Duration
    /// Added to every TTFT: tokenizer, HTTP and the first streamed chunk.
    public var perFirstToken: Duration
    public var source: String

    public init(
        perStep: Duration = .zero, perLayer: Duration = .zero, perSequence: Duration = .zero,
        perFirstToken: Duration = .zero, source: String
    ) {
        self.perStep = perStep
        self.perLayer = perLayer
        self.perSequence = perSequence
        self.perFirstToken = perFirstToken
        self.source = source
    }

    /// No host time at all, for closed forms and bare operator sums.
    public static let none = Self(source: "none")
}
