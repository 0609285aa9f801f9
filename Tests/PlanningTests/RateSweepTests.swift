import CostModeling
import ServingDomain
import Testing

@testable import Planning

@Suite("GPUs against load")
struct RateSweepTests {
    private func groups(_ notation: String) throws -> [WorkerGroup] {
        try #require(Deployment(notation: notation)).allGroups
    }

    @Test("what layouts have in common is the fewest workers of each kind")
    func common() throws {
        let lists = try ["C:4x3,C:2x1", "C:2x2,C:4x2", "C:4x5,C:2x2"].map(groups)
        #expect(try RateSweep.common(lists) == groups("C:4x2,C:2x1"))
        #expect(try RateSweep.common([groups("C:4x3"), groups("C:2x2")]).isEmpty)
        #expect(RateSweep.common([]).isEmpty)
        #expect(try RateSweep.common([groups("C:8x1")]) == groups("C:8x1"))
    }

    @Test("a higher rate takes no fewer GPUs, each as many as a search of its own finds")
    func sweep() async throws {
        var planningCase = h20Case(gpus: 16, rate: 1)
        planningCase.planning = .init(
            finalists: 3, replications: 2, maxReplications: 2, sessions: 40)
        let planner = Planner(planningCase: planningCase, costs: costs(planningCase), jobs: 2)
        let rates = [40, 0.2, 1.2].map { Rate(sessionsPerSecond: $0) }
        let sweep = try await planner.sweep(rates)
        #expect(sweep.points.map(\.rate) == rates.sorted())
        #expect(sweep.points.map(\.isFound) == [true, true, false])
        #expect(!sweep.isServed && !sweep.isInterrupted && sweep.points[2].layout == nil)
        let layouts = try sweep.points.prefix(2).map { try #require($0.layout) }
        #expect(layouts[0].gpus <= layouts[1].gpus)
        var alone = planningCase
        alone.planning.objective = .minGPUs
        alone.workload.rate = rates[2]
        let own = try await Planner(planningCase: alone, costs: costs(alone), jobs: 1).plan()
        #expect(own.recommended?.deployment == layouts[1])
        // Every layout has the workers of the core.
        for layout in layouts {
            for (core, groups) in [
                (sweep.core.prefill, layout.groups(of: .prefill)),
                (sweep.core.decode, layout.groups(of: .decode)),
            ] {
                for worker in core {
                    let same = groups.filter { $0.parallelism == worker.parallelism }
                    #expect(same.reduce(0) { $0 + $1.replicas } >= worker.replicas)
                }
            }
        }
    }
}
