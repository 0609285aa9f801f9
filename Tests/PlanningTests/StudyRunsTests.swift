import CostModeling
import Scheduling
import ServingDomain
import Simulation
import Testing

@testable import Planning

@Suite("A plan from every side")
struct StudyRunsTests {
    private func runs(
        jobs: Int = 2, _ change: (inout Case) -> Void = { _ in }
    ) -> StudyRuns {
        var planningCase = h20Case(gpus: 16, rate: 0.8)
        planningCase.planning = .init(replications: 2, maxReplications: 2, sessions: 60)
        change(&planningCase)
        return StudyRuns(
            planningCase: planningCase, costs: costs(planningCase), samples: OperatorSamples(),
            jobs: jobs)
    }

    private func layout(_ notation: String) throws -> Deployment {
        try #require(Deployment(notation: notation))
    }

    @Test("the parts of the time to the first token add up to it, round by round")
    func firstTokens() async throws {
        for notation in ["P:4x2,D:4x2", "C:8x2"] {
            let runs = runs()
            let chosen = try layout(notation)
            let simulation = runs.simulation(of: runs.planningCase)
            let split = FirstTokenSplit(await simulation.record(chosen, TapeRequest()))
            var rounds: [RoundOutcome] = []
            _ = simulation.run(chosen, replication: 0) { rounds.append($0) }
            let all = try #require(split.bars.first)
            #expect(all.group == .all && all.rounds == rounds.count)
            let mean = rounds.reduce(0.0) { $0 + Double($1.ttft) } / Double(rounds.count)
            #expect(abs(all.total / mean - 1) < 1e-9, "\(notation): \(all.total) of \(mean)")
            let firsts = rounds.filter { $0.round == 0 }
            let first = try #require(split.bars.first { $0.group == .firstRounds })
            let ofFirsts = firsts.reduce(0.0) { $0 + Double($1.ttft) } / Double(firsts.count)
            #expect(first.rounds == firsts.count && abs(first.total / ofFirsts - 1) < 1e-9)
            // Co-located workers hand nothing over and read no history.
            #expect((all[.history] > 0) == (notation.first == "P"))
            #expect(all[.compute] > 0)
        }
    }

    @Test("workers are as busy as the run says")
    func activity() async throws {
        let runs = runs()
        let chosen = try layout("P:4x2,D:4x2")
        let tape = await runs.simulation(of: runs.planningCase).record(chosen, TapeRequest())
        let activity = WorkerActivity(tape)
        #expect(activity.rows.map(\.worker.role) == [.prefill, .prefill, .decode, .decode])
        #expect(!activity.isCut && activity.measured != nil)
        for (place, row) in activity.rows.enumerated() {
            let busy = tape.steps.filter { Int($0.worker) == place }
                .reduce(0.0) { $0 + Double($1.span.end - $1.span.start) }
            #expect(abs(row.mean - busy / Double(tape.end)) < 1e-9)
            #expect(row.shares.count == WorkerActivity.stretches)
            #expect(row.shares.allSatisfy { (0...1).contains($0) })
        }
    }

    @Test("each split has the layout with the least pressure, or says why it has none")
    func splits() async throws {
        let chosen = try layout("P:4x2,D:8x1")
        let map = await runs().splits(chosen)
        #expect(map.budget == 16 && map.onlyColocated == nil)
        #expect(map.cells.allSatisfy { $0.prefill + $0.decode <= 16 })
        let own = map.cells.filter(\.isChosen)
        #expect(own.map(\.prefill) == [8] && own.map(\.decode) == [8])
        guard case .simulated(chosen, let figures) = own[0].outcome else {
            Issue.record("the plan's own cell has another layout")
            return
        }
        let reports = await runs().steadyReports(
            [chosen], replications: SplitMap.replications, runs().planningCase)
        #expect(figures.ttftP95 == reports[0].ttft?.p95)
        #expect(
            figures.verdict == .all(TargetCheck.all(reports[0], h20Case().service).map(\.verdict)))
        #expect(map.cells.contains { $0.prefill == 0 && $0.decode == 16 })
        // Two GPUs of 96 GB hold no more than the weights of 70 billion parameters.
        let small = try #require(map.cells.first { $0.prefill == 0 && $0.decode == 2 })
        if case .impossible(let obstacle, let reason) = small.outcome {
            #expect(obstacle == .memory && reason.contains("GiB") || reason.contains("tokens"))
        }
    }

    @Test("few GPUs are looked at one by one, many in steps, and the plan's own always")
    func axes() {
        #expect(SplitMap.axis(upTo: 8, and: 0) == Array(1...8))
        #expect(SplitMap.axis(upTo: 16, and: 6) == [2, 4, 6, 8, 10, 12, 14, 16])
        #expect(SplitMap.axis(upTo: 64, and: 12) == [8, 12, 16, 24, 32, 40, 48, 56, 64])
        #expect(SplitMap.axis(upTo: 1, and: 1) == [1])
        #expect(SplitMap.axis(upTo: 4096, and: 0).count == SplitMap.mostValues)
    }

    @Test("an odd number of GPUs is refused for what keeps single GPUs from serving")
    func obstacles() throws {
        let planningCase = h20Case(gpus: 8)
        let candidates = CandidateWorkers(planningCase, contextP95: Tokens(4000))
        let choice = SplitChoice(planningCase, candidates)
        let (memory, reason) = choice.obstacle(to: SplitChoice.Split(prefill: 3, decode: 4))
        #expect(memory == .memory && reason.hasPrefix("tp=1: "))
        var even = planningCase
        even.planning.degrees = even.planning.degrees.filter { $0.value > 1 }
        let (size, words) = SplitChoice(even, CandidateWorkers(even, contextP95: Tokens(4000)))
            .obstacle(to: SplitChoice.Split(prefill: 3, decode: 4))
        #expect(size == .size && words.contains("take exactly 3"))
    }

    @Test("a policy without prefill workers has a row of co-located layouts alone")
    func onlyColocated() async throws {
        let map = await runs { $0.policy.name = .colocatedV1 }.splits(try layout("C:8x2"))
        #expect(map.onlyColocated?.contains("colocated_v1") == true)
        #expect(map.cells.allSatisfy { $0.prefill == 0 })
        #expect(map.cells.filter(\.isChosen).map(\.decode) == [16])
    }

    @Test("no point of the frontier is beaten in both figures, and every other one is")
    func frontier() throws {
        func point(_ user: Double, _ gpu: Double, _ isGood: Bool = true) throws -> OperatingPoint {
            OperatingPoint(
                deployment: try layout("C:8x1"), rate: Rate(sessionsPerSecond: 1),
                tokensPerUser: user, tokensPerGPU: gpu, meetsTargets: isGood)
        }
        let points = [
            try point(10, 50), try point(20, 40), try point(15, 40), try point(30, 10),
            try point(40, 60, false), try point(30, 5),
        ]
        let front = OperatingPoint.undominated(points)
        #expect(front.map(\.tokensPerUser) == [30, 20, 10])
        #expect(front.map(\.tokensPerGPU) == [10, 40, 50])
    }

    @Test("output of a GPU is what arrives times what an answer is long, where a layout keeps up")
    func output() async throws {
        let runs = runs()
        let chosen = try layout("P:4x2,D:4x2")
        let points = await runs.frontier(chosen, [chosen, try layout("C:8x2")])
        let own = points.filter { $0.deployment == chosen }
        #expect(own.map(\.rate.sessionsPerSecond) == own.map(\.rate.sessionsPerSecond).sorted())
        let point = try #require(own.first { $0.rate.sessionsPerSecond == 0.8 })
        // Four rounds of 50 tokens on the average, over 16 GPUs.
        #expect(abs(point.tokensPerGPU / (0.8 * 200 / 16) - 1) < 0.15)
        #expect(Set(points.map(\.deployment)).count == 2)
    }

    @Test("the same on one thread and on two; a closed loop has no rates")
    func determinism() async throws {
        let chosen = try layout("P:4x2,D:4x2")
        func study(_ jobs: Int) async -> PlanStudy {
            await runs(jobs: jobs) {
                $0.workload.rate = .unlimited
                $0.workload.arrivals = .closed
                $0.workload.concurrency = 4
            }.study(chosen, among: [chosen])
        }
        let (one, two) = (await study(1), await study(2))
        #expect(one.frontier == two.frontier && one.splits == two.splits)
        #expect(one.latencies == two.latencies && one.firstTokens == two.firstTokens)
        #expect(one.activity == two.activity && one.operators == two.operators)
        #expect(one.rates == nil && one.explanation.headroom == nil)
        #expect(!one.frontier.isEmpty && one.frontier.allSatisfy { $0.tokensPerGPU > 0 })
    }

    @Test("timings stand at the curve that was fitted on them, scaled where it was carried over")
    func samples() throws {
        let planningCase = h20Case(gpus: 8)
        let four = try #require(TensorParallelDegree(4))
        let analytic = costs(planningCase)
        let part = try #require(
            analytic.parts(of: WorkerKind(four)).first { $0.use.name == "gate_up_projection" })
        let timings = (0..<12).map { place in
            let tokens = 16 << place
            return TimingSample(
                shape: part.use.shape, point: OperatorPoint(x: tokens),
                nanoseconds: 500_000 + 2000 * Double(tokens))
        }
        let fit = ProfileFit.fit(timings, trust: .measured)
        let model = CostModel.build(
            planningCase, degrees: planningCase.planning.degrees,
            resolver: CurveResolver(
                fit: fit, roofline: Roofline(hardware: planningCase.hardware)),
            overhead: .none)
        let runs = StudyRuns(
            planningCase: planningCase, costs: model, samples: OperatorSamples(fit: fit, timings),
            jobs: 1)
        let shown = runs.operators(of: try layout("P:4x1,D:4x1"))
        let own = try #require(shown.first { $0.shape == part.use.shape })
        #expect(own.samples.count == timings.count && own.neighbour == nil)
        #expect(zip(own.samples, timings).allSatisfy { abs($0.nanoseconds - $1.nanoseconds) < 1 })
        let other = try #require(
            runs.operators(of: try layout("P:2x1,D:4x1")).first {
                $0.neighbour == part.use.shape && $0.phase == Phase.prefill
            })
        for (mark, timing) in zip(other.samples, timings) {
            // Twice the columns, but one launch.
            let factor = mark.nanoseconds / timing.nanoseconds
            #expect(factor > 1.9 && factor <= 2)
        }
        #expect(own.curve.contains { !$0.isFitted } && own.curve.contains { $0.isFitted })
    }
}
