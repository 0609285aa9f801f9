import CostModeling
import ServingDomain
import Testing

@Suite("Operators of a step (Appendix A.1)")
struct StepOperatorsTests {
    func operators(_ tp: Int, _ phase: Phase) -> [String: OperatorUse] {
        let step = StepOperators(
            model: llama70B, weightFormat: .bf16, kvFormat: .bf16, degree: degree(tp))
        return Dictionary(
            uniqueKeysWithValues: step.operators(of: phase).map { ($0.name, $0) })
    }

    @Test("Llama-3.1-70B at TP 4 has the sharded shapes of its configuration")
    func shapes() {
        let uses = operators(4, .decode)
        #expect(uses["qkv_projection"]?.shape == .gemm(n: 2560, k: 8192, format: .bf16))
        #expect(uses["output_projection"]?.shape == .gemm(n: 8192, k: 2048, format: .bf16))
        #expect(uses["gate_up_projection"]?.shape == .gemm(n: 14336, k: 8192, format: .bf16))
        #expect(uses["down_projection"]?.shape == .gemm(n: 8192, k: 7168, format: .bf16))
        #expect(uses["lm_head"]?.shape == .gemm(n: 32064, k: 8192, format: .bf16))
        #expect(uses["all_reduces"]?.count == 160)
        #expect(
            uses["all_reduces"]?.shape == .collective(.allReduce, gpus: 4, path: "vllm_graph"))
    }

    @Test("a norm across all heads needs the sums of squares of every GPU")
    func normAcrossHeads() {
        func operators(_ norm: ModelSpec.QueryKeyNorm?, _ tp: Int) -> [String: OperatorUse] {
            let model = ModelSpec(
                name: "m", architecture: "m", layers: 10, hidden: 1024,
                attention: .grouped(heads: 8, kvHeads: 8, headDimension: 128),
                intermediate: 4096, vocabulary: 1000, queryKeyNorm: norm, maxContext: 1000)
            let step = StepOperators(
                model: model, weightFormat: .bf16, kvFormat: .bf16, degree: degree(tp))
            return Dictionary(
                uniqueKeysWithValues: step.operators(of: .decode).map { ($0.name, $0) })
        }
        let across = operators(.acrossHeads, 2)["qk_norm_all_reduces"]
        #expect(across?.count == 20 && across?.extent == .message(bytesPerToken: 4))
        #expect(operators(.acrossHeads, 1)["qk_norm_all_reduces"] == nil)
        #expect(operators(.perHead, 2)["qk_norm_all_reduces"] == nil)
        #expect(
            operators(.perHead, 2)["qk_norm"]?.shape == operators(.acrossHeads, 2)["qk_norm"]?.shape
        )
        #expect(operators(nil, 2)["qk_norm"] == nil)
    }

    private let smallMixture = ModelSpec(
        name: "m", architecture: "m", layers: 3, hidden: 64,
        attention: .grouped(heads: 8, kvHeads: 8, headDimension: 8), intermediate: 128,
        mixture: .init(experts: 16, expertsPerToken: 2, expertIntermediate: 32, denseLayers: 1),
        vocabulary: 1000, maxContext: 1000)

    @Test("ranks keep attention to themselves and share the experts, for the tokens of all")
    func ranks() {
        func operators(_ split: ModelSplit) -> [String: OperatorUse] {
            let step = StepOperators(
                model: smallMixture, weightFormat: .bf16, kvFormat: .bf16, degree: degree(2),
                split: split)
            return Dictionary(
                uniqueKeysWithValues: step.operators(of: .decode).map { ($0.name, $0) })
        }
        let (one, four) = (operators(.none), operators(ModelSplit(ranks: 4, expertDegree: 2)))
        #expect(four["qkv_projection"] == one["qkv_projection"])
        #expect(four["attention"] == one["attention"] && four["lm_head"] == one["lm_head"])
        guard case .experts(let shape)? = four["experts"]?.shape else {
            Issue.record("no experts")
            return
        }
        #expect(shape.tensorDegree == 4 && shape.expertDegree == 2)
        #expect(one["experts"]?.extent == .tokens && four["experts"]?.extent == .ranks)
        // Behind the experts of two layers the sums are scattered instead of reduced to all.
        #expect(one["all_reduces"]?.count == 6 && four["all_reduces"]?.count == 4)
        #expect(one["expert_gathers"] == nil)
        for (name, kind) in [
            ("expert_gathers", OperatorShape.Collective.allGather),
            ("expert_scatters", .reduceScatter),
        ] {
            #expect(four[name]?.count == 2)
            #expect(four[name]?.shape == .collective(kind, gpus: 8, path: "nccl"))
            #expect(four[name]?.extent == .ranksMessage(bytesPerToken: 128))
        }
    }

    @Test("the costs of a rank alone hold what it shares, by its own tokens")
    func sharedCosts() throws {
        func worker(_ split: ModelSplit) throws -> WorkerCosts {
            let costs = CostModel.build(
                ServedModel(
                    model: smallMixture, weightFormat: .bf16, kvFormat: .bf16, split: split),
                degrees: [degree(1)],
                resolver: CurveResolver(
                    fit: ProfileFit(trust: .analytic, entries: []),
                    roofline: Roofline(hardware: roundGPU)),
                overhead: .none,
                transfer: TransferCosts(
                    latency: .zero, bandwidth: Bandwidth(bytesPerSecond: 1e9), bytesPerToken: 1))
            return try #require(costs.worker(degree(1)))
        }
        let rank = try worker(ModelSplit(ranks: 2, expertDegree: 2))
        #expect(rank.isShared)
        #expect(try !worker(ModelSplit(expertDegree: 1)).isShared)
        // Two ranks with 100 tokens each take longer than one, and less than twice as long.
        let alone = rank.prefillTime(history: 0, increment: 100)
        let both = rank.prefillTime(
            of: [(history: 0, increment: 100), (history: 0, increment: 100)], ranks: 2)
        #expect(both > alone && both < 2 * alone)
        let shared = rank.sharedTime(batch: 0, promptTokens: 100)
        let sharedByBoth = rank.sharedTime(batch: 0, promptTokens: 200)
        #expect(abs(both - (alone - shared + sharedByBoth)) < 1e-6)
        #expect(rank.prefillTime(of: [(history: 0, increment: 100)], ranks: 2) == alone)
    }

    @Test("experts are dealt out over some GPUs of a worker and split over the others")
    func expertParallelism() {
        func experts(_ tp: Int, _ ep: Int) -> ExpertShape? {
            let model = ModelSpec(
                name: "m", architecture: "m", layers: 2, hidden: 64,
                attention: .grouped(heads: 8, kvHeads: 8, headDimension: 8), intermediate: 0,
                mixture: .init(experts: 16, expertsPerToken: 2, expertIntermediate: 32),
                vocabulary: 1000, maxContext: 1000)
            let step = StepOperators(
                model: model, weightFormat: .bf16, kvFormat: .bf16, degree: degree(tp),
                split: ModelSplit(expertDegree: ep))
            for case .experts(let shape) in step.operators(of: .decode).map(\.shape) {
                return shape
            }
            return nil
        }
        #expect(experts(8, 1)?.tensorDegree == 8 && experts(8, 1)?.expertDegree == 1)
        #expect(experts(8, 2)?.tensorDegree == 4 && experts(8, 2)?.expertDegree == 2)
        #expect(experts(8, 8)?.tensorDegree == 1 && experts(8, 8)?.expertDegree == 8)
        #expect(experts(2, 8)?.tensorDegree == 1 && experts(2, 8)?.expertDegree == 2)
    }

    @Test("one GPU needs no all-reduce")
    func alone() {
        #expect(operators(1, .prefill)["all_reduces"] == nil)
    }

    @Test("matrix FLOPs of a prefill are two per parameter and token")
    func flops() {
        let uses = operators(1, .prefill).values.filter { $0.name != "attention" }
        let tokens = 1000
        let flops = uses.reduce(0.0) { sum, use in
            let point = use.point(tokens: tokens, cached: 0, sampled: tokens)
            return sum + use.shape.work(at: point).flops * Double(use.count)
        }
        let matrixParameters = Double(llama70B.parameterCount - 128_256 * 8192)
        #expect(abs(flops / (2 * matrixParameters * Double(tokens)) - 1) < 1e-3)
    }

    @Test("attention work of a history plus an increment is that of the whole prompt, in two parts")
    func splitWork() {
        let shape = AttentionShape(
            heads: 8, kvHeads: 1, headDimension: 128, window: 0, kvFormat: .bf16)
        let whole = shape.pairsSeen(increment: 5000, history: 0)
        let parts =
            shape.pairsSeen(increment: 3000, history: 0)
            + shape.pairsSeen(increment: 2000, history: 3000)
        #expect(whole == parts)
    }

    @Test("a sliding window bounds what each token sees")
    func window() {
        let shape = AttentionShape(
            heads: 8, kvHeads: 1, headDimension: 64, window: 128, kvFormat: .bf16)
        let brute = (0..<500).reduce(0) { $0 + min(128, $1 + 1) }
        #expect(shape.pairsSeen(increment: 500, history: 0) == Double(brute))
        #expect(shape.pairsSeen(increment: 10, history: 1000) == 1280)
    }
}
