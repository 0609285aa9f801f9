import CostModeling
import ServingDomain
import Simulation
import Testing

@testable import Planning

@Suite("Why a layout was chosen, and what holds it back")
struct PlanExplainerTests {
    private func explainer(
        rate: Double = 0.8, _ change: (inout Case) -> Void = { _ in }
    ) -> (PlanExplainer, Case) {
        var planningCase = h20Case(gpus: 16, rate: rate)
        planningCase.planning = .init(replications: 3, maxReplications: 3, sessions: 80)
        change(&planningCase)
        return (
            PlanExplainer(
                planningCase: planningCase, costs: costs(planningCase), jobs: 2), planningCase
        )
    }

    private func layout(_ notation: String) throws -> Deployment {
        try #require(Deployment(notation: notation))
    }

    private func verdict(_ layout: Deployment, _ planningCase: Case, rate: Rate) async -> Verdict {
        let report = await LongRuns(
            planningCase: planningCase, costs: costs(planningCase), jobs: 2
        ).report(layout, rate: rate)
        return .all(TargetCheck.all(report, planningCase.service).map(\.verdict))
    }

    @Test("the targets are met at the highest rate, and not 2 % above it")
    func headroom() async throws {
        let (explainer, planningCase) = explainer()
        let chosen = try layout("P:4x3,D:4x1")
        let explanation = await explainer.explain(chosen, against: [])
        let headroom = try #require(explanation.headroom)
        let (rate, missed) = (try #require(headroom.rate), try #require(headroom.missedRate))
        #expect(missed.sessionsPerSecond / rate.sessionsPerSecond <= Headroom.step)
        #expect(rate.sessionsPerSecond < missed.sessionsPerSecond)
        #expect(await verdict(chosen, planningCase, rate: rate) == .pass)
        #expect(await verdict(chosen, planningCase, rate: missed) != .pass)
        #expect(!headroom.missed.isEmpty)
        let factor = try #require(headroom.factor(over: planningCase.workload.rate))
        #expect((factor * 0.8 - rate.sessionsPerSecond).magnitude < 1e-9)
    }

    @Test("few prefill workers hold a layout back, and so do few decode workers")
    func bottleneck() async throws {
        let (few, _) = explainer(rate: 0.3)
        let starved = await few.explain(try layout("P:2x1,D:4x3"), against: [])
        #expect(starved.bottleneck == .prefill)
        #expect(starved.values.map(\.phase) == [.prefill, .decode])
        let gains = starved.values.map { $0.ratePerGPU ?? 0 }
        #expect(gains[0] > gains[1] && gains[0] > 0)
        // Decode steps of a whole batch are too slow where the target is tight.
        let (tight, _) = explainer(rate: 0.8) { $0.service.itl = .milliseconds(27) }
        let crowded = await tight.explain(try layout("P:8x1,D:2x1"), against: [])
        #expect(crowded.bottleneck != .prefill)
    }

    @Test("layouts that were asked about are compared, or told why they cannot run")
    func others() async throws {
        let (explainer, _) = explainer()
        let chosen = try layout("P:4x3,D:4x1")
        let others = [chosen, try layout("P:4x4,D:4x1"), try layout("P:1x2,D:2x1")]
        let explanation = await explainer.explain(chosen, against: others)
        #expect(explanation.others.map(\.deployment) == others)
        let same = explanation.others[0]
        #expect(same.obstacles.isEmpty && same.gap?.difference.value == 0)
        #expect(same.report == explanation.chosen.report)
        #expect(explanation.others[1].obstacles.contains { $0.contains("takes 20 GPUs") })
        #expect(explanation.others[2].obstacles.contains { $0.contains("no room for KV cache") })
        #expect(explanation.others[1].verdict == .fail && explanation.others[1].report == nil)
        // The best of the co-located ones of as many GPUs.
        let rival = try #require(explanation.colocated)
        #expect(rival.deployment.gpus == chosen.gpus && rival.deployment.prefillGroups.isEmpty)
    }

    @Test("a closed loop has no headroom, and co-located workers no rival")
    func closed() async throws {
        let (explainer, _) = explainer {
            $0.workload.rate = .unlimited
            $0.workload.arrivals = .closed
            $0.workload.concurrency = 4
        }
        let explanation = await explainer.explain(try layout("C:8x1"), against: [])
        #expect(explanation.headroom == nil && explanation.bottleneck == nil)
        #expect(explanation.values.isEmpty && explanation.colocated == nil)
        #expect(explanation.chosen.verdict != .fail)
    }
}
