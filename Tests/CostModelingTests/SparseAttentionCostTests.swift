import CostModeling
import ServingDomain
import Testing

@Suite("Costs of attention to chosen tokens")
struct SparseAttentionCostTests {
    private func model(_ sparse: SparseAttention?) -> ModelSpec {
        ModelSpec(
            name: "m", architecture: "m", layers: 8, hidden: 6144,
            attention: .latent(
                .init(
                    heads: 64, queryRank: 2048, kvRank: 512, nopeDimension: 192,
                    ropeDimension: 64, valueDimension: 256, sparse: sparse)),
            intermediate: 12_288, vocabulary: 1000, maxContext: 200_000)
    }

    private let sparse = SparseAttention(tokens: 2048, heads: 32, dimension: 128, layers: 6)

    private func operators(_ phase: Phase, _ tp: Int = 8) -> [String: OperatorUse] {
        let step = StepOperators(
            model: model(sparse), weightFormat: .fp8, kvFormat: .bf16, degree: degree(tp))
        return Dictionary(
            uniqueKeysWithValues: step.operators(of: phase).map { ($0.name, $0) })
    }

    private func worker(_ model: ModelSpec) throws -> WorkerCosts {
        let costs = CostModel.build(
            ServedModel(model: model, weightFormat: .fp8, kvFormat: .bf16), degrees: [.one],
            resolver: CurveResolver(
                fit: ProfileFit(trust: .analytic, entries: []),
                roofline: Roofline(hardware: roundGPU)),
            overhead: .none, transfer: TransferCosts(fixed: .zero))
        return try #require(costs.worker(.one))
    }

    @Test("prompts and decode attend to 2,048 latents at most, and score all keys on every GPU")
    func shapes() {
        for (phase, uses) in [
            (Phase.prefill, operators(.prefill)), (.decode, operators(.decode)),
        ] {
            // Eight heads of twice the width; of prompts 64 are computed.
            let own = AttentionShape(
                heads: phase == .prefill ? 128 : 16, kvHeads: 1, headDimension: 288,
                window: 2048, kvFormat: .bf16)
            let scores = ScoreShape(heads: 32, dimension: 128)
            #expect(
                uses["attention"]?.shape
                    == (phase == .prefill
                        ? .prefillAttention(own, batch: 1) : .decodeAttention(own)))
            #expect(
                uses["index_scores"]?.shape
                    == (phase == .prefill ? .prefillScores(scores) : .decodeScores(scores)))
            #expect(uses["attention"]?.count == 8 && uses["index_scores"]?.count == 6)
            #expect(uses["index_query_projection"]?.shape == .gemm(n: 4096, k: 2048, format: .fp8))
            #expect(uses["index_key_projection"]?.shape == .gemm(n: 160, k: 6144, format: .fp8))
            // Nothing is expanded for a history.
            #expect(uses["kv_up_projection"]?.extent == .tokens)
        }
        // 32 heads of 128 score a context of 100: two operations each, a key of 132 bytes, a query, and a score of
        // four bytes written and read. Three tokens of a prompt after ten meet 11 + 12 + 13.
        let decode = operators(.decode)["index_scores"]?.shape.work(at: OperatorPoint(x: 1, y: 100))
        #expect(
            decode
                == Work(
                    flops: Double(2 * 4096 * 100), bytes: Double(132 * 100 + 4096 + 8 * 100)))
        let prompt = operators(.prefill)["index_scores"]?.shape.work(at: OperatorPoint(x: 3, y: 10))
        #expect(
            prompt
                == Work(
                    flops: Double(2 * 4096 * 36), bytes: Double(132 * 13 + 3 * 4096 + 8 * 36)))
    }

    @Test("beyond the chosen tokens a context costs its keys alone")
    func longContexts() throws {
        let (whole, chosen) = (try worker(model(nil)), try worker(model(sparse)))
        func step(_ worker: WorkerCosts, _ context: Int) -> Double {
            worker.decodeStepTime(batch: 64, totalContext: 64 * context)
        }
        let (few, many) = (8192, 65_536)
        let keys = Double(64 * (many - few) * 6 * 140) / roundGPU.memoryBandwidth.bytesPerSecond
        let longer = step(chosen, many) - step(chosen, few)
        #expect(longer > keys * 1e9 && longer < 2 * keys * 1e9)
        #expect(step(whole, many) - step(whole, few) > 4 * longer)
        #expect(
            chosen.prefillTime(history: 100_000, increment: 512)
                < whole.prefillTime(history: 100_000, increment: 512))
    }
}
