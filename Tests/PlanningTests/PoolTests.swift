import CostModeling
import IntegerProgramming
import ServingDomain
import Simulation
import Testing

@testable import Planning

@Suite("Several pools of GPUs")
struct PoolTests {
    private func layout(_ notation: String) throws -> Deployment {
        try #require(Deployment(notation: notation))
    }

    private func plan(_ planningCase: Case, jobs: Int = 2) async throws -> PlanResult {
        try await Planner(
            planningCase: planningCase, costs: PoolCase.costs(planningCase), jobs: jobs
        ).plan()
    }

    @Test("a pool of the same GPUs in two is as good as one, where nothing crosses between them")
    func sameGPUs() async throws {
        var one = PoolCase.make(rate: 0.8, prices: (nil, nil))
        one.pools.removeLast()
        var two = one
        let name = one.pools[0].name
        two.pools.append(one.pools[0])
        two.pools[1].name = "other"
        two.pools[0].cluster = Cluster(gpu: "h20-96gb", nodes: 1, gpusPerNode: 8)
        two.pools[1].cluster = two.pools[0].cluster
        for notation in ["P:4x1,D:4x1", "C:4x2", "P:2x2,D:4x1"] {
            let single = try layout(
                notation.split(separator: ",").map { "\($0)@\(name)" }.joined(separator: ","))
            let reports = [
                await simulation(one).run(single), await simulation(two).run(single),
            ]
            #expect(reports[0] == reports[1])
        }
        // Between pools of one node each the links are those between two nodes of one pool.
        let near = try layout("P:8x1@\(name),D:8x1@\(name)")
        let apart = try layout("P:8x1@\(name),D:8x1@other")
        #expect(await simulation(one).run(near) == (await simulation(two).run(apart)))
    }

    private func simulation(_ planningCase: Case) -> DeploymentSimulation {
        DeploymentSimulation(
            planningCase: planningCase, costs: PoolCase.costs(planningCase), jobs: 2)
    }

    @Test("workers cost and hold what their own GPUs do, on nodes of their own")
    func setup() throws {
        let planningCase = PoolCase.make()
        let costs = PoolCase.costs(planningCase)
        let setup = simulation(planningCase).setup(
            try layout("P:4x1@fast,P:4x1@h20,D:8x1@h20"))
        guard case .workers(let prefill) = setup.prefill,
            case .nodes(let nodes, let serving) = setup.placement
        else {
            Issue.record("workers on nodes expected")
            return
        }
        let (fast, slow) = (
            prefill[0].prefillTime(history: 0, increment: 4000),
            prefill[1].prefillTime(history: 0, increment: 4000)
        )
        #expect(fast < 0.6 * slow)
        #expect(nodes == [2, 1] && serving == [0])
        // Over the slower network of both, inside a pool over its own.
        func perToken(_ pools: Set<String>) -> Double {
            costs.transfer(among: pools).bytes(
                tokens: 1000, between: .one, and: .one, over: .interNode)
        }
        #expect((perToken(["fast", "h20"]) / perToken(["h20"]) - 4).magnitude < 1e-9)
        #expect(perToken(["fast", "h20"]) == perToken(["fast"]))
    }

    @Test("what a pool is not for, has no GPUs for, or is not there is an obstacle")
    func obstacles() throws {
        let planningCase = PoolCase.make(phases: ([.prefill, .decode], [.prefill]))
        func messages(_ notation: String) throws -> [String] {
            planningCase.obstacles(to: try layout(notation)).map(\.message)
        }
        #expect(try messages("P:4x2@fast,D:8x2@h20").isEmpty)
        #expect(
            try messages("P:4x1@h20,D:8x1@fast") == [
                "pool fast has no GPUs for decode workers (phases)"
            ])
        #expect(
            try messages("C:8x1@fast") == ["pool fast has no GPUs for co-located workers (phases)"])
        #expect(
            try messages("P:4x3@fast,D:8x1@h20").first?.contains("takes 12 GPUs, pool fast has 8")
                == true)
        #expect(
            try messages("P:4x1@slow,D:8x1@h20") == [
                "there is no pool 'slow'; expected one of h20, fast"
            ])
        #expect(
            try messages("P:4x1,D:8x1@h20").first?.contains(
                "names no pool; expected one of h20, fast") == true)
        #expect(
            planningCase.workerKinds(of: .decode).map(\.description) == ["2@h20", "4@h20", "8@h20"])
        let candidates = CandidateWorkers(planningCase, contextP95: Tokens(1000))
        #expect(candidates.prefill.count == 6 && candidates.colocated == candidates.decode)
    }

    @Test("plans stay within each pool, take the right GPUs, and are the same on any thread count")
    func plans() async throws {
        let planningCase = PoolCase.make(rate: 5)
        let result = try await plan(planningCase)
        for plan in result.plans {
            #expect(planningCase.allObstacles(to: plan.deployment).isEmpty)
            #expect(plan.usdPerHour == planningCase.pricePerHour(of: plan.deployment))
        }
        let best = try #require(result.plans.first { $0.milpRank == 1 }?.deployment)
        #expect(best.prefillGroups.map(\.pool) == ["fast"])
        #expect(best.servingGroups.map(\.pool) == ["h20"])
        let across = result.plans.map(\.deployment).filter { layout in
            layout.prefillGroups.isEmpty && Set(layout.servingGroups.map(\.pool)).count == 2
        }
        #expect(across.map(\.gpus) == [24, 24, 24])
        let program = try #require(result.selection?.program)
        #expect(try LPText(program).description.contains("gpus_pool2"))
        let again = try await plan(planningCase, jobs: 5)
        #expect(again.plans.map(\.deployment) == result.plans.map(\.deployment))
        #expect(again.plans.map(\.report) == result.plans.map(\.report))
    }

    @Test("the least dollars are no more than those of the fewest GPUs, and less does not do")
    func dollars() async throws {
        var asked = PoolCase.make(rate: 1.2)
        asked.planning.objective = .minCost
        let cheapest = try await plan(asked)
        let search = try #require(cheapest.search)
        let best = try #require(cheapest.recommended)
        let (limit, price) = (try #require(search.usdPerHour), try #require(best.usdPerHour))
        #expect(search.isFound && best.verdict == .pass && price <= limit)
        #expect(cheapest.plans.allSatisfy { $0.usdPerHour ?? .infinity <= limit })
        // Everything that is half a GPU cheaper was tried and missed.
        let missed = search.steps.filter { $0.verdict != .pass }.compactMap(\.usdPerHour).max()
        #expect((missed ?? 0) >= limit - 0.5)
        asked.planning.objective = .minGPUs
        let fewest = try #require(try await plan(asked).recommended)
        #expect(fewest.deployment.gpus <= best.deployment.gpus)
        #expect(price <= fewest.usdPerHour ?? 0)
        // Where GPUs cost the same it is GPUs that are counted.
        var even = PoolCase.make(rate: 1.2, prices: (2, 2))
        even.planning.objective = .minCost
        #expect(try await plan(even).search?.usdPerHour == nil)
    }

    @Test("every layout that fills the pools it takes is screened")
    func screen() throws {
        let planningCase = PoolCase.make(gpus: 8)
        let candidates = CandidateWorkers(planningCase, contextP95: Tokens(1000))
        let layouts = HomogeneousLayouts(
            candidates: candidates,
            bounds: planningCase.bounds(candidates, within: LayoutBudget(gpus: 16)))
        for layout in layouts.split {
            let pools = Set(layout.allGroups.map(\.pool))
            #expect(layout.gpus.value == 8 * pools.count)
            #expect(planningCase.obstacles(to: layout).isEmpty)
        }
        // Within one pool of eight 9 layouts of TP 2, 4 and 8; of two pools each fills its own.
        let apart = layouts.split.filter { Set($0.allGroups.map(\.pool)).count == 2 }
        #expect(apart.count == 2 * 9)
        #expect(Set(layouts.split).count == layouts.split.count)
        let few = HomogeneousLayouts(
            candidates: candidates,
            bounds: planningCase.bounds(candidates, within: LayoutBudget(gpus: 10)))
        #expect(few.split.allSatisfy { [8, 10].contains($0.gpus.value) })
    }

    @Test("the order of pools changes nothing but the order")
    func symmetry() async throws {
        func planned(_ swaps: Bool) async throws -> PlanResult {
            var planningCase = PoolCase.make(rate: 3)
            if swaps { planningCase.pools.reverse() }
            planningCase.planning.objective = .minCost
            return try await plan(planningCase)
        }
        let (one, other) = (try await planned(false), try await planned(true))
        #expect(one.recommended?.usdPerHour == other.recommended?.usdPerHour)
        #expect(
            Set(one.plans.map(\.deployment.gpus)) == Set(other.plans.map(\.deployment.gpus)))
        #expect(one.search?.usdPerHour == other.search?.usdPerHour)
    }

    @Test("prices that differ without bound are looked through in few steps")
    func extremePrices() {
        var planningCase = PoolCase.make(prices: (0.001, 30))
        let many = planningCase.prices(upTo: 24)
        #expect((2...4097).contains(many.count) && (many.last ?? 0).rounded() == 240)
        #expect(zip(many, many.dropFirst()).allSatisfy { $0 < $1 })
        planningCase = PoolCase.make(prices: (0, 3))
        #expect(planningCase.prices(upTo: 24).last == 24)
        #expect(PoolCase.make(prices: (2, nil)).prices(upTo: 24).isEmpty)
    }

    @Test("a node that is lost is one of a pool, and takes no workers of another")
    func lostNode() throws {
        let planningCase = PoolCase.make()
        let left = Stress.nodeLost.remaining(
            try layout("P:4x1@fast,D:4x3@h20"), planningCase)
        #expect(left.map { $0?.description } == ["P:4x1@fast,D:4x1@h20", nil])
        let kinds = Stress.decodeWorkerLost.remaining(
            try layout("P:4x1@fast,D:4x1@h20,D:2x2@fast"), planningCase)
        #expect(
            kinds.map { $0?.description } == [
                "P:4x1@fast,D:2x2@fast", "P:4x1@fast,D:4x1@h20,D:2x1@fast",
            ])
    }
}

@Suite("Workers beyond tensor parallelism")
struct RecordTests {
    private func mixtureCase() -> Case {
        var planningCase = h20Case(gpus: 16, rate: 3)
        planningCase.model = ModelSpec(
            name: "m", architecture: "m", layers: 24, hidden: 4096,
            attention: .grouped(heads: 32, kvHeads: 8, headDimension: 128), intermediate: 0,
            mixture: .init(experts: 64, expertsPerToken: 4, expertIntermediate: 2048),
            vocabulary: 100_000, maxContext: 131_072)
        planningCase.planning = .init(
            degrees: [2, 4].compactMap { TensorParallelDegree($0) }, finalists: 3,
            replications: 2, sessions: 60)
        return planningCase
    }

    private func costs(_ planningCase: Case, _ kinds: [WorkerKind]) -> CostModel {
        CostRecipe(
            model: ServedModel(
                model: planningCase.model, weightFormat: .bf16, kvFormat: .bf16,
                behaviour: planningCase.engine.behaviour),
            pool: GPUPool.onlyName, kinds: kinds,
            resolver: CurveResolver(
                fit: ProfileFit(trust: .analytic, entries: []),
                roofline: Roofline(hardware: planningCase.hardware)),
            transfer: TransferCosts(
                planningCase.transfer,
                bytesPerToken: planningCase.model.kvBytesPerToken(.bf16))
        ).costs(.none)
    }

    private func simulation(_ planningCase: Case, _ layout: Deployment) -> DeploymentSimulation {
        DeploymentSimulation(
            planningCase: planningCase,
            costs: costs(planningCase, layout.allGroups.map(\.kind)), jobs: 2)
    }

    @Test(
        "engines by record serve as the same engines by settings",
        arguments: [
            ("C:2dp4ep8x2", "C:2x8"), ("P:2dp2ep4x1,D:2dp4ep8x1", "P:2x2,D:2x4"),
            ("P:4ep4x1,D:1dp4ep4x2", "P:4x1,D:1x8"),
        ])
    func same(record: String, ranks: String) async throws {
        let (own, plain) = (
            try #require(Deployment(notation: record)), try #require(Deployment(notation: ranks))
        )
        let planningCase = mixtureCase()
        var set = planningCase
        set.engine.behaviour.dataParallelRanks = own.servingGroups[0].parallelism.data
        set.engine.behaviour.expertDegree = own.servingGroups[0].parallelism.expert
        if let first = own.prefillGroups.first {
            set.engine.behaviour.prefillRanks = first.parallelism.data
            set.engine.behaviour.prefillExpertDegree = first.parallelism.expert
        }
        #expect(own.gpus == plain.gpus)
        #expect(planningCase.allObstacles(to: own).isEmpty && set.allObstacles(to: plain).isEmpty)
        let report = await simulation(planningCase, own).run(own)
        #expect(report == (await simulation(set, plain).run(plain)))
        #expect(report.rounds > 0)
    }

    @Test("a search counts engines, of records and of the engine's own settings")
    func search() async throws {
        var planningCase = mixtureCase()
        planningCase.planning.records = ["1dp4ep4", "2dp4ep8"].compactMap {
            Parallelism(notation: $0)
        }
        let kinds = planningCase.workerKinds(of: .decode)
        #expect(kinds.map(\.description) == ["2", "4", "1dp4ep4", "2dp4ep8"])
        #expect(kinds.map(\.gpus) == [2, 4, 4, 8])
        let result = try await Planner(
            planningCase: planningCase, costs: costs(planningCase, kinds), jobs: 2
        ).plan()
        #expect(result.plans.allSatisfy { $0.deployment.gpus <= 16 })
        #expect(result.plans.contains { $0.deployment.description == "C:2dp4ep8x2" })
        let columns = result.coefficients.filter { $0.kind.description == "2dp4ep8" }
        #expect(columns.contains { $0.phase == .decode && $0.gpus.value == 8 * $0.replicas })
        #expect(columns.contains { $0.phase == .prefill })
        var ranks = mixtureCase()
        ranks.engine.behaviour.dataParallelRanks = 4
        ranks.engine.behaviour.expertDegree = 4
        #expect(ranks.workerKinds(of: .decode).map(\.description) == ["2dp4ep4", "4dp4ep4"])
        #expect(ranks.workerKinds(of: .prefill).map(\.description) == ["2", "4"])
        let own = try await Planner(
            planningCase: ranks,
            costs: costs(
                ranks, ranks.workerKinds(of: .prefill) + ranks.workerKinds(of: .decode)),
            jobs: 2
        ).plan()
        #expect(
            own.plans.allSatisfy { plan in
                plan.deployment.servingGroups.allSatisfy { $0.parallelism.data == 4 }
            })
        #expect(own.plans.contains { !$0.deployment.prefillGroups.isEmpty })
    }

    @Test("engines of the settings and of records are the same layout, and stand losses as such")
    func engines() async throws {
        var planningCase = mixtureCase()
        planningCase.engine.behaviour.dataParallelRanks = 2
        planningCase.engine.behaviour.expertDegree = 8
        let layout = try #require(Deployment(notation: "P:4x2,D:4x2"))
        let counted = planningCase.engine.behaviour.countingEngines(layout)
        #expect(counted.description == "P:4x2,D:4dp2ep8x1")
        let odd = try #require(Deployment(notation: "P:4x1,D:2x3"))
        #expect(planningCase.engine.behaviour.countingEngines(odd) == odd)
        #expect(
            planningCase.workerKinds(of: .decode).map(\.description) == ["2dp2ep4", "4dp2ep8"])
        planningCase.planning.incumbent = counted
        planningCase.planning.survivedLosses = 1
        let kinds = planningCase.workerKinds(of: .prefill) + planningCase.workerKinds(of: .decode)
        let costs = costs(planningCase, kinds)
        let result = try await Planner(planningCase: planningCase, costs: costs, jobs: 2).plan()
        #expect(result.plans.count { $0.deployment == counted } == 1)
        let explained = try #require(Deployment(notation: "P:4x1,D:2dp2ep4x2"))
        let explanation = await PlanExplainer(
            planningCase: planningCase, costs: costs, jobs: 2
        ).explain(explained, against: [])
        let lost = explanation.stresses.first { $0.stress == .decodeWorkerLost }
        #expect(lost?.deployment?.description == "P:4x1,D:2dp2ep4x1")
    }

    @Test("records that cannot be are refused with the reason")
    func obstacles() throws {
        let planningCase = mixtureCase()
        func messages(_ notation: String) throws -> [String] {
            planningCase.allObstacles(to: try #require(Deployment(notation: notation)))
                .map(\.message)
        }
        #expect(
            try messages("C:2ep4x1") == [
                "worker 2ep4 of 2 GPUs cannot deal 64 experts out over 4"
            ])
        #expect(
            try messages("C:1dp2ep2x1,C:1dp4ep4x1") == [
                "serving workers are engines of 2 and 4 ranks, and those of one phase have to be alike"
            ])
        #expect(
            try messages("C:4dp8x1").first?.contains("takes 32 GPUs, the cluster has 16") == true)
        let dense = h20Case()
        let layout = try #require(Deployment(notation: "C:4ep4x1"))
        #expect(
            dense.allObstacles(to: layout).map(\.message) == [
                "worker 4ep4 deals experts out, and llama-3.1-70b has none"
            ])
    }
}
