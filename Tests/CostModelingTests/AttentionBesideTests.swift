import ServingDomain
import Testing

@testable import CostModeling

@Suite("Decode attention beside prompts and over uneven contexts")
struct AttentionBesideTests {
    private let model = ModelSpec(
        name: "m", architecture: "m", layers: 10, hidden: 1024,
        attention: .grouped(heads: 8, kvHeads: 2, headDimension: 128), intermediate: 4096,
        vocabulary: 1000, maxContext: 100_000)
    private let shape = AttentionShape(
        heads: 8, kvHeads: 2, headDimension: 128, window: 0, kvFormat: .bf16)

    /// Timings whose attention takes 1 ns per token and sequence alone, 3 ns beside a prompt, and
    /// 0.5 ns more per token of deviation, times the sequences.
    private func samples(_ shapes: Set<String>) -> [TimingSample] {
        let timed: [(String, OperatorShape, Double)] = [
            ("alone", .decodeAttention(shape), 1), ("mixed", .mixedDecodeAttention(shape), 3),
            ("uneven", .unevenDecodeAttention(shape, variation: 0), 1),
            ("uneven", .unevenDecodeAttention(shape, variation: 60), 1.3),
        ]
        return timed.filter { shapes.contains($0.0) }.flatMap { _, shape, perToken in
            [1, 8, 64].flatMap { batch in
                [256, 1024, 8192].map { context in
                    TimingSample(
                        shape: shape, point: OperatorPoint(x: batch, y: context),
                        nanoseconds: perToken * Double(batch * context))
                }
            }
        }
    }

    private func worker(
        _ shapes: Set<String>, _ overhead: EngineOverhead = .none
    ) throws -> WorkerCosts {
        let fit = ProfileFit.fit(samples(shapes), trust: .measured)
        let costs = CostModel.build(
            ServedModel(model: model, weightFormat: .bf16, kvFormat: .bf16), degrees: [.one],
            resolver: CurveResolver(fit: fit, roofline: Roofline(hardware: roundGPU)),
            overhead: overhead, transfer: TransferCosts(fixed: .zero))
        return try #require(costs.worker(.one))
    }

    @Test("a batch costs more in a step with part of a prompt, where that was timed")
    func mixed() throws {
        let chunk = [(history: 0, increment: 100)]
        let (plain, timed) = (try worker(["alone"]), try worker(["alone", "mixed"]))
        let (batch, context) = (8, 8 * 1024)
        let more =
            timed.timeAdded(by: chunk, beside: batch, context: context)
            - plain.timeAdded(by: chunk, beside: batch, context: context)
        // Ten layers, 2 ns per token of context more.
        #expect(abs(more - 10 * 2 * Double(context)) < 1)
        #expect(
            timed.timeAdded(by: chunk, beside: 0, context: 0)
                == plain.timeAdded(by: chunk, beside: 0, context: 0))
        #expect(
            timed.decodeStepTime(batch: batch, totalContext: context)
                == plain.decodeStepTime(batch: batch, totalContext: context))
    }

    @Test("contexts that differ cost what their deviation says, in steps without prompts")
    func uneven() throws {
        let timed = try worker(["alone", "uneven"])
        #expect(timed.dependsOnSpread)
        #expect(try !worker(["alone"]).dependsOnSpread)
        // 0.3 of the mean for a deviation of 0.6 of it: 0.5 ns per token, sequence and layer.
        #expect(abs(timed.spreadTime(batch: 8, deviation: 100) - 10 * 0.5 * 8 * 100) < 1)
        #expect(timed.spreadTime(batch: 8, deviation: 100, besidePrompts: true) == 0)
        // Held beyond the last batch that was timed.
        #expect(
            timed.spreadTime(batch: 640, deviation: 100)
                == timed.spreadTime(batch: 64, deviation: 100))
        let slower = EngineOverhead(decodeFactor: 2, source: "test")
        #expect(
            abs(
                try worker(["alone", "uneven"], slower).spreadTime(batch: 8, deviation: 100)
                    - 10 * 2 * 0.5 * 8 * 100) < 1)
    }
}
