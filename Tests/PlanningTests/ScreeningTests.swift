import CostModeling
import ServingDomain
import Simulation
import Testing

@testable import Planning

@Suite("Screens of every layout")
struct ScreeningTests {
    @Test("the layouts that take every GPU are as many as are known")
    func counts() {
        let counts = [8, 16, 32, 64].map { gpus in
            let cluster = Cluster(gpu: "any", nodes: gpus / 8, gpusPerNode: 8)
            let layouts = HomogeneousLayouts(
                candidates: CandidateWorkers(TensorParallelDegree.usual),
                bounds: LayoutBounds(cluster)
            ).split
            #expect(Set(layouts).count == layouts.count)
            #expect(layouts.allSatisfy { $0.gpus.value == gpus })
            return layouts.count
        }
        #expect(counts == [21, 58, 132, 280])
        let all = HomogeneousLayouts(
            candidates: CandidateWorkers(TensorParallelDegree.usual),
            bounds: LayoutBounds(Cluster(gpu: "any", nodes: 32, gpusPerNode: 8)))
        #expect(all.split.count == 1168 && all.colocated.count == 4)
    }

    private func planner(gpus: Int, rate: Double, jobs: Int = 2) -> Planner {
        var planningCase = h20Case(gpus: gpus, rate: rate)
        planningCase.planning = .init(
            finalists: 3, replications: 4, maxReplications: 8, sessions: 100)
        return Planner(planningCase: planningCase, costs: costs(planningCase), jobs: jobs)
    }

    @Test("the first of a screen is the best of all layouts, each simulated at length")
    func best() async throws {
        let planner = planner(gpus: 8, rate: 0.9)
        let result = try await planner.plan(.exhaustive)
        let screen = try #require(result.screen)
        let first = try #require(result.plans.first)
        #expect(screen.layouts > 8 && screen.best.count == 3)
        #expect(screen.runs >= screen.layouts)
        #expect(Set(result.plans.map(\.deployment)).isSuperset(of: screen.best))
        let probability = try #require(screen.probability)
        #expect(probability > 0.5 && probability <= 1)
        var long = planner.planningCase
        long.planning.replications = 12
        let simulation = DeploymentSimulation(
            planningCase: long, costs: planner.costs, jobs: 2)
        let all = HomogeneousLayouts(
            candidates: CandidateWorkers(TensorParallelDegree.usual.filter { $0.value > 1 }),
            bounds: LayoutBounds(long.cluster))
        var attainments: [Deployment: Double] = [:]
        for layout in all.split + all.colocated {
            let report = await simulation.run(layout)
            guard !report.isOverloaded else { continue }
            attainments[layout] = report.attainment[.roundJoint]?.value
        }
        let most = try #require(attainments.values.max())
        let own = try #require(attainments[first.deployment])
        #expect(most - own <= ScreenOutcome.indifference)
    }

    @Test("an audit tells what the proposals miss, on any number of threads")
    func audit() async throws {
        let one = try await planner(gpus: 8, rate: 0.9, jobs: 1).plan(.audit)
        let many = try await planner(gpus: 8, rate: 0.9, jobs: 5).plan(.audit)
        let audit = try #require(one.audit)
        #expect(audit == many.audit && one.screen == many.screen)
        #expect(one.plans.map(\.report) == many.plans.map(\.report))
        let proposed = try await planner(gpus: 8, rate: 0.9).plan()
        #expect(audit.chosen == proposed.plans.first?.deployment)
        #expect(audit.best == one.plans.first?.deployment)
        if let regret = audit.regret { #expect(regret.high > -0.02) }
    }

    @Test("where no layout keeps up, that is the answer, without a probability")
    func overloaded() async throws {
        let result = try await planner(gpus: 8, rate: 60).plan(.exhaustive)
        let screen = try #require(result.screen)
        #expect(screen.probability == nil && screen.regretBound == nil)
        #expect(result.verdict == .fail && !result.plans.isEmpty)
    }

    @Test("a place in the order of the program is that of its exclusions")
    func places() async throws {
        let planner = planner(gpus: 8, rate: 0.5)
        let round = try await PlanningRound(
            planner.planningCase, costs: planner.costs, jobs: 2, budget: LayoutBudget(gpus: 8),
            progress: .none)
        let program = round.program(.slo, LayoutBudget(gpus: 8))
        let choices = try program.best(6).choices
        #expect(choices.count == 6)
        for choice in choices { #expect(program.place(of: choice.deployment) == choice.rank) }
        let colocated = try #require(Deployment(notation: "C:8x1"))
        #expect(program.place(of: colocated) == nil)
    }
}
