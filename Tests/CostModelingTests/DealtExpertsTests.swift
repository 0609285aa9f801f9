import ServingDomain
import Testing

@testable import CostModeling

@Suite("Costs of experts that are dealt out over GPUs")
struct DealtExpertsTests {
    private let roofline = Roofline(hardware: roundGPU)
    private func experts(
        _ degree: Int, _ distribution: String = StepOperators.usualSkew, hidden: Int = 2048
    ) -> OperatorShape {
        .experts(
            ExpertShape(
                hidden: hidden, intermediate: 1024, experts: 64, expertsPerToken: 4,
                tensorDegree: 1, expertDegree: degree, distribution: distribution, format: .bf16))
    }

    /// Timings that are so many times the roofline.
    private func fit(_ factors: [OperatorShape: Double]) -> ProfileFit {
        ProfileFit.fit(
            factors.flatMap { shape, factor in
                AnalyticSamples(roofline: roofline).samples(of: shape).map {
                    sample(shape, $0.point.x, 0, factor * $0.nanoseconds)
                }
            }, trust: .measured)
    }

    @Test("timings with rows of absent experts give way where engines leave these out")
    func standIns() {
        let own = experts(4)
        func standIn(_ shapes: OperatorShape..., ownRows: Bool = true) -> MeasuredShapes.StandIn? {
            MeasuredShapes(shapes).standIn(for: own, ownRows: ownRows)
        }
        #expect(standIn(own, experts(1)) == .init(shape: experts(1), relation: .neighbour))
        #expect(standIn(own, experts(1), ownRows: false) == .init(shape: own, relation: .same))
        #expect(standIn(own) == .init(shape: own, relation: .same))
        // Another model's are no better than what has too many rows.
        #expect(standIn(own, experts(1, hidden: 8192))?.shape == own)
        let inside = experts(4, ExpertShape.insideEngine)
        #expect(standIn(inside, experts(1, ExpertShape.insideEngine))?.shape == inside)
        #expect(MeasuredShapes([experts(2)]).standIn(for: experts(8), ownRows: true) == nil)
        #expect(
            MeasuredShapes([experts(1)]).standIn(for: experts(1), ownRows: true)
                == .init(shape: experts(1), relation: .same))
    }

    @Test("kernels that reach a share of one GPU's roofline reach it of the busiest of several")
    func carried() {
        let resolved = CurveResolver(fit: fit([experts(1): 1.7]), roofline: roofline)
            .resolve(experts(8), .own(DealtExperts(engine: "e")))
        #expect(resolved.trust == .neighbour)
        for tokens in [1, 16, 200, 4096, 16_384] {
            let point = OperatorPoint(x: tokens)
            let expected = 1.7 * roofline.time(experts(8), at: point)
            #expect(abs(resolved.curve(point) / expected - 1) < 0.03, "\(tokens)")
        }
    }

    @Test("an engine that goes over every row writes and adds up those of absent experts")
    func rows() throws {
        let analytic = ProfileFit(trust: .analytic, entries: [])
        let plain = try time(.none, analytic)
        // Three of four rows at 0.8 of the bandwidth, in each of four layers.
        let bytes = 3.0 * (10 * 1024 + 4 * 2048) * 1000
        let added = 4e9 * bytes / (0.8 * roundGPU.memoryBandwidth.bytesPerSecond)
        #expect(abs(try time(engine(on: ["round"]), analytic) - plain - added) < 1)
        #expect(try time(engine(on: ["other"]), analytic) == plain)
        let carried = fit([experts(1): 1.7])
        let own = try time(engine(on: ["round"]), carried) - time(.none, carried)
        #expect(abs(own - added) < 1)
    }

    @Test("an engine that goes over every row has them in timings that do, another engine in none")
    func timedRows() throws {
        let both = fit([experts(1): 1.7, experts(4): 3])
        let bare = 4 * roofline.time(experts(4), at: OperatorPoint(x: 1000))
        func factor(_ overhead: EngineOverhead, _ fit: ProfileFit) throws -> Double {
            try (time(overhead, fit) / bare * 100).rounded() / 100
        }
        #expect(abs(try factor(engine(on: ["round"]), both) - 3) < 0.03)
        #expect(abs(try factor(.none, both) - 3) < 0.03)
        #expect(abs(try factor(engine(on: []), both) - 1.7) < 0.03)
        // Timings of the engine itself are what it runs.
        for (kernels, expected) in [("e 1.0", 3), ("e@gpu 1.0", 3), ("ee 1.0", 1.7), ("", 1.7)] {
            let found = try factor(engine(on: []), both.timed(with: kernels))
            #expect(abs(found - expected) < 0.03, "\(kernels)")
        }
        // Carried over from a GPU where it goes over every row, they have these.
        let carried = both.timed(with: "e@other 1.0")
        #expect(abs(try factor(engine(on: ["other"]), carried) - 1.7) < 0.03)
    }

    @Test("a share of a block that was timed inside an engine has no such rows")
    func insideEngine() throws {
        let inside = fit([experts(4, ExpertShape.insideEngine): 1.7])
        #expect(try time(engine(on: []), inside) == time(.none, inside))
        #expect(try time(engine(on: ["round"]), inside) > time(.none, inside))
    }

    @Test("another format bounds experts only where both have such rows or neither has")
    func bounds() throws {
        func stored(_ degree: Int, _ format: NumberFormat) -> OperatorShape {
            guard case .experts(let shape) = experts(degree) else { return experts(degree) }
            return .experts(shape.stored(as: format))
        }
        let own = [stored(1, .fp8): 2.0, stored(1, .bf16): 1.0]
        func found(_ factors: [OperatorShape: Double], _ rows: ExpertRows) -> ResolvedCurve {
            CurveResolver(fit: fit(factors), roofline: roofline).resolve(stored(4, .fp8), rows)
        }
        for rows in [ExpertRows.every, .own(DealtExperts(engine: "e"))] {
            let curve = found(own, rows)
            #expect(!curve.hasAbsentRows && curve.neighbour == stored(1, .bf16))
        }
        let timed = own.merging([stored(4, .fp8): 9.0]) { $1 }
        #expect(found(timed, .every).hasAbsentRows)
        #expect(found(timed, .every).neighbour == nil)
    }

    @Test("a trend over shards is one of timings with the rows that are wanted")
    func trends() {
        func shape(_ tensor: Int, _ expert: Int) -> OperatorShape {
            .experts(
                ExpertShape(
                    hidden: 2048, intermediate: 1024, experts: 64, expertsPerToken: 4,
                    tensorDegree: tensor, expertDegree: expert,
                    distribution: StepOperators.usualSkew, format: .bf16))
        }
        let whole = Dictionary(uniqueKeysWithValues: [1, 2].map { (shape($0, 1), 1.7) })
        let slow = Dictionary(uniqueKeysWithValues: [1, 2].map { (shape($0, 2), 12.0) })
        func time(_ factors: [OperatorShape: Double], _ rows: ExpertRows) -> Double {
            CurveResolver(fit: fit(factors), roofline: roofline).resolve(shape(4, 2), rows)
                .curve(OperatorPoint(x: 1000))
        }
        let own = ExpertRows.own(DealtExperts(engine: "e"))
        let both = whole.merging(slow) { $1 }
        #expect(time(both, own) == time(whole, own))
        #expect(time(both, .every) > 4 * time(whole, .every))
    }

    @Test("timings with such rows stand for another model's with them")
    func carriedRows() {
        func whole(_ shape: OperatorShape, _ tokens: Int) -> Double {
            guard case .experts(let experts) = shape else { return 0 }
            return roofline.time(shape, at: OperatorPoint(x: tokens))
                + Double(tokens) * roofline.absentRows(of: experts)
        }
        let (timed, other) = (experts(4), experts(4, hidden: 3072))
        let samples = AnalyticSamples.steps(upTo: 14).map {
            sample(timed, $0, 0, 1.7 * whole(timed, $0))
        }
        let resolved = CurveResolver(
            fit: ProfileFit.fit(samples, trust: .measured), roofline: roofline
        ).resolve(other)
        for tokens in [1, 100, 8192] {
            let time = resolved.curve(OperatorPoint(x: tokens))
            #expect(abs(time / (1.7 * whole(other, tokens)) - 1) < 0.03, "\(tokens)")
        }
    }

    /// An engine whose kernels go over every row on these GPUs.
    private func engine(on hardware: Set<String>) -> EngineOverhead {
        var overhead = EngineOverhead.none
        overhead.dealtExperts = DealtExperts(engine: "e", everyRowOn: hardware)
        return overhead
    }

    /// Nanoseconds of the experts of a prompt of 1,000 tokens over four GPUs.
    private func time(_ overhead: EngineOverhead, _ fit: ProfileFit) throws -> Double {
        let costs = CostModel.build(
            ServedModel(
                model: smallMixture, weightFormat: .bf16, kvFormat: .bf16,
                split: ModelSplit(expertDegree: 4)), degrees: [degree(4)],
            resolver: CurveResolver(fit: fit, roofline: roofline),
            overhead: overhead, transfer: TransferCosts(fixed: .zero))
        let parts = costs.parts(of: WorkerKind(degree(4))).filter { $0.phase == .prefill }
        return try #require(parts.first { $0.use.name == "experts" })
            .time(tokens: 1000, cached: 0)
    }
}
