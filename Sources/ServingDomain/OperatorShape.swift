/// One kernel or host activity of a step, at a fixed shape on one GPU.
///
/// A shape owns a curve over one or two axes (`OperatorPoint`); its dimensions are those on one
/// GPU, after tensor-parallel sharding.
public enum OperatorShape: Hashable, Sendable {
    /// Path of collectives that were captured in a graph, in the words of the public tables.
    public static let graphPath = "vllm_graph"
    /// Path of collectives that are launched one by one.
    public static let eagerPath = "vllm_eager"

    /// Dense product of `x` tokens with an n × k weight.
    case gemm(n: Int, k: Int, format: NumberFormat)
    /// Causal attention of `x` new tokens over `y` cached tokens, for each of `batch` sequences.
    case prefillAttention(AttentionShape, batch: Int)
    /// Attention of one new token for each of `x` sequences with `y` tokens of context each.
    case decodeAttention(AttentionShape)
    /// What a step with part of a prompt takes longer for `x` sequences that decode in it, with `y`
    /// tokens of context each.
    case mixedDecodeAttention(AttentionShape)
    /// As `decodeAttention`, for contexts of mean `y` whose standard deviation is `variation` per cent
    /// of it, a few long ones among many short ones; 0 are equal contexts, measured beside the others.
    case unevenDecodeAttention(AttentionShape, variation: Int)
    /// Recurrent attention of `x` new tokens of a prompt, or of several, whatever is behind them.
    case prefillRecurrence(RecurrenceShape)
    /// Recurrent attention of one new token for each of `x` sequences, whatever their contexts.
    case decodeRecurrence(RecurrenceShape)
    /// Scores of `y` cached tokens and those before it for each of `x` new tokens of one sequence.
    case prefillScores(ScoreShape)
    /// Scores of `y` tokens of context for one new token of each of `x` sequences.
    case decodeScores(ScoreShape)
    /// Routed experts of one layer for `x` tokens, before any expert sharding of the tokens.
    case experts(ExpertShape)
    /// Collective over `gpus` GPUs with a message of `x` bytes.
    case collective(Collective, gpus: Int, path: String)
    /// Copy of `x` bytes from one GPU to another; `path` tells the wiring.
    case pointToPoint(path: String)
    /// Memory-bound work on `x` tokens of `width` values each.
    case elementwise(Elementwise, width: Int)
    /// Host time of a step with `x` sequences at a tensor-parallel degree.
    case host(component: String, degree: Int)

    public enum Collective: String, Hashable, Sendable, CaseIterable {
        case allReduce = "all_reduce"
        case allGather = "all_gather"
        case reduceScatter = "reduce_scatter"
        case allToAll = "all_to_all"
    }

    public enum Elementwise: String, Hashable, Sendable, CaseIterable {
        case norm
        case rope
        case activation
        case residual
        case embedding
    }
}

/// Heads of an attention kernel on one GPU.
public struct AttentionShape: Hashable, Sendable {
    public let heads: Int
    public let kvHeads: Int
    public let headDimension: Int
    /// Last tokens that are seen; 0 means all.
    public let window: Int
    public let kvFormat: NumberFormat

    public init(heads: Int, kvHeads: Int, headDimension: Int, window: Int, kvFormat: NumberFormat) {
        self.heads = heads
        self.kvHeads = kvHeads
        self.headDimension = headDimension
        self.window = window
        self.kvFormat = kvFormat
    }
}

/// Dimensions of a block of routed experts.
public struct ExpertShape: Hashable, Sendable {
    public let hidden: Int
    /// Width of one expert before sharding.
    public let intermediate: Int
    public let experts: Int
    public let expertsPerToken: Int
    /// GPUs over which each expert is split.
    public let tensorDegree: Int
    /// GPUs over which the experts are dealt out.
    public let expertDegree: Int
    /// Router skew: `balanced`, or the name a table gives its synthetic law.
    public let distribution: String
    /// The distribution of routers that load all experts evenly.
    public static let balanced = "balanced"

    /// All of the block that an engine runs, timed inside it, with every expert equally likely.
    public static let insideEngine = "inside_engine"

    public let format: NumberFormat

    public init(
        hidden: Int, intermediate: Int, experts: Int, expertsPerToken: Int, tensorDegree: Int,
        expertDegree: Int, distribution: String, format: NumberFormat
    ) {
        self.hidden = hidden
        self.intermediate = intermediate
        self.experts = experts
        self.expertsPerToken = expertsPerToken
        self.tensorDegree = tensorDegree
        self.expertDegree = expertDegree
        self.distribution = distribution
        self.format = format
    }

    /// The same experts under another router.
    public func routed(by distribution: String) -> Self {
        Self(
            hidden: hidden, intermediate: intermediate, experts: experts,
            expertsPerToken: expertsPerToken, tensorDegree: tensorDegree,
            expertDegree: expertDegree, distribution: distribution, format: format)
    }

    /// The same experts dealt out over so many GPUs.
    public func dealt(over degree: Int) -> Self {
        Self(
            hidden: hidden, intermediate: intermediate, experts: experts,
            expertsPerToken: expertsPerToken, tensorDegree: tensorDegree,
            expertDegree: degree, distribution: distribution, format: format)
    }

    /// The same experts with weights of another format.
    public func stored(as format: NumberFormat) -> Self {
        Self(
            hidden: hidden, intermediate: intermediate, experts: experts,
            expertsPerToken: expertsPerToken, tensorDegree: tensorDegree,
            expertDegree: expertDegree, distribution: distribution, format: format)
    }
}

/// Where on the curve of a shape a timing lies; the meaning of the axes is the shape's.
@frozen
public struct OperatorPoint: Hashable, Sendable {
    public let x: Int
    public let y: Int

    @inlinable
    public init(x: Int, y: Int = 0) {
        self.x = x
        self.y = y
    }
}

/// One measured or computed time of one operator.
public struct TimingSample: Hashable, Sendable {
    public let shape: OperatorShape
    public let point: OperatorPoint
    /// Time of one execution in nanoseconds.
    public let nanoseconds: Double

    public init(shape: OperatorShape, point: OperatorPoint, nanoseconds: Double) {
        self.shape = shape
        self.point = point
        self.nanoseconds = nanoseconds
    }
}
