import CostModeling
import DiscreteEvents
import Foundation
import ServingDomain
import Simulation
import Testing

@testable import Planning

@Suite("How often a screen finds the best layout")
struct SelectionFrequencyTests {
    private static let problems =
        switch ProcessInfo.processInfo.environment["AMPD_VERIFY"] {
        case "1": 500
        case .some: 20
        case nil: 3
        }

    /// Eight or sixteen H20 under loads and targets of all kinds.
    private func problem(_ number: Int) -> Case {
        let random = RandomStream(seed: 11, named: "selection problems")
        let gpus = 8 * (1 + random.integer(below: 2, number, 0))
        var drawn = h20Case(gpus: gpus, rate: Double(gpus) * (0.03 + 0.09 * random.unit(number, 1)))
        drawn.service.ttft = .milliseconds(500 + 2500 * random.unit(number, 2))
        drawn.service.itl = .milliseconds(18 + 40 * random.unit(number, 3))
        drawn.planning = .init(
            finalists: 3, replications: 2, maxReplications: 10, sessions: 60,
            seed: UInt64(1000 + number))
        return drawn
    }

    /// Attainment of every layout that keeps up, from many other sessions.
    private func truths(_ planner: Planner) async -> [Deployment: Double] {
        var long = planner.planningCase
        long.planning.seed += 1_000_000
        long.planning.replications = 12
        long.planning.sessions = 250
        let simulation = DeploymentSimulation(planningCase: long, costs: planner.costs, jobs: 2)
        let all = HomogeneousLayouts(
            candidates: CandidateWorkers(TensorParallelDegree.usual.filter { $0.value > 1 }),
            bounds: LayoutBounds(long.cluster))
        var found: [Deployment: Double] = [:]
        for layout in all.split + all.colocated {
            let report = await simulation.run(layout)
            if !report.isOverloaded { found[layout] = report.attainment[.roundJoint]?.value }
        }
        return found
    }

    @Test("a selection is good as often as it says, and its regret is bounded as often")
    func frequency() async throws {
        var (claimed, good, within, count) = (0.0, 0.0, 0.0, 0.0)
        for number in 0..<Self.problems {
            let planningCase = problem(number)
            let planner = Planner(
                planningCase: planningCase, costs: costs(planningCase), jobs: 2)
            let screen = try #require(try await planner.plan(.exhaustive).screen)
            guard let chosen = screen.best.first, let probability = screen.probability,
                let bound = screen.regretBound
            else { continue }
            let truths = await truths(planner)
            let regret = (truths.values.max() ?? 0) - (truths[chosen] ?? 0)
            claimed += probability
            good += regret <= ScreenOutcome.indifference ? 1 : 0
            within += regret <= bound ? 1 : 0
            count += 1
        }
        try #require(count > Double(Self.problems) / 3)
        func error(_ share: Double) -> Double { (share * (1 - share) / count).squareRoot() }
        let promised = claimed / count
        #expect(good / count >= promised - 2 * error(min(promised, 0.9)))
        #expect(within / count >= 0.95 - 2 * error(0.95))
    }
}
