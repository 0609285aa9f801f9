import CostModeling
import ServingDomain
import Testing

@testable import Planning

@Suite("Coefficients that are simulated as they are asked for")
struct CoefficientTableTests {
    private func round(gpus: Int, rate: Double) async throws -> PlanningRound {
        var planningCase = h20Case(gpus: gpus, rate: rate)
        planningCase.planning = .init(finalists: 4, replications: 2, sessions: 50)
        return try await PlanningRound(
            planningCase, costs: costs(planningCase), jobs: 2, budget: LayoutBudget(gpus: gpus),
            progress: .none)
    }

    @Test(
        "the best layouts are those of the whole table, which takes more simulations",
        arguments: [(16, 1.0), (48, 4.0), (48, 8.0), (24, 40.0)])
    func lazy(gpus: Int, rate: Double) async throws {
        var some = try await round(gpus: gpus, rate: rate)
        var all = try await round(gpus: gpus, rate: rate)
        await all.table?.complete()
        let lazy = try #require(try await some.select(within: LayoutBudget(gpus: gpus)))
        let whole = try #require(try await all.select(within: LayoutBudget(gpus: gpus)))
        #expect(lazy.choices.map(\.deployment) == whole.choices.map(\.deployment))
        #expect(lazy.choices == whole.choices)
        let (few, many) = (
            try #require(some.table).columns, try #require(all.table).columns
        )
        #expect(many.count { $0.isBound } == 0)
        #expect(few.count == many.count)
        // Columns that the choices rest on are known.
        for choice in lazy.choices {
            for phase in Phase.allCases {
                for group in choice.deployment.groups(of: phase) {
                    let column = few.first {
                        $0.phase == phase && $0.kind == group.kind
                            && $0.replicas == group.replicas
                    }
                    #expect(column?.isBound == false)
                }
            }
        }
        // A bound is what it says, but for what a few sessions' P95 differ by.
        for (bound, figure) in zip(few, many) where bound.isBound {
            #expect(figure.overloaded || bound.ratio <= 1.1 * figure.ratio)
        }
    }

    @Test("the fewest GPUs are proposed as with the whole table")
    func fewest() async throws {
        var some = try await round(gpus: 32, rate: 1.5)
        var all = try await round(gpus: 32, rate: 1.5)
        await all.table?.complete()
        let (few, whole) = (
            try await some.proposal(of: .minGPUs, within: LayoutBudget(gpus: 32)),
            try await all.proposal(of: .minGPUs, within: LayoutBudget(gpus: 32))
        )
        #expect(few == whole && few != nil)
        let (known, every) = (
            try #require(some.table).known.count, try #require(all.table).known.count
        )
        #expect(known < every)
    }
}
