public import ServingDomain

/// The operators of one step of a model on one GPU of a tensor-parallel group.
///
/// This is the enumeration of the paper's Appendix A.1. Embedding, LM head, norms and the router
/// are bf16 whatever the weights are. Fused adds are counted as `residual`; sampling, and the
/// gather of the logits, are not included.
public struct StepOperators: Sendable {
    public let model: ModelSpec
    public let weightFormat: NumberFormat
    public let kvFormat: NumberFormat
    public let degree: TensorParallelDegree
    /// Data-parallel ranks of the engine, and how its GPUs share the routed experts.
    ///
    /// Within a rank every GPU has all tokens, so that nothing is sent: the all-reduce behind the
    /// experts adds up what each computed. Several ranks gather the tokens of all before their experts
    /// and scatter the sums behind them (vLLM's default, `allgather_reducescatter`).
    public let split: ModelSplit
    /// Router skew that expert timings are looked up for.
    public let distribution: String

    /// Loads of the experts with a density that falls as load^-1.2, of the skews that tables are
    /// measured for the one nearest to real routers.
    ///
    /// Balanced loads touch more experts than real ones do: of gpt-oss at batch 32 they make a decode
    /// step 1.4 times as long as it was measured (docs/cost-model.md).
    public static let usualSkew = "power_law_1.2"

    public init(
        model: ModelSpec, weightFormat: NumberFormat, kvFormat: NumberFormat,
        degree: TensorParallelDegree, split: ModelSplit = .none,
        distribution: String = Self.usualSkew
    ) {
        self.model = model
        self.weightFormat = weightFormat
        self.kvFormat = kvFormat
        self.degree = degree
        self.split = split
        self.distribution = distribution
    }

    /// Every operator of a step of this phase, in the order of execution.
    public func operators(of phase: Phase) -> [OperatorUse] {
        let layers = model.layers
        return [use("embedding", elementwise(.embedding, model.hidden), 1)]
            + [
                use("norms", elementwise(.norm, model.hidden), 2 * layers + 1),
                use("residual_adds", elementwise(.residual, model.hidden), 2 * layers),
            ]
            + attentionBlock(phase) + linearAttention(phase) + denseBlock() + mixtureBlock()
            + collectives(phase)
            + [
                OperatorUse(
                    name: "lm_head",
                    shape: .gemm(n: sharded(model.vocabulary), k: model.hidden, format: .bf16),
                    count: 1, extent: .sampled)
            ]
    }

    // MARK: Blocks of a layer

    private func attentionBlock(_ phase: Phase) -> [OperatorUse] {
        switch model.attention {
        case .grouped(let heads, let kvHeads, let dimension):
            return groupedAttention(heads, kvHeads, dimension, phase)
        case .latent(let latent):
            return latentAttention(latent, phase)
        }
    }

    private func groupedAttention(
        _ heads: Int, _ kvHeads: Int, _ dimension: Int, _ phase: Phase
    ) -> [OperatorUse] {
        let layers = model.attentionLayers
        let own = sharded(heads)
        let ownKV = max(1, sharded(kvHeads))
        let queries = model.hasOutputGate ? 2 * own : own
        let qkv = (queries + 2 * ownKV) * dimension
        var uses = [use("qkv_projection", matrix(.attention, n: qkv, k: model.hidden), layers)]
        if model.queryKeyNorm != nil {
            uses.append(use("qk_norm", elementwise(.norm, (own + ownKV) * dimension), layers))
        }
        uses.append(use("rope", elementwise(.rope, (own + ownKV) * dimension), layers))
        let windowed = model.slidingWindow?.layers ?? 0
        for (window, count) in [
            (0, layers - windowed), (model.slidingWindow?.tokens ?? 0, windowed),
        ]
        where count > 0 {
            let shape = AttentionShape(
                heads: own, kvHeads: ownKV, headDimension: dimension, window: window,
                kvFormat: kvFormat)
            uses.append(
                attention(window == 0 ? "attention" : "window_attention", shape, count, phase))
        }
        if model.hasOutputGate {
            uses.append(use("output_gate", elementwise(.activation, own * dimension), layers))
        }
        uses.append(
            use(
                "output_projection", matrix(.attention, n: model.hidden, k: own * dimension), layers
            ))
        return uses
    }

    private func denseBlock() -> [OperatorUse] {
        guard model.denseLayers > 0 else { return [] }
        return feedForward(width: model.intermediate, count: model.denseLayers, prefix: "")
    }

    private func mixtureBlock() -> [OperatorUse] {
        guard let mixture = model.mixture, model.mixtureLayers > 0 else { return [] }
        let count = model.mixtureLayers
        let gpus = split.gpus(degree)
        let expertDegree = min(split.expertDegree, gpus)
        let experts = ExpertShape(
            hidden: model.hidden, intermediate: mixture.expertIntermediate,
            experts: mixture.experts, expertsPerToken: mixture.expertsPerToken,
            tensorDegree: gpus / expertDegree, expertDegree: expertDegree,
            distribution: distribution,
            format: weightFormat)
        let router = OperatorShape.gemm(n: mixture.experts, k: model.hidden, format: .bf16)
        var uses = [
            use("router", router, count),
            OperatorUse(
                name: "experts", shape: .experts(experts), count: count,
                extent: split.ranks > 1 ? .ranks : .tokens),
        ]
        if mixture.sharedIntermediate > 0 {
            uses += feedForward(
                width: mixture.sharedIntermediate, count: count, prefix: "shared_")
        }
        return uses
    }

    private func feedForward(width: Int, count: Int, prefix: String) -> [OperatorUse] {
        let own = sharded(width)
        return [
            use(
                prefix + "gate_up_projection", matrix(.feedForward, n: 2 * own, k: model.hidden),
                count),
            use(prefix + "activation", elementwise(.activation, own), count),
            use(prefix + "down_projection", matrix(.feedForward, n: model.hidden, k: own), count),
        ]
    }

    /// Bytes per token of a 32-bit sum of squares.
    private static let squaresBytes = 4

    /// Two all-reduces per layer among the GPUs of a rank, one where the experts of several ranks end
    /// in a scatter, and two of sums of squares where queries and keys are each normalised across the
    /// heads of all GPUs; decode runs them inside a captured graph, prefill outside.
    private func collectives(_ phase: Phase) -> [OperatorUse] {
        var uses = exchange
        guard degree.value > 1 else { return uses }
        let path = phase == .decode ? OperatorShape.graphPath : OperatorShape.eagerPath
        let shape = OperatorShape.collective(.allReduce, gpus: degree.value, path: path)
        uses.append(
            OperatorUse(
                name: "all_reduces", shape: shape,
                count: 2 * model.layers - (exchange.isEmpty ? 0 : model.mixtureLayers),
                extent: .message(bytesPerToken: 2 * model.hidden)))
        if model.queryKeyNorm == .acrossHeads {
            uses.append(
                OperatorUse(
                    name: "qk_norm_all_reduces", shape: shape, count: 2 * model.layers,
                    extent: .message(bytesPerToken: Self.squaresBytes)))
        }
        return uses
    }

    /// What ranks send each other around the routed experts.
    private var exchange: [OperatorUse] {
        guard split.ranks > 1, model.mixtureLayers > 0 else { return [] }
        return [OperatorShape.Collective.allGather, .reduceScatter].map { kind in
            OperatorUse(
                name: kind == .allGather ? "expert_gathers" : "expert_scatters",
                shape: .collective(kind, gpus: split.gpus(degree), path: "nccl"),
                count: model.mixtureLayers,
                extent: .ranksMessage(bytesPerToken: 2 * model.hidden))
        }
    }

    // MARK: Shapes

    func use(_ name: String, _ shape: OperatorShape, _ count: Int) -> OperatorUse {
        OperatorUse(name: name, shape: shape, count: count, extent: .tokens)
    }

    func attention(
        _ name: String, _ shape: AttentionShape, _ count: Int, _ phase: Phase
    ) -> OperatorUse {
        OperatorUse(
            name: name,
            shape: phase == .prefill
                ? .prefillAttention(shape, batch: 1) : .decodeAttention(shape),
            count: count, extent: .attention)
    }

    func matrix(_ part: ModelSpec.MatrixPart, n: Int, k: Int) -> OperatorShape {
        .gemm(n: n, k: k, format: model.format(of: part, in: weightFormat))
    }

    func elementwise(_ kind: OperatorShape.Elementwise, _ width: Int) -> OperatorShape {
        .elementwise(kind, width: width)
    }

    func sharded(_ size: Int) -> Int { (size + degree.value - 1) / degree.value }
}

extension StepOperators {
    /// The distinct operator shapes of both phases of a model at each degree.
    public static func shapes(
        of model: ModelSpec, weightFormat: NumberFormat, kvFormat: NumberFormat,
        degrees: [TensorParallelDegree], split: ModelSplit = .none
    ) -> [OperatorShape] {
        let uses = degrees.flatMap { degree in
            let step = Self(
                model: model, weightFormat: weightFormat, kvFormat: kvFormat, degree: degree,
                split: split)
            return Phase.allCases.flatMap { step.operators(of: $0) }
        }
        var seen: Set<OperatorShape> = []
        return uses.map(\.shape).filter { seen.insert($0).inserted }
    }
}
