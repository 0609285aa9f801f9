import CostModeling
import ServingDomain
import Simulation
import Synchronization
import Testing

@testable import Planning

@Suite("Searches that are cancelled")
struct CancellationTests {
    private func cancelled(
        _ objective: Case.Planning.Objective, after count: Int,
        of isCounted: @escaping @Sendable (PlanningProgress) -> Bool
    ) async -> Result<PlanResult, any Error> {
        var planningCase = h20Case(gpus: 16, rate: 1)
        planningCase.planning = .init(
            objective: objective, replications: 3, maxReplications: 6, sessions: 120)
        let left = Mutex(count)
        let search = Mutex<Task<PlanResult, any Error>?>(nil)
        let planner = Planner(planningCase: planningCase, costs: costs(planningCase), jobs: 2) {
            guard isCounted($0) else { return }
            let isDue = left.withLock {
                $0 -= 1
                return $0 == 0
            }
            if isDue { search.withLock { $0?.cancel() } }
        }
        // The search begins when it can be cancelled.
        let (gate, opening) = AsyncStream<Void>.makeStream()
        let task = Task {
            for await _ in gate { break }
            return try await planner.plan()
        }
        search.withLock { $0 = task }
        opening.yield()
        return await task.result
    }

    @Test("before any layout was simulated there is no plan")
    func early() async {
        let result = await cancelled(.slo, after: 1) { $0.stage == .coefficients }
        #expect(throws: PlanningError.interrupted) { try result.get() }
    }

    @Test("the layouts that were simulated until then are ranked, by the runs that ended")
    func late() async throws {
        let result = try await cancelled(.slo, after: 9) {
            $0.stage == .simulation && $0.done > 0
        }.get()
        #expect(result.isInterrupted)
        let runs = result.plans.map(\.report.replications)
        #expect(!runs.isEmpty && runs.allSatisfy { $0 >= 1 })
        let whole = try await Planner(
            planningCase: result.planningCase, costs: result.costs, jobs: 2
        ).plan()
        #expect(!whole.isInterrupted && whole.plans.count >= result.plans.count)
        // What ended is what would have been there.
        for plan in result.plans where plan.report.replications >= 3 {
            let same = whole.plans.first { $0.deployment == plan.deployment }
            #expect(same?.report.replications ?? 0 >= 3)
        }
    }

    @Test("the best budget until then is the answer")
    func search() async throws {
        let result = try await cancelled(.minGPUs, after: 1) {
            $0.text?.hasSuffix(" pass") == true
        }.get()
        #expect(result.isInterrupted && result.search?.isFound == true)
        #expect(result.verdict == .pass)
    }
}
