import CostModeling
import ServingDomain
import Testing

@Suite("Costs of layers with linear attention")
struct LinearAttentionCostTests {
    private let hybrid = ModelSpec(
        name: "hybrid", architecture: "m", layers: 8, hidden: 4096,
        attention: .grouped(heads: 32, kvHeads: 2, headDimension: 256), intermediate: 1024,
        vocabulary: 1000, queryKeyNorm: .perHead,
        linearAttention: .init(
            layers: 6, keyHeads: 16, valueHeads: 64, keyDimension: 128, valueDimension: 128,
            convolution: 4),
        hasOutputGate: true, maxContext: 262_144)

    private func operators(_ tp: Int, _ phase: Phase) -> [String: OperatorUse] {
        let step = StepOperators(
            model: hybrid, weightFormat: .fp8, kvFormat: .bf16, degree: degree(tp))
        return Dictionary(
            uniqueKeysWithValues: step.operators(of: phase).map { ($0.name, $0) })
    }

    private func worker(
        _ tp: Int, _ overhead: EngineOverhead = .none
    ) throws -> WorkerCosts {
        let costs = CostModel.build(
            ServedModel(model: hybrid, weightFormat: .fp8, kvFormat: .bf16),
            degrees: [degree(tp)],
            resolver: CurveResolver(
                fit: ProfileFit(trust: .analytic, entries: []),
                roofline: Roofline(hardware: roundGPU)),
            overhead: overhead, transfer: TransferCosts(fixed: .zero))
        return try #require(costs.worker(degree(tp)))
    }

    @Test("six layers have a recurrence and two attention, on an eighth of the heads each")
    func shapes() {
        let (prefill, decode) = (operators(8, .prefill), operators(8, .decode))
        let shape = RecurrenceShape(
            keyHeads: 2, valueHeads: 8, keyDimension: 128, valueDimension: 128)
        #expect(prefill["linear_attention"]?.shape == .prefillRecurrence(shape))
        #expect(decode["linear_attention"]?.shape == .decodeRecurrence(shape))
        #expect(decode["linear_attention"]?.count == 6 && decode["attention"]?.count == 2)
        #expect(decode["linear_projection"]?.shape == .gemm(n: 2560, k: 4096, format: .fp8))
        #expect(decode["linear_rates"]?.shape == .gemm(n: 16, k: 4096, format: .bf16))
        #expect(
            decode["linear_output_projection"]?.shape == .gemm(n: 4096, k: 1024, format: .fp8))
        // Four heads with their gates, and one of keys and values.
        #expect(decode["qkv_projection"]?.shape == .gemm(n: 2560, k: 4096, format: .fp8))
        #expect(decode["output_gate"]?.shape == .elementwise(.activation, width: 1024))
        #expect(decode["all_reduces"]?.count == 16)
    }

    @Test("a decode step reads the states of its batch, whatever their contexts")
    func decode() throws {
        let costs = try worker(1)
        let (few, many) = (64, 128)
        let longer =
            costs.decodeStepTime(batch: many, totalContext: many)
            - costs.decodeStepTime(batch: few, totalContext: few)
        // 64 sequences more: states of 64 x 128 x 128 values of four bytes, read and written.
        let states =
            Double(64 * 6 * 64 * 128 * 128 * 8) / roundGPU.memoryBandwidth.bytesPerSecond * 1e9
        #expect(longer > states && longer < 2 * states)
    }

    @Test("sequences that decode beside a prompt read their states, and the prompt's tokens do not")
    func mixed() throws {
        let costs = try worker(1)
        func step(_ batch: Int) -> Double {
            costs.decodeStepTime(batch: batch, totalContext: batch)
                + costs.timeAdded(
                    by: [(history: 0, increment: 2048)], beside: batch, context: batch)
        }
        let states =
            Double(64 * 6 * 64 * 128 * 128 * 8) / roundGPU.memoryBandwidth.bytesPerSecond * 1e9
        #expect(step(128) - step(64) > states)
        // As read and written states, 2,048 tokens would take 40 ms.
        #expect(costs.prefillTime(history: 0, increment: 2048) < 20e6)
        #expect(
            costs.prefillTime(of: Array(repeating: (history: 0, increment: 1024), count: 2))
                < 2 * costs.prefillTime(history: 0, increment: 1024))
    }

    @Test("host time of the recurrences comes to every step with prompts once, also beside a batch")
    func host() throws {
        let overhead = EngineOverhead(perRecurrence: .microseconds(500), source: "test")
        let (plain, slow) = (try worker(1), try worker(1, overhead))
        // Six layers.
        let host = 6 * 500e3
        let prompts = Array(repeating: (history: 0, increment: 512), count: 2)
        func added(_ worker: WorkerCosts, _ batch: Int) -> Double {
            worker.timeAdded(by: prompts, beside: batch, context: 100 * batch)
        }
        for batch in [0, 8] {
            #expect(abs(added(slow, batch) - added(plain, batch) - host) < 1e-3)
        }
        #expect(
            abs(
                slow.prefillTime(history: 0, increment: 512)
                    - plain.prefillTime(history: 0, increment: 512) - host) < 1e-3)
        #expect(
            slow.decodeStepTime(batch: 8, totalContext: 800)
                == plain.decodeStepTime(batch: 8, totalContext: 800))
        let slowed = slow.slowed(prefill: 2, decode: 1)
        #expect(abs(added(slowed, 0) - 2 * added(slow, 0)) < 1)
    }

    @Test("a transfer moves the states once, however many tokens")
    func transfers() {
        let transfer = TransferCosts(
            KVTransfer(latency: .zero, bandwidth: Bandwidth(gigabytesPerSecond: 1)), of: hybrid,
            .bf16, engine: Engine(name: "e", overhead: .none))
        func time(_ tokens: Int) -> Double {
            transfer.bytes(tokens: tokens, between: .one, and: .one, over: .intraNode)
        }
        // One byte per nanosecond; 4,096 bytes of a token in two layers, and six states.
        let states = Double(6 * (64 * 128 * 128 * 4 + 3 * 12_288 * 2))
        #expect(time(0) == 0)
        #expect(abs(time(1) - states - 4096) < 1e-3)
        #expect(abs(time(1000) - states - 4_096_000) < 1e-3)
        // Between workers of eight GPUs two hold different keys and values, and all of them other states.
        let wide = transfer.bytes(
            tokens: 1000, between: degree(8), and: degree(8), over: .intraNode)
        #expect(abs(wide - states / 8 - 4_096_000 / 2) < 1e-3)
        let host = HostTier(
            capacity: Tokens(1000), latency: .zero, bandwidth: Bandwidth(gigabytesPerSecond: 1),
            bytesPerToken: Bytes(4096), parts: 2, stateBytes: Bytes(800), stateParts: 16)
        #expect(host.time(tokens: 10, degree(8)) == 10 * 4096 / 2 + 100)
    }
}
