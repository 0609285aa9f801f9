import CostModeling
import ServingDomain
import Testing

@Suite("Costs of builds with slower experts")
struct SlowerExpertsCostTests {
    private func slower(
        _ formats: Set<NumberFormat> = [.fp8Block], on gpu: String = "round"
    ) -> [SlowerExperts] {
        [
            SlowerExperts(
                engine: "e", since: version("1.0"), before: version("2.0"), formats: formats,
                hardware: [gpu], factor: 1.5, source: "test")
        ]
    }

    private func version(_ text: String) -> EngineVersion {
        guard let version = EngineVersion(text) else { preconditionFailure("a version") }
        return version
    }

    /// Nanoseconds of each operator of a step of 16 tokens.
    private func times(
        _ phase: Phase, _ slower: [SlowerExperts], expertDegree: Int = 1,
        fit: ProfileFit = ProfileFit(trust: .analytic, entries: [])
    ) throws -> [String: Double] {
        var overhead = EngineOverhead.none
        overhead.slowerExperts = slower
        let costs = CostModel.build(
            ServedModel(
                model: smallMixture, weightFormat: .fp8Block, kvFormat: .bf16,
                split: ModelSplit(expertDegree: expertDegree)), degrees: [degree(4)],
            resolver: CurveResolver(fit: fit, roofline: Roofline(hardware: roundGPU)),
            overhead: overhead, transfer: TransferCosts(fixed: .zero))
        let parts = costs.parts(of: WorkerKind(degree(4))).filter { $0.phase == phase }
        return Dictionary(
            uniqueKeysWithValues: parts.map {
                ($0.use.name, $0.time(tokens: 16, cached: 100))
            })
    }

    @Test("decode has them where the format and the GPU are theirs; nothing else changes")
    func decode() throws {
        let (plain, own) = (try times(.decode, []), try times(.decode, slower()))
        for (name, time) in plain {
            let factor = name == "experts" ? 1.5 : 1
            #expect(abs((own[name] ?? 0) / time - factor) < 1e-9, "\(name)")
        }
        #expect(try times(.decode, slower([.bf16])) == plain)
        #expect(try times(.decode, slower(on: "other")) == plain)
        #expect(try times(.prefill, slower()) == times(.prefill, []))
    }

    @Test("experts that are dealt out whole are as fast as they were")
    func dealtOut() throws {
        let plain = try times(.decode, [], expertDegree: 4)
        #expect(try times(.decode, slower(), expertDegree: 4) == plain)
    }

    @Test(
        "timings of the build itself are taken as they are, blocks timed inside an engine too",
        arguments: ["e 1.5", "e 2.0"], [ExpertShape.balanced, ExpertShape.insideEngine])
    func timed(_ kernels: String, _ distribution: String) throws {
        let shape = OperatorShape.experts(
            ExpertShape(
                hidden: 2048, intermediate: 1024, experts: 64, expertsPerToken: 4,
                tensorDegree: 4, expertDegree: 1, distribution: distribution,
                format: .fp8Block))
        let fit = ProfileFit.fit(
            [1, 16, 64].map { sample(shape, $0, 0, 1e5 * Double($0)) }, trust: .measured
        ).timed(with: kernels)
        let (plain, own) = (
            try times(.decode, [], fit: fit), try times(.decode, slower(), fit: fit)
        )
        let ratio = try #require(own["experts"]) / #require(plain["experts"])
        #expect(abs(ratio - (kernels == "e 1.5" ? 1 : 1.5)) < 1e-9)
    }
}
