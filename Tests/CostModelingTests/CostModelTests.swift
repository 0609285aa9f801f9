import Scheduling
import ServingDomain
import Testing

@testable import CostModeling

@Suite("Curves for shapes that were never measured")
struct CurveResolverTests {
    let shape = OperatorShape.gemm(n: 1024, k: 1024, format: .bf16)
    var fit: ProfileFit {
        .fit(
            (0...12).map { sample(shape, 1 << $0, 0, 1000 + 10 * Double(1 << $0)) },
            trust: .measured)
    }
    var resolver: CurveResolver {
        CurveResolver(fit: fit, roofline: Roofline(hardware: roundGPU))
    }

    @Test("a measured shape keeps its own curve and trust")
    func own() {
        let found = resolver.resolve(shape)
        #expect(found.trust == .measured && found.neighbour == nil)
        #expect(found.curve(OperatorPoint(x: 512)) == 6120)
    }

    @Test(
        "a shape that was not measured takes its neighbour's times the ratio of both rooflines, and is marked"
    )
    func neighbour() {
        let twice = OperatorShape.gemm(n: 2048, k: 1024, format: .bf16)
        let found = resolver.resolve(twice)
        #expect(found.trust == .neighbour && found.neighbour == shape)
        let roofline = Roofline(hardware: roundGPU)
        for tokens in [1, 24, 512, 4096] {
            let point = OperatorPoint(x: tokens)
            let ratio = roofline.time(twice, at: point) / roofline.time(shape, at: point)
            let time = (1000 + 10 * Double(tokens)) * ratio
            #expect(abs(found.curve(point) / time - 1) < 1e-9)
        }
        // Few tokens take launches, many arithmetic.
        let few = found.curve(OperatorPoint(x: 1)) / 1010
        let many = found.curve(OperatorPoint(x: 4096)) / 41_960
        #expect(few > 1 && few < 1.3 && many > 1.5 && many < 2)
    }

    @Test("another number format is never carried over: the roofline answers")
    func analytic() {
        #expect(resolver.resolve(.gemm(n: 1024, k: 1024, format: .fp8)).trust == .analytic)
    }

    @Test("experts split further than was measured save what was saved last, less a fifth")
    func shardTrend() {
        func experts(_ degree: Int) -> OperatorShape {
            .experts(
                ExpertShape(
                    hidden: 1024, intermediate: 4096, experts: 8, expertsPerToken: 2,
                    tensorDegree: degree, expertDegree: 1, distribution: "balanced",
                    format: .bf16))
        }
        func resolver(_ degrees: [Int]) -> CurveResolver {
            let samples = degrees.flatMap { degree in
                (0...12).map { power in
                    let time = 10_000 + 100 * Double(1 << power)
                    return sample(experts(degree), 1 << power, 0, degree == 1 ? time : 0.6 * time)
                }
            }
            return CurveResolver(
                fit: .fit(samples, trust: .measured), roofline: Roofline(hardware: roundGPU))
        }
        let point = OperatorPoint(x: 256)
        let whole = 10_000 + 100 * 256.0
        let found = resolver([1, 2]).resolve(experts(4))
        #expect(found.trust == .neighbour && found.neighbour == experts(2))
        #expect(abs(found.curve(point) / whole - 0.6 * 0.68) < 1e-9)
        let further = resolver([1, 2]).resolve(experts(8)).curve(point)
        #expect(abs(further / whole - 0.6 * 0.68 * 0.744) < 1e-9)
        // One degree tells no trend: rooflines do.
        let roofline = Roofline(hardware: roundGPU)
        let ratio = roofline.time(experts(4), at: point) / roofline.time(experts(2), at: point)
        #expect(abs(resolver([2]).resolve(experts(4)).curve(point) / whole - 0.6 * ratio) < 1e-9)
        #expect(resolver([1, 2]).resolve(experts(2)).trust == .measured)
        // Timed at other tokens each, two degrees tell no trend either.
        let apart = [
            sample(experts(1), 4096, 0, 1e6), sample(experts(1), 8192, 0, 2e6),
            sample(experts(2), 1, 0, 1e4), sample(experts(2), 64, 0, 2e4),
        ]
        let fit = ProfileFit.fit(apart, trust: .measured)
        let found4 = CurveResolver(fit: fit, roofline: Roofline(hardware: roundGPU))
            .resolve(experts(4))
        let last = OperatorPoint(x: 64)
        let of4 = roofline.time(experts(4), at: last) / roofline.time(experts(2), at: last)
        #expect(abs(found4.curve(last) - 2e4 * of4) < 1e-6)
    }

    @Test("scales of blocks cost a measured product at most 3 us more than one scale")
    func blockScales() {
        let shapes = [NumberFormat.fp8, .fp8Block].map {
            OperatorShape.gemm(n: 1024, k: 1024, format: $0)
        }
        // 60 us whatever is computed, beside 5 us and 10 ns per token.
        let samples = (0...12).flatMap { power in
            [
                sample(shapes[0], 1 << power, 0, 5000 + 10 * Double(1 << power)),
                sample(shapes[1], 1 << power, 0, 60_000),
            ]
        }
        let resolver = CurveResolver(
            fit: .fit(samples, trust: .measured), roofline: Roofline(hardware: roundGPU))
        let found = resolver.resolve(shapes[1])
        #expect(abs(found.curve(OperatorPoint(x: 64)) - 8640) < 1)
        // From 5,200 tokens on, outside of what was measured here, its own time is the lower.
        #expect(abs(found.curve(OperatorPoint(x: 4096)) - 48_960) < 1)
        #expect(found.trust == .neighbour && found.neighbour == shapes[0])
        #expect(!found.curve.covers(OperatorPoint(x: 5000)))
        #expect(resolver.resolve(shapes[0]).trust == .measured)
    }
}

@Suite("Cost functions of a worker (§3)")
struct WorkerCostsTests {
    func costs(_ tp: Int, _ overhead: EngineOverhead = .none) -> WorkerCosts {
        let roofline = Roofline(hardware: roundGPU)
        let resolver = CurveResolver(
            fit: ProfileFit(trust: .analytic, entries: []), roofline: roofline)
        let model = CostModel.build(
            llamaCase, degrees: [degree(tp)], resolver: resolver, overhead: overhead)
        return model.worker(degree(tp)) ?? model.serving[0].costs
    }

    var llamaCase: Case {
        Case(
            name: "test", model: llama70B, weightFormat: .bf16, kvFormat: .bf16,
            hardware: roundGPU, cluster: Cluster(gpu: "round", nodes: 1, gpusPerNode: 8),
            transfer: KVTransfer(
                latency: .milliseconds(5), bandwidth: Bandwidth(gigabytesPerSecond: 50)),
            engine: Engine(name: "vllm", overhead: .none),
            workload: Workload(
                sessions: .recorded(SessionTable()), rate: Rate(sessionsPerSecond: 1)),
            service: ServiceLevel(ttft: .seconds(1), itl: .milliseconds(50)),
            policy: ServingPolicy(), planning: .init())
    }

    @Test("the compiled step equals the sum over its operators")
    func compiled() {
        let roofline = Roofline(hardware: roundGPU)
        let steps = StepOperators(
            model: llama70B, weightFormat: .bf16, kvFormat: .bf16, degree: degree(4))
        let sum = steps.operators(of: .decode).reduce(0.0) { sum, use in
            let point = use.point(tokens: 32, cached: 2048, sampled: 32)
            return sum + Double(use.count) * roofline.time(use.shape, at: point)
        }
        let step = costs(4).decodeStepTime(batch: 32, totalContext: 32 * 2048)
        #expect(abs(step / sum - 1) < 0.02)
    }

    @Test("prefill of more tokens, or over more history, never takes less time")
    func monotone() {
        let worker = costs(4)
        for history in [0, 100, 5000, 60_000] {
            var last = 0.0
            for increment in stride(from: 16, through: 20_000, by: 1111) {
                let time = worker.prefillTime(history: history, increment: increment)
                #expect(time >= last)
                #expect(worker.prefillTime(history: history + 500, increment: increment) >= time)
                last = time
            }
        }
    }

    @Test("a larger degree is never slower for a prompt of 8,192 tokens")
    func scaling() {
        let times = [1, 2, 4, 8].map { costs($0).prefillTime(history: 0, increment: 8192) }
        #expect(times == times.sorted(by: >))
    }

    @Test("a step never beats the physical floor, extrapolated or not")
    func floor() {
        let worker = costs(4)
        for tokens in [100, 10_000, 1_000_000] {
            let flops = 2 * Double(llama70B.parameterCount - 2 * 128_256 * 8192) * Double(tokens)
            let time = worker.prefillTime(history: 0, increment: tokens)
            #expect(time >= flops / 4 / 1e15 * 1e9)
        }
    }

    @Test("host time is added once per step, layer and sequence")
    func overhead() {
        let host = EngineOverhead(
            perStep: .milliseconds(1), perLayer: .microseconds(10), perSequence: .microseconds(5),
            source: "test")
        let difference =
            costs(4, host).decodeStepTime(batch: 8, totalContext: 800)
            - costs(4).decodeStepTime(batch: 8, totalContext: 800)
        #expect(abs(difference - (1e6 + 80 * 1e4 + 8 * 5e3)) < 1)
    }

    @Test("a hidden host is no addition but a least time, of prefill and decode steps")
    func hiddenHost() {
        func host(_ perSequence: Duration) -> WorkerCosts {
            costs(
                4,
                EngineOverhead(
                    perStep: .milliseconds(1), perLayer: .microseconds(10),
                    perSequence: perSequence, isHidden: true, source: "test"))
        }
        let (bare, brief, long) = (costs(4), host(.zero), host(.milliseconds(20)))
        // 1 ms and 80 layers of 10 us are less than a step computes.
        #expect(
            brief.decodeStepTime(batch: 8, totalContext: 800)
                == bare.decodeStepTime(batch: 8, totalContext: 800))
        #expect(long.decodeStepTime(batch: 8, totalContext: 800) == 161.8e6)
        #expect(
            long.prefillTime(of: [(history: 0, increment: 10), (history: 0, increment: 10)])
                == 41.8e6)
        #expect(long.prefillTime(history: 0, increment: 10) == 21.8e6)
        #expect(
            long.prefillTime(history: 0, increment: 20_000)
                == bare.prefillTime(history: 0, increment: 20_000))
        // Beside a batch the host counts once, in the decode step.
        let chunk = CollectionOfOne((history: 0, increment: 10))
        #expect(
            long.timeAdded(by: chunk, beside: 8, context: 800)
                == bare.timeAdded(by: chunk, beside: 8, context: 800))
        #expect(long.timeAdded(by: chunk, beside: 0, context: 0) == 21.8e6)
    }

    @Test(
        "launching kernels one by one is the least time of a step with prompts, alone and beside a batch"
    )
    func launches() {
        let perLayer = Duration.microseconds(250)
        let (bare, launched) = (
            costs(4, EngineOverhead(perStep: .milliseconds(1), source: "test")),
            costs(
                4,
                EngineOverhead(
                    perStep: .milliseconds(1), launchPerLayer: perLayer, source: "test"))
        )
        // 80 layers of 250 us, and what the GPU waits for before.
        #expect(launched.prefillTime(history: 0, increment: 10) == 21e6)
        #expect(
            launched.prefillTime(history: 0, increment: 20_000)
                == bare.prefillTime(history: 0, increment: 20_000))
        // Decode steps are replayed.
        let decode = bare.decodeStepTime(batch: 8, totalContext: 800)
        #expect(launched.decodeStepTime(batch: 8, totalContext: 800) == decode)
        let chunk = CollectionOfOne((history: 0, increment: 10))
        #expect(decode + bare.timeAdded(by: chunk, beside: 8, context: 800) < 21e6)
        let step = decode + launched.timeAdded(by: chunk, beside: 8, context: 800)
        #expect(abs(step - 21e6) < 1)
        let long = CollectionOfOne((history: 0, increment: 20_000))
        let longer = launched.timeAdded(by: long, beside: 8, context: 800)
        #expect(abs(longer - bare.timeAdded(by: long, beside: 8, context: 800)) < 1)
        // Host time of the prompt's sequence comes before the launches, as without a batch.
        let slow = costs(
            4,
            EngineOverhead(
                launchPerLayer: perLayer, perSequence: .milliseconds(3), source: "test"))
        #expect(slow.prefillTime(history: 0, increment: 10) == 23e6)
        let both =
            slow.decodeStepTime(batch: 1, totalContext: 100)
            + slow.timeAdded(by: chunk, beside: 1, context: 100)
        #expect(abs(both - 26e6) < 1)
    }

    @Test("where the host works ahead, launches come to the rest of its time")
    func hiddenLaunches() {
        let overhead = EngineOverhead(
            perStep: .milliseconds(1), launchPerLayer: .microseconds(250),
            perSequence: .milliseconds(2), isHidden: true, source: "test")
        #expect(costs(4, overhead).prefillTime(history: 0, increment: 10) == 23e6)
        let slowed = costs(4, overhead).slowed(prefill: 2, decode: 1)
        #expect(slowed.prefillTime(history: 0, increment: 10) == 46e6)
        #expect(costs(4, overhead).decodeStepTime(batch: 1, totalContext: 1) < 21e6)
    }

    @Test("a compiled step with a hidden host bends where its attention takes over")
    func hiddenHostLine() {
        let bare = costs(4)
        let overhead = EngineOverhead(perStep: .milliseconds(20), isHidden: true, source: "test")
        let line = costs(4, overhead).decode.line(batch: 8)
        for context in stride(from: 0, through: 4_000_000, by: 12_344) {
            let expected = max(bare.decodeStepTime(batch: 8, totalContext: context), 20e6)
            let found = Ticks.exactNanoseconds(
                Ticks.wide(line.pieces[line.index(context)].ticks(context)))
            #expect(abs(found - expected) < 1 + Double(context) * 0x1p-20, "\(context)")
        }
        #expect(line.pieces.first?.slope == 0)
    }

    @Test("prompts cost their kernels a factor, experts from 128 to 1,024 tokens ever more of one")
    func factors() throws {
        let roofline = Roofline(hardware: roundGPU)
        let overhead = EngineOverhead(promptFactor: 1.5, expertFactor: 2, source: "test")
        func part(_ shape: OperatorShape, _ phase: Phase) -> StepComponent {
            StepComponent(
                phase: phase,
                use: OperatorUse(name: "", shape: shape, count: 1, extent: .tokens),
                resolved: ResolvedCurve(
                    curve: OperatorCurve(
                        shape: shape, form: .line(.line(intercept: 1e6, slope: 1e5))),
                    trust: .measured, neighbour: nil),
                roofline: roofline, overhead: overhead)
        }
        let product = OperatorShape.gemm(n: 64, k: 64, format: .bf16)
        let experts = OperatorShape.experts(
            ExpertShape(
                hidden: 64, intermediate: 64, experts: 8, expertsPerToken: 2, tensorDegree: 1,
                expertDegree: 1, distribution: "balanced", format: .bf16))
        func table(_ tokens: Int) -> Double { 1e6 + 1e5 * Double(tokens) }
        for tokens in [1, 128, 576, 1024, 5000] {
            #expect(part(product, .decode).time(tokens: tokens, cached: 0) == table(tokens))
            #expect(
                abs(part(product, .prefill).time(tokens: tokens, cached: 0) - 1.5 * table(tokens))
                    < 1e-3)
        }
        let collective = OperatorShape.collective(
            .allReduce, gpus: 2, path: OperatorShape.graphPath)
        for phase in Phase.allCases {
            #expect(part(collective, phase).time(tokens: 5000, cached: 0) == table(5000))
        }
        for (tokens, factor) in [(1, 1.0), (128, 1), (576, 1.5), (1024, 2), (5000, 2)] {
            let time = part(experts, .decode).time(tokens: tokens, cached: 0)
            #expect(abs(time - factor * table(tokens)) < 1e-3, "\(tokens)")
        }
    }

    @Test("decode steps have a factor of their own, attention too; collectives wait for each other")
    func decodeAndCollectives() {
        let bare = costs(2)
        let collectives = 2 * llama70B.layers
        let waiting = costs(2, EngineOverhead(perCollective: .microseconds(4), source: "test"))
        #expect(
            abs(
                waiting.decodeStepTime(batch: 8, totalContext: 8_000)
                    - bare.decodeStepTime(batch: 8, totalContext: 8_000)
                    - 4e3 * Double(collectives)) < 1)
        #expect(
            abs(
                waiting.prefillTime(history: 0, increment: 512)
                    - bare.prefillTime(history: 0, increment: 512) - 4e3 * Double(collectives)) < 1)
        let alone = costs(1, EngineOverhead(perCollective: .microseconds(4), source: "test"))
        #expect(alone == costs(1))
        let slow = costs(2, EngineOverhead(decodeFactor: 1.5, source: "test"))
        #expect(
            abs(
                slow.decodeStepTime(batch: 8, totalContext: 80_000)
                    / bare.decodeStepTime(batch: 8, totalContext: 80_000) - 1.5) < 1e-9)
        #expect(
            slow.prefillTime(history: 0, increment: 512)
                == bare.prefillTime(history: 0, increment: 512))
    }

    @Test("a transfer is alpha plus size over the narrower side, and nothing for nothing")
    func transfer() {
        let transfer = TransferCosts(
            latency: .milliseconds(5), bandwidth: Bandwidth(gigabytesPerSecond: 50),
            bytesPerToken: Bytes(327_680))
        let time = transfer.time(
            tokens: 1000, between: degree(8), and: degree(2), over: .interNode)
        #expect(abs(time - (5e6 + 327_680_000 / 100.0)) < 1e-3)
        #expect(transfer.time(tokens: 0, between: .one, and: .one, over: .intraNode) == 0)
    }

    @Test("of layers that keep a window the last tokens move alone")
    func transferOfWindows() {
        let transfer = TransferCosts(
            KVTransfer(latency: .zero, bandwidth: Bandwidth(gigabytesPerSecond: 1)),
            bytesPerToken: 1000, windowBytes: 500, window: 128)
        func time(_ tokens: Int) -> Double {
            transfer.bytes(tokens: tokens, between: .one, and: .one, over: .intraNode)
        }
        // One byte per nanosecond.
        #expect(abs(time(100) - 150_000) < 1e-6)
        #expect(abs(time(1000) - 1_064_000) < 1e-6)
    }

    @Test(
        "a transfer pays for its blocks, takes its class of link, and no more than a node's cards")
    func transferTerms() {
        let transfer = TransferCosts(
            KVTransfer(
                latency: .microseconds(5), perBlock: .nanoseconds(300),
                intraNode: Bandwidth(gigabytesPerSecond: 100),
                interNode: Bandwidth(gigabytesPerSecond: 10)),
            bytesPerToken: 1000, blockSize: 16, networkLanes: 4)
        #expect(transfer.lead(tokens: 16) == 5300)
        #expect(transfer.lead(tokens: 17) == 5600)
        #expect(transfer.lead(tokens: 0) == 0)
        func bytes(_ first: Int, _ second: Int, _ link: LinkClass) -> Double {
            transfer.bytes(
                tokens: 800, between: degree(first), and: degree(second), over: link)
        }
        // 800,000 bytes at 100 or 10 bytes per nanosecond and lane.
        #expect(abs(bytes(8, 8, .intraNode) - 1000) < 1e-9)
        #expect(abs(bytes(2, 8, .interNode) - 40_000) < 1e-9)
        #expect(abs(bytes(8, 8, .interNode) - 20_000) < 1e-9)
    }
}

@Suite("One time per operator")
struct StepComponentTests {
    private func model(_ spec: ModelSpec, _ fit: ProfileFit) -> CostModel {
        CostModel.build(
            ServedModel(model: spec, weightFormat: .bf16, kvFormat: .bf16),
            degrees: [degree(2), degree(8)],
            resolver: CurveResolver(fit: fit, roofline: Roofline(hardware: roundGPU)),
            overhead: .none,
            transfer: TransferCosts(
                latency: .zero, bandwidth: Bandwidth(gigabytesPerSecond: 1), bytesPerToken: 1))
    }

    /// A fit that ends early, so that most steps are outside.
    private var short: ProfileFit {
        let gemm = OperatorShape.gemm(n: 8192, k: 1024, format: .bf16)
        return .fit(
            (0...6).map { sample(gemm, 1 << $0, 0, 4000 + 3 * Double(1 << $0)) },
            trust: .measured)
    }

    @Test("the simulator's step is the sum of what reports print, inside and outside the fit")
    func sums() throws {
        for spec in [llama70B, latentModel] {
            let model = model(spec, short)
            for degree in [degree(2), degree(8)] {
                let worker = try #require(model.worker(degree))
                for (tokens, cached) in [(1, 0), (48, 100), (700, 9000), (50_000, 400_000)] {
                    for (phase, costs) in [
                        (Phase.prefill, worker.prefill), (.decode, worker.decode),
                    ] {
                        let parts = model.parts(of: WorkerKind(degree)).filter { $0.phase == phase }
                        let sum = parts.reduce(0) { $0 + $1.time(tokens: tokens, cached: cached) }
                        let step = costs.time(tokens: tokens, cached: cached)
                        #expect(abs(step / sum - 1) < 1e-9)
                    }
                }
            }
        }
    }

    @Test("attention is never quicker than reading new and cached tokens, in the compiled step too")
    func readFloor() throws {
        let operators = StepOperators(
            model: llama70B, weightFormat: .bf16, kvFormat: .bf16, degree: degree(8))
        let attention = try #require(
            operators.operators(of: .prefill).first { $0.name == "attention" })
        let samples = [64, 1024].flatMap { tokens in
            [0, 1000, 100_000].map { sample(attention.shape, tokens, $0, 1) }
        }
        let model = model(llama70B, .fit(samples, trust: .measured))
        let parts = model.parts(of: WorkerKind(degree(8))).filter { $0.phase == .prefill }
        let part = try #require(parts.first { $0.use.name == "attention" })
        for (tokens, cached) in [(64, 1000), (100, 90_000)] {
            let floor = 80 * part.readFloor * Double(tokens + cached)
            #expect(floor > 80 * 2)
            #expect(abs(part.time(tokens: tokens, cached: cached) / floor - 1) < 1e-12)
            let sum = parts.reduce(0) { $0 + $1.time(tokens: tokens, cached: cached) }
            let step = try #require(model.worker(degree(8))).prefill
            #expect(abs(step.time(tokens: tokens, cached: cached) / sum - 1) < 1e-12)
        }
    }

    @Test("prompts in one step share what depends on all tokens and pay their own attention")
    func together() throws {
        let worker = try #require(model(llama70B, short).worker(degree(8)))
        let alone = worker.prefillTime(history: 500, increment: 300)
        #expect(worker.prefillTime(of: [(history: 500, increment: 300)]) == alone)
        let both = worker.prefillTime(of: [
            (history: 500, increment: 300), (history: 0, increment: 200),
        ])
        let apart = alone + worker.prefillTime(history: 0, increment: 200)
        #expect(both < apart && both > alone)
    }

    @Test("a latent cache is expanded again for every prefill over it")
    func latentHistory() throws {
        let empty = ProfileFit(trust: .analytic, entries: [])
        let parts = model(latentModel, empty).parts(of: WorkerKind(degree(8)))
        let expansion = try #require(
            parts.first { $0.phase == .prefill && $0.use.name == "kv_up_projection" })
        let short = expansion.work(tokens: 100, cached: 0).flops
        #expect(expansion.work(tokens: 100, cached: 9900).flops == 100 * short)
        let absorbed = try #require(
            parts.first { $0.phase == .decode && $0.use.name == "kv_up_projection" })
        #expect(absorbed.work(tokens: 100, cached: 9900).flops == short)
    }
}

@Suite("Beyond the fitted range")
struct BeyondFitTests {
    /// Decode attention whose last samples happen to be flat in context and in batch.
    private var flat: ProfileFit {
        let shape = OperatorShape.decodeAttention(
            AttentionShape(
                heads: 8, kvHeads: 1, headDimension: 128, window: 0, kvFormat: .bf16))
        let samples = [1, 2, 4, 8].flatMap { batch in
            [128, 256, 512, 1024].map { sample(shape, batch, $0, 10_000) }
        }
        return .fit(samples, trust: .measured)
    }

    private var step: PhaseCosts {
        let resolver = CurveResolver(fit: flat, roofline: Roofline(hardware: roundGPU))
        let model = ServedModel(model: llama70B, weightFormat: .bf16, kvFormat: .bf16)
        let transfer = TransferCosts(
            latency: .zero, bandwidth: Bandwidth(gigabytesPerSecond: 1), bytesPerToken: 1)
        return CostModel.build(
            model, degrees: [degree(8)], resolver: resolver, overhead: .none, transfer: transfer
        ).serving[0].costs.decode
    }

    @Test(
        "no curve falls below the floor, however far beyond its range and however slow its timings were",
        arguments: [1.0, 20, 40, 1_000])
    func farBeyond(slowness: Double) {
        let attention = AttentionShape(
            heads: 32, kvHeads: 8, headDimension: 128, window: 0, kvFormat: .bf16)
        let shapes = [
            OperatorShape.gemm(n: 4096, k: 14_336, format: .bf16),
            .prefillAttention(attention, batch: 1), .decodeAttention(attention),
        ]
        let roofline = Roofline(hardware: roundGPU)
        for shape in shapes {
            let known = OperatorPoint(x: 16, y: 128)
            let time = slowness * roofline.floor(shape, at: known)
            let fit = ProfileFit.fit(
                [TimingSample(shape: shape, point: known, nanoseconds: time)], trust: .measured)
            let resolved = CurveResolver(fit: fit, roofline: roofline).resolve(shape)
            let curve = BeyondFit(roofline: roofline).extended(resolved.curve)
            for x in [16, 17, 100, 513, 1_000, 8_192, 100_000, 1_000_000] {
                for y in [128, 1_000, 30_000, 1_000_000] {
                    let point = OperatorPoint(x: x, y: y)
                    #expect(
                        curve(point) >= 0.999 * roofline.floor(shape, at: point),
                        "\(shape.record.kind) at \(x), \(y)")
                }
            }
        }
    }

    @Test("attention never falls below reading its KV cache, in context or in batch")
    func attentionFloor() {
        for (batch, context) in [(8, 30_000), (8, 1_000_000), (32, 1024), (256, 100_000)] {
            let bytes = 2.0 * 80 * 128 * 2 * Double(batch * context)
            let floor = bytes / 4e12 * 1e9
            #expect(step.time(tokens: batch, cached: context) >= floor)
            #expect(!step.covers(tokens: batch, cached: context))
        }
        #expect(step.covers(tokens: 8, cached: 1000))
    }
}
