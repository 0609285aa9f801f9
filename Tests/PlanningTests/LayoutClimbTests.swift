import CostModeling
import ServingDomain
import Simulation
import Testing

@testable import Planning

@Suite("Climbs from a layout to better ones")
struct LayoutClimbTests {
    private func climb(_ start: String, rate: Double, jobs: Int = 2) throws -> LayoutClimb {
        var planningCase = h20Case(gpus: 16, rate: rate)
        planningCase.planning = .init(replications: 2, sessions: 100)
        let costs = costs(planningCase)
        let simulation = DeploymentSimulation(
            planningCase: planningCase, costs: costs, jobs: jobs)
        let layout = try #require(Deployment(notation: start))
        let pilot = simulation.run(layout, replication: 0) { _ in }
        return LayoutClimb(
            from: layout, filledAsIn: pilot, planningCase: planningCase, simulation: simulation,
            neighbours: LayoutNeighbours(
                candidates: CandidateWorkers(Array(TensorParallelDegree.usual.dropFirst())),
                bounds: LayoutBounds(planningCase.cluster)),
            progress: .none)
    }

    private func attainment(_ layout: Deployment, rate: Double) async -> Double {
        var planningCase = h20Case(gpus: 16, rate: rate)
        planningCase.planning = .init(replications: 6, sessions: 100)
        let report = await DeploymentSimulation(
            planningCase: planningCase, costs: costs(planningCase), jobs: 2
        ).run(layout)
        return report.isOverloaded ? 0 : report.attainment[.roundJoint]?.value ?? 0
    }

    @Test(
        "it ends at one that serves far more",
        arguments: ["P:2x1,D:2x7", "P:4x1,D:4x3"])
    func climbs(start: String) async throws {
        let first = try #require(Deployment(notation: start))
        var climb = try climb(start, rate: 2)
        let found = await climb.run { _ in false }
        let best = try #require(found.first)
        #expect(found.count <= LayoutClimb.kept && Set(found).count == found.count)
        let (before, after) = (
            await attainment(first, rate: 2), await attainment(best, rate: 2)
        )
        #expect(after > 0.95 && before < 0.9, "\(best): \(after) after \(before)")
    }

    @Test("the same on any number of threads")
    func threads() async throws {
        var (one, many) = (
            try climb("P:4x1,D:4x3", rate: 2, jobs: 1), try climb("P:4x1,D:4x3", rate: 2, jobs: 5)
        )
        let found = await one.run { _ in false }
        #expect(await found == many.run { _ in false } && !found.isEmpty)
    }

    @Test("told that what it found falls behind, it goes on from what does not")
    func further() async throws {
        var climb = try climb("P:4x1,D:4x3", rate: 2)
        let first = await climb.run { _ in false }
        let second = await climb.run { first.contains($0) }
        #expect(!second.isEmpty && Set(first).isDisjoint(with: second))
        // Nothing new is known.
        #expect(await climb.run { _ in false } == second)
    }

    @Test("where proposals serve all there is nothing to look for, and the plans are theirs")
    func idle() async throws {
        var planningCase = h20Case(gpus: 16, rate: 0.3)
        planningCase.planning = .init(finalists: 3, replications: 2, sessions: 60)
        let result = try await Planner(
            planningCase: planningCase, costs: costs(planningCase), jobs: 2
        ).plan()
        let split = result.plans.filter { $0.deployment.homogeneousPair != nil }
        #expect(split.count == 3 && split.allSatisfy { $0.milpRank != nil })
    }
}
