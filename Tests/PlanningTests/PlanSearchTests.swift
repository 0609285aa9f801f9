import CostModeling
import ServingDomain
import Simulation
import Testing

@testable import Planning

@Suite("Fewest GPUs and highest rate")
struct PlanSearchTests {
    private func plan(
        _ objective: Case.Planning.Objective, gpus: Int, rate: Double, budget: Int? = nil
    ) async throws -> PlanResult {
        var planningCase = h20Case(gpus: gpus, rate: rate)
        planningCase.planning = .init(
            objective: objective, gpuBudget: budget.map { GPUs($0) }, finalists: 3,
            replications: 3, maxReplications: 3, sessions: 120)
        return try await Planner(planningCase: planningCase, costs: costs(planningCase), jobs: 2)
            .plan()
    }

    @Test("the highest rate of a budget takes no more GPUs than it has, and each answer is tight")
    func consistent() async throws {
        let fastest = try await plan(.maxRate, gpus: 8, rate: 1)
        let search = try #require(fastest.search)
        #expect(search.isFound && fastest.verdict == .pass && search.budget == 8)
        let rate = search.rate.sessionsPerSecond
        // A rate a little higher was tried and missed.
        #expect(
            search.steps.contains {
                $0.verdict != .pass && $0.rate.sessionsPerSecond > rate
                    && $0.rate.sessionsPerSecond <= 1.0101 * rate
            })
        let fewest = try await plan(.minGPUs, gpus: 8, rate: rate)
        let found = try #require(fewest.search)
        #expect(found.isFound && found.budget <= 8 && fewest.verdict == .pass)
        let best = try #require(fewest.recommended)
        #expect(best.deployment.gpus == found.budget)
        // One GPU fewer is not enough.
        #expect(
            found.steps.contains {
                $0.budget.value == found.budget.value - 1 && $0.verdict != .pass
            })
        let fewer = try await plan(
            .slo, gpus: 8, rate: rate, budget: found.budget.value - 1)
        #expect(fewer.verdict != .pass)
        #expect(fewer.plans.allSatisfy { $0.deployment.gpus < found.budget })
    }

    @Test("a low rate takes fewer GPUs than there are")
    func few() async throws {
        let result = try await plan(.minGPUs, gpus: 16, rate: 0.2)
        let search = try #require(result.search)
        #expect(search.isFound && search.budget < 8)
        #expect(result.recommended?.deployment.gpus == search.budget)
        #expect(search.steps.first?.budget == 16)
    }

    @Test("where nothing meets the targets, that is the answer")
    func none() async throws {
        var planningCase = h20Case(gpus: 8, rate: 20)
        planningCase.planning = .init(
            objective: .minGPUs, finalists: 2, replications: 2, maxReplications: 2, sessions: 40)
        let result = try await Planner(
            planningCase: planningCase, costs: costs(planningCase), jobs: 2
        ).plan()
        let search = try #require(result.search)
        #expect(!search.isFound && search.budget == 8 && search.steps.count == 1)
        #expect(result.verdict == .fail)
        // No rate is low enough for targets that a single prefill misses.
        planningCase.planning.objective = .maxRate
        planningCase.service.ttft = .milliseconds(1)
        planningCase.workload.rate = Rate(sessionsPerSecond: 0.001)
        let never = try await Planner(
            planningCase: planningCase, costs: costs(planningCase), jobs: 2
        ).plan()
        #expect(never.search?.isFound == false && never.verdict == .fail)
    }

    @Test("layouts that take every GPU, where that is asked for")
    func all() async throws {
        var planningCase = h20Case(gpus: 8, rate: 0.2)
        planningCase.planning = .init(
            fillsBudget: true, finalists: 2, replications: 2, maxReplications: 2, sessions: 40)
        let result = try await Planner(
            planningCase: planningCase, costs: costs(planningCase), jobs: 2
        ).plan()
        let chosen = result.selection?.choices.map(\.deployment.gpus.value) ?? []
        #expect(!chosen.isEmpty && chosen.allSatisfy { $0 == 8 })
    }

    @Test("a budget that no layout fits into, or fills, is told")
    func tooSmall() async throws {
        var planningCase = h20Case(gpus: 8, rate: 0.2)
        planningCase.planning = .init(
            degrees: [TensorParallelDegree.usual[2]], gpuBudget: 3, replications: 2, sessions: 40)
        func plan() async throws -> PlanResult {
            try await Planner(planningCase: planningCase, costs: costs(planningCase), jobs: 2)
                .plan()
        }
        await #expect(throws: PlanningError.noLayout(budget: 3, smallest: 4, fills: false)) {
            try await plan()
        }
        planningCase.planning.fillsBudget = true
        planningCase.planning.gpuBudget = 6
        await #expect(throws: PlanningError.noLayout(budget: 6, smallest: 4, fills: true)) {
            try await plan()
        }
        // One co-located worker fills four.
        planningCase.planning.gpuBudget = 4
        #expect(try await plan().plans.map(\.deployment.description) == ["C:4x1"])
    }

    @Test("a closed loop has no rate to look for")
    func closedLoop() async throws {
        var planningCase = h20Case(gpus: 8)
        planningCase.planning.objective = .maxRate
        planningCase.workload.rate = .unlimited
        planningCase.workload.arrivals = .closed
        planningCase.workload.concurrency = 4
        func plan() async throws -> PlanResult {
            try await Planner(planningCase: planningCase, costs: costs(planningCase), jobs: 2)
                .plan()
        }
        await #expect(throws: PlanningError.closedLoop) { try await plan() }
        planningCase.planning = .init(
            objective: .minGPUs, finalists: 2, replications: 2, maxReplications: 2, sessions: 40)
        #expect(try await plan().search?.isFound == true)
    }
}

@Suite("Ranks")
struct RankTests {
    private func finalists(
        _ costs: CostModel, _ planningCase: Case
    ) -> Finalists {
        Finalists(
            DeploymentSimulation(planningCase: planningCase, costs: costs, jobs: 2),
            planningCase: planningCase)
    }

    @Test("layouts of equal rank are not told from the first of it, others are")
    func shared() async throws {
        let planningCase = h20Case(gpus: 16, rate: 1.2)
        let result = try await Planner(
            planningCase: planningCase, costs: costs(planningCase), jobs: 2
        ).plan()
        let ranks = result.plans.map(\.rank)
        #expect(ranks == ranks.sorted() && ranks.first == 1)
        // Several keep every target, and with so few sessions nobody can say which is best.
        #expect(ranks.count { $0 == 1 } > 1)
        #expect(result.plans[0].gap == nil)
        for (place, plan) in result.plans.enumerated() where place > 0 {
            #expect(plan.rank <= place + 1)
            guard plan.rank == 1, let gap = plan.gap else { continue }
            #expect(!gap.isSignificant)
        }
        #expect(Set(ranks).count < ranks.count)
    }

    @Test("replications are spent where two layouts are not told apart, and no more than allowed")
    func settled() async throws {
        var planningCase = h20Case(gpus: 16, rate: 1.4)
        planningCase.planning = .init(replications: 3, maxReplications: 9, sessions: 60)
        let layouts = try ["P:4x3,D:4x1", "P:2x6,D:4x1", "C:8x2"].map {
            try #require(Deployment(notation: $0))
        }
        var finalists = finalists(costs(planningCase), planningCase)
        await finalists.simulate(layouts)
        await finalists.settle(layouts)
        var replications: [Int] = []
        for layout in layouts { replications.append(await finalists.report(layout).replications) }
        #expect(replications.allSatisfy { (3...9).contains($0) })
        // The same for any number of threads.
        var alone = Finalists(
            DeploymentSimulation(planningCase: planningCase, costs: costs(planningCase), jobs: 1),
            planningCase: planningCase)
        await alone.simulate(layouts)
        await alone.settle(layouts)
        for layout in layouts {
            let (one, many) = (await alone.report(layout), await finalists.report(layout))
            #expect(one == many)
        }
    }
}
