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
    /// What it can do with its connector and the case's model.
    public var rules = EngineRules()
    /// Whether its experts are those that were timed, even where its version is known for slower ones.
    public var hasTimedExperts = false
    /// What its experts in mxfp4 are multiplied with.
    public var expertActivations = ExpertActivations()
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

extension Engine {
    /// The overhead with its host time beside the GPU where steps are formed ahead.
    public var stepOverhead: EngineOverhead {
        var hidden = overhead
        hidden.isHidden = behaviour.formsStepsAhead
        return hidden
    }
}

/// Host time that an engine adds to the kernels of a step, and what its kernels take longer than alone.
public struct EngineOverhead: Hashable, Sendable {
    /// Added once to every step.
    public var perStep: Duration
    /// Added per transformer layer and step.
    public var perLayer: Duration
    /// Launching a layer's kernels where they are not replayed from a graph, while the GPU computes: a step
    /// with prompts is no shorter than that of all layers.
    public var launchPerLayer: Duration
    /// Added to a step with prompts per layer with linear attention, for what its kernels do not explain.
    public var perRecurrence: Duration
    /// Added per sequence and step.
    public var perSequence: Duration
    /// Added to every collective among the GPUs of a worker, where they wait for each other.
    public var perCollective: Duration
    /// Added to every TTFT, outside the steps.
    public var firstToken: FirstTokenLatency
    /// How much longer than by themselves the kernels over tokens, but for collectives, take in a step with prompts,
    /// above 0.
    public var promptFactor: Double
    /// How much longer than by themselves the kernels of a decode step take, attention too, above 0.
    public var decodeFactor: Double
    /// How much longer than by themselves routed experts take over many tokens, above 0.
    public var expertFactor: Double
    /// Whether the host works while the GPU computes, so that a step takes as long as the longer of both.
    public var isHidden: Bool
    /// Kernels that the engine's version has in place of those that were timed, and that take longer.
    public var slowerExperts: [SlowerExperts] = []
    /// Rows that its kernels of dealt-out experts go over; nil where no engine is meant.
    public var dealtExperts: DealtExperts?
    public var source: String

    public init(
        perStep: Duration = .zero, perLayer: Duration = .zero, launchPerLayer: Duration = .zero,
        perRecurrence: Duration = .zero, perSequence: Duration = .zero,
        perCollective: Duration = .zero,
        firstToken: FirstTokenLatency = FirstTokenLatency(),
        promptFactor: Double = 1, decodeFactor: Double = 1, expertFactor: Double = 1,
        isHidden: Bool = false, source: String
    ) {
        self.perStep = perStep
        self.perLayer = perLayer
        self.launchPerLayer = launchPerLayer
        self.perRecurrence = perRecurrence
        self.perSequence = perSequence
        self.perCollective = perCollective
        self.firstToken = firstToken
        self.promptFactor = promptFactor
        self.decodeFactor = decodeFactor
        self.expertFactor = expertFactor
        self.isHidden = isHidden
        self.source = source
    }

    /// No host time at all, for closed forms and bare operator sums.
    public static let none = Self(source: "none")
}
