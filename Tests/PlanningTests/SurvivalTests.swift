import CostModeling
import ServingDomain
import Simulation
import Testing

@testable import Planning

@Suite("Layouts that lose a worker, and what runs today")
struct SurvivalTests {
    private func asked(
        gpus: Int = 16, rate: Double, _ change: (inout Case.Planning) -> Void = { _ in }
    ) -> Case {
        var planningCase = h20Case(gpus: gpus, rate: rate)
        planningCase.planning = .init(
            finalists: 3, replications: 3, maxReplications: 3, sessions: 60)
        change(&planningCase.planning)
        return planningCase
    }

    private func plan(_ planningCase: Case) async throws -> PlanResult {
        try await Planner(planningCase: planningCase, costs: costs(planningCase), jobs: 2).plan()
    }

    @Test("the recommended layout meets every target without any of its workers too")
    func survives() async throws {
        let planningCase = asked(rate: 0.5) { $0.survivedLosses = 1 }
        let result = try await plan(planningCase)
        let best = try #require(result.recommended)
        let survival = try #require(best.survival)
        #expect(best.verdict == .pass && !survival.isEmpty)
        #expect(survival.contains { $0.stress == .nodeLost })
        for outcome in survival {
            let left = try #require(outcome.deployment)
            #expect(left.gpus < best.deployment.gpus)
            let report = await DeploymentSimulation(
                planningCase: planningCase, costs: costs(planningCase), jobs: 2
            ).run(left)
            #expect(
                Verdict.all(TargetCheck.all(report, planningCase.service).map(\.verdict)) == .pass)
        }
        let places = result.plans.map(\.survivalStanding)
        #expect(places == places.sorted())
    }

    @Test("proposals have a replica to spare in each phase, and more GPUs are needed")
    func spare() async throws {
        let plain = try await plan(asked(rate: 0.7) { $0.objective = .minGPUs })
        let safe = try await plan(
            asked(rate: 0.7) {
                $0.objective = .minGPUs
                $0.survivedLosses = 1
            })
        let (few, more) = (try #require(plain.search), try #require(safe.search))
        #expect(few.isFound && few.budget <= more.budget)
        #expect(plain.plans.allSatisfy { $0.survival == nil })
        let split = safe.plans.filter { $0.milpRank != nil }
            .compactMap { $0.deployment.homogeneousPair }
        #expect(split.allSatisfy { $0.prefill.replicas > 1 && $0.decode.replicas > 1 })
        if more.isFound { #expect(safe.recommended?.verdict == .pass) }
    }

    @Test("a column without one of its replicas has the figures of one less")
    func table() async throws {
        func columns(spare: Int) async -> [LatencyCoefficient] {
            let planningCase = asked(rate: 0.6)
            var table = CoefficientTable(
                ReplicaSimulation(
                    planningCase: planningCase, costs: costs(planningCase),
                    candidates: CandidateWorkers(
                        planningCase.planning.degrees.filter { $0.value > 1 }),
                    replications: Replications(planningCase, jobs: 1)),
                within: LayoutBounds(planningCase.cluster), spare: spare, jobs: 2)
            await table.begin()
            await table.complete()
            return table.columns
        }
        let (whole, spared) = (await columns(spare: 0), await columns(spare: 1))
        #expect(!spared.isEmpty && spared.allSatisfy { $0.replicas > 1 })
        for column in spared {
            func same(_ replicas: Int) throws -> LatencyCoefficient {
                try #require(
                    whole.first {
                        $0.phase == column.phase && $0.kind == column.kind
                            && $0.replicas == replicas
                    })
            }
            #expect(column.ratio == (try same(column.replicas - 1).ratio))
            #expect(column.overloaded == (try same(column.replicas - 1).overloaded))
            #expect(column.kvTokens == (try same(column.replicas).kvTokens))
        }
    }

    @Test("what runs today is ranked with the others, and where it cannot run that is said")
    func incumbent() async throws {
        let layout = try #require(Deployment(notation: "P:2x1,D:2x1"))
        let result = try await plan(asked(rate: 0.5) { $0.incumbent = layout })
        #expect(result.plans.count { $0.deployment == layout } == 1)
        #expect(result.rejected.allSatisfy { $0.layout != "P:2x1,D:2x1" })
        let huge = try #require(Deployment(notation: "P:1x1,D:8x40"))
        let other = try await plan(asked(rate: 0.5) { $0.incumbent = huge })
        #expect(!other.plans.contains { $0.deployment == huge })
        let rejection = try #require(other.rejected.first { $0.layout == "P:1x1,D:8x40" })
        #expect(rejection.reason.contains("the incumbent cannot run"))
    }

    @Test("the least cost is that of the fewest GPUs, and knows its price")
    func cost() async throws {
        var planningCase = asked(rate: 0.5) { $0.objective = .minCost }
        let cluster = planningCase.cluster
        planningCase.cluster = Cluster(
            gpu: cluster.gpu, nodes: cluster.nodes, gpusPerNode: cluster.gpusPerNode,
            pricePerGPUHour: 2.5)
        let cheapest = try await plan(planningCase)
        let fewest = try await plan(asked(rate: 0.5) { $0.objective = .minGPUs })
        let best = try #require(cheapest.recommended)
        #expect(cheapest.search?.budget == fewest.search?.budget)
        #expect(best.deployment == fewest.recommended?.deployment)
        #expect(
            best.usdPerHour == 2.5 * Double(best.deployment.gpus.value))
        #expect(fewest.recommended?.usdPerHour == nil)
    }
}
