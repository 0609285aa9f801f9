import CostModeling
import ServingDomain
import Simulation
import Testing

@testable import Planning

@Suite("Stresses on a plan")
struct StressTests {
    private func layout(_ notation: String) throws -> Deployment {
        try #require(Deployment(notation: notation))
    }

    @Test("steps take so many times as long, transfers do not")
    func slowed() throws {
        let planningCase = h20Case()
        let model = costs(planningCase)
        let slowed = model.slowed(prefill: 1.3, decode: 1.1)
        #expect(slowed.transfer == model.transfer)
        for (plain, slow) in zip(model.serving.map(\.costs), slowed.serving.map(\.costs)) {
            #expect(plain.degree == slow.degree)
            for (history, increment) in [(0, 100), (3000, 700), (20_000, 1)] {
                let before = plain.prefillTime(history: history, increment: increment)
                let after = slow.prefillTime(history: history, increment: increment)
                #expect((after / before - 1.3).magnitude < 1e-9)
            }
            for (batch, context) in [(1, 500), (32, 90_000), (200, 1_000_000)] {
                let before = plain.decodeStepTime(batch: batch, totalContext: context)
                let after = slow.decodeStepTime(batch: batch, totalContext: context)
                #expect((after / before - 1.1).magnitude < 1e-9)
            }
        }
    }

    @Test("what is lost with a worker or a node")
    func losses() throws {
        let planningCase = h20Case(gpus: 16)
        func left(_ stress: Stress, _ notation: String) throws -> String? {
            stress.remaining(try layout(notation), planningCase)[0]?.description
        }
        #expect(try left(.prefillWorkerLost, "P:4x2,D:8x1") == "P:4x1,D:8x1")
        #expect(try left(.prefillWorkerLost, "P:4x1,D:8x1") == nil)
        #expect(try left(.decodeWorkerLost, "P:4x1,D:2x3") == "P:4x1,D:2x2")
        #expect(try left(.decodeWorkerLost, "P:4x1,P:2x1,D:2x1,D:1x2") == "P:4x1,P:2x1,D:1x2")
        #expect(try left(.colocatedWorkerLost, "C:8x2") == "C:8x1")
        #expect(try left(.colocatedWorkerLost, "C:8x1") == nil)
        // The largest workers are placed first: D:8x1 fills a node, both of P:4x2 the other.
        #expect(try left(.nodeLost, "P:4x2,D:8x1") == nil)
        // Two of TP 4 on the first node, the third with D:4x1 on the second.
        #expect(try left(.nodeLost, "P:4x3,D:4x1") == "P:4x1,D:4x1")
        #expect(try left(.nodeLost, "C:4x3") == "C:4x1")
        #expect(try left(.higherRate, "C:4x3") == "C:4x3")
    }

    @Test("workloads change as the stress says, where it applies")
    func workloads() throws {
        let planningCase = h20Case(rate: 2)
        #expect(Stress.lowerRate.changed(planningCase)?.workload.rate.sessionsPerSecond == 1.5)
        #expect(Stress.higherRate.changed(planningCase)?.workload.rate.sessionsPerSecond == 2.5)
        func laws(_ changed: Case?) throws -> Workload.Synthetic {
            guard case .synthetic(let laws)? = changed?.workload.sessions else {
                throw CaseError.recorded
            }
            return laws
        }
        let before = try laws(planningCase)
        let longer = try laws(Stress.longerTails.changed(planningCase))
        #expect(longer.prefillTokens == .lognormal(mean: 700, cv: 0.6 * 1.5))
        #expect(longer.rounds == before.rounds)
        let other = try laws(Stress.otherReading.changed(planningCase))
        #expect(before.reading == .perRound && other.reading == .fullPrompt)
        var plain = planningCase
        var constant = before
        (constant.prefillTokens, constant.decodeTokens) = (.constant(5), .exponential(mean: 2))
        constant.firstPrefillTokens = .constant(9)
        plain.workload.sessions = .synthetic(constant)
        #expect(Stress.longerTails.changed(plain) == nil)
        #expect(Stress.otherReading.changed(plain) == nil)
        let layout = try layout("C:8x1")
        let applying = Stress.all(layout, plain)
        #expect(
            applying == [
                .lowerRate, .higherRate, .slowerSteps, .colocatedWorkerLost, .nodeLost,
            ])
    }

    private enum CaseError: Error { case recorded }

    @Test("a plan's outcomes get worse with the load, and are told for all that applies")
    func outcomes() async throws {
        var planningCase = h20Case(gpus: 16, rate: 1.2)
        planningCase.planning = .init(replications: 3, maxReplications: 3, sessions: 60)
        let chosen = try layout("P:4x3,D:4x1")
        let explanation = await PlanExplainer(
            planningCase: planningCase, costs: costs(planningCase),
            slowness: .init(prefill: 3, decode: 3), jobs: 2
        ).explain(chosen, against: [])
        func outcome(_ stress: Stress) throws -> StressOutcome {
            try #require(explanation.stresses.first { $0.stress == stress })
        }
        #expect(explanation.stresses.map(\.stress) == Stress.all(chosen, planningCase))
        func ttft(_ stress: Stress) throws -> Double {
            try #require(try outcome(stress).report?.ttft?.p95.value)
        }
        #expect(try ttft(.lowerRate) < ttft(.higherRate))
        #expect(try outcome(.decodeWorkerLost).deployment == nil)
        #expect(try outcome(.decodeWorkerLost).verdict == .fail)
        #expect(try outcome(.slowerSteps).verdict == .fail)
        #expect(try outcome(.nodeLost).deployment?.description == "P:4x1,D:4x1")
    }
}
