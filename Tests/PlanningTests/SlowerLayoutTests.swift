import CostModeling
import DiscreteEvents
import Foundation
import ServingDomain
import Testing

@testable import Planning
@testable import Simulation

/// A layout beside the same one whose steps take a tenth longer.
@Suite("Layouts that are a little worse")
struct SlowerLayoutTests {
    /// Eight in every test run, 50 with AMPD_VERIFY.
    private static let wanted =
        ProcessInfo.processInfo.environment["AMPD_VERIFY"] == nil ? 8 : 50

    private struct Drawn {
        let planningCase: Case
        let layout: Deployment
    }

    /// Layouts of sixteen GPUs under loads and targets of all kinds.
    private func draw(_ number: Int) throws -> Drawn {
        let random = RandomStream(seed: 17, named: "slower layouts")
        let notations = ["P:4x3,D:4x1", "P:2x5,D:2x3", "C:4x4", "P:8x1,D:4x2", "C:8x2"]
        var drawn = h20Case(gpus: 16, rate: 0.5 + 1.5 * random.unit(number, 1))
        drawn.service.ttft = .milliseconds(400 + 1600 * random.unit(number, 2))
        drawn.service.itl = .milliseconds(16 + 40 * random.unit(number, 3))
        drawn.planning = .init(seed: UInt64(number + 1))
        let notation = notations[random.integer(below: notations.count, number, 4)]
        return Drawn(
            planningCase: drawn, layout: try #require(Deployment(notation: notation)))
    }

    /// Replicates both as `Finalists` does, and tells whether the slower one is below; nil where it is not
    /// told from the other, or attainment lies outside 0.5 to 0.95.
    private func verdict(_ drawn: Drawn) async -> (attainment: Double, gap: PairedDifference?) {
        let model = costs(drawn.planningCase)
        let simulations = [model, model.slowed(prefill: 1.1, decode: 1.1)].map {
            DeploymentSimulation(planningCase: drawn.planningCase, costs: $0, jobs: 2)
        }
        let headline = ServingStatistic.attainment(.roundJoint)
        var (base, slow): ([SimulationResult], [SimulationResult]) = ([], [])
        let planning = drawn.planningCase.planning
        let length = RunLength([], maxReplications: planning.maxReplications)
        for checkpoint in length.checkpoints(from: planning.replications) {
            let setups = simulations.map { NamedSetup($0.setup(drawn.layout)) }
            let tasks = (base.count..<checkpoint).flatMap { number in
                setups.map { (setup: $0, replication: number) }
            }
            let results = await simulations[0].replications.run(tasks) { $0 }
            for (place, result) in results.enumerated() {
                if place.isMultiple(of: 2) { base.append(result) } else { slow.append(result) }
            }
            let gap = PairedComparison(base, slow, of: [headline])[headline]
            if Backlog(base).isOverloaded || gap?.isSignificant ?? true { break }
        }
        let attainment = headline.estimate(base)?.value ?? 0
        return (
            Backlog(base).isOverloaded ? 0 : attainment,
            PairedComparison(base, slow, of: [headline])[headline]
        )
    }

    @Test("a tenth slower is never above, and below in nine of ten cases")
    func slower() async throws {
        var (cases, below, above, number) = (0, 0, 0, 0)
        while cases < Self.wanted, number < 40 * Self.wanted {
            let (attainment, gap) = await verdict(try draw(number))
            number += 1
            guard (0.5...0.95).contains(attainment) else { continue }
            cases += 1
            // Without a steady state of the slower one it stands below.
            guard let gap else {
                below += 1
                continue
            }
            if gap.isSignificant { if gap.difference.value < 0 { below += 1 } else { above += 1 } }
        }
        #expect(cases == Self.wanted)
        #expect(above == 0)
        #expect(Double(below) >= 0.9 * Double(cases), "\(below) of \(cases)")
    }

    @Test("the same layout under two names shares a rank")
    func names() async throws {
        var planningCase = h20Case(gpus: 16, rate: 1.3)
        planningCase.planning = .init(replications: 3, maxReplications: 6, sessions: 80)
        let layouts = try ["P:4x3,D:4x1", "P:4x1,P:4x2,D:4x1"].map {
            try #require(Deployment(notation: $0))
        }
        #expect(layouts[0] != layouts[1])
        var round = try await PlanningRound(
            planningCase, costs: costs(planningCase), jobs: 2, budget: LayoutBudget(gpus: 16),
            progress: .none)
        let result = try await round.result(of: layouts, nil, nil)
        #expect(result.plans.map(\.rank) == [1, 1])
        #expect(result.plans[1].gap?.difference.value == 0)
        #expect(result.plans[0].report == result.plans[1].report)
    }
}
