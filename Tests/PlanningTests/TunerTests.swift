import CostModeling
import Scheduling
import ServingDomain
import Simulation
import Testing

@testable import Planning

@Suite("Settings that are tried on a layout")
struct TunerTests {
    private func asked(_ policy: ServingPolicy.Name, rate: Double = 1.5) -> Case {
        var planningCase = h20Case(gpus: 16, rate: rate)
        planningCase.policy = ServingPolicy(name: policy)
        planningCase.planning = .init(replications: 2, sessions: 60)
        return planningCase
    }

    private func tune(_ planningCase: Case, _ layout: String, jobs: Int = 2) async throws -> Tuning
    {
        let layout = try #require(Deployment(notation: layout))
        return await Tuner(
            planningCase: planningCase, costs: costs(planningCase), jobs: jobs
        ).tune(layout)
    }

    @Test("a threshold that keeps every prompt on the decode worker is found to be too high")
    func threshold() async throws {
        var planningCase = asked(.dynamoConditionalV0, rate: 2)
        let knob = try #require(
            planningCase.policy.definition.knobs.first { $0.key == "max_local_prefill_tokens" })
        planningCase.policy[knob] = 1e9
        let tuning = try await tune(planningCase, "P:2x7,D:2x1")
        let change = try #require(tuning.changes.first)
        #expect(change.setting == .knob(knob) && change.from == 1e9 && change.to < 1e5)
        let confirmation = try #require(tuning.confirmation)
        #expect(confirmation.replications == 10)
        let headline = ServingStatistic.attainment(planningCase.service.headline)
        #expect(confirmation.isGain(headline))
        if !confirmation.before.isOverloaded {
            let gain = try #require(confirmation.differences.first { $0.statistic == headline })
            #expect(gain.difference.low > 0)
        }
    }

    @Test("each sweep has the present value and the best, which serves no fewer than it")
    func sweeps() async throws {
        let tuning = try await tune(asked(.ampd), "P:2x5,D:2x3")
        #expect(
            tuning.sweeps.map(\.setting.key) == [
                "policy.prefill_slack", "policy.decode_slack", "policy.reorder_window",
                "policy.max_postponements", "policy.window_s", "engine.token_budget",
                "engine.history_recompute_tokens",
            ])
        for sweep in tuning.sweeps {
            let values = sweep.rows.map(\.value)
            #expect(values == values.sorted() && Set(values).count == values.count)
            let before = try #require(sweep.rows.first { $0.value == sweep.before })
            let best = try #require(sweep.rows.first { $0.value == sweep.chosen })
            #expect((best.attainment ?? -1) >= (before.attainment ?? -1))
        }
        #expect(tuning.threshold?.sweep.before == 0)
    }

    @Test(
        "looks at who has come are tried on co-located workers of SGLang"
    )
    func receiving() async throws {
        var planningCase = asked(.colocatedV1)
        planningCase.engine = Engine(
            name: "sglang", maxSequences: 256, tokenBudget: 8192, overhead: .none)
        planningCase.engine.behaviour.receiveInterval = 5000
        let tuning = try await tune(planningCase, "C:2x8")
        let sweep = try #require(tuning.sweeps.first { $0.setting == .receiveInterval })
        #expect(sweep.setting.key == "engine.receive_interval_steps" && sweep.before == 5000)
        #expect(sweep.rows.map(\.value) == [1, 2, 5, 10, 20, 50, 5000])
        #expect(sweep.chosen < 5000)
        planningCase.engine = Engine(
            name: "vllm", maxSequences: 256, tokenBudget: 8192, overhead: .none)
        let other = TunedSetting.all(try #require(Deployment(notation: "C:2x8")), planningCase)
        #expect(!other.contains(.receiveInterval))
    }

    @Test("the same on any number of threads")
    func threads() async throws {
        let one = try await tune(asked(.dynamoConditionalV0), "P:2x5,D:2x3", jobs: 1)
        let many = try await tune(asked(.dynamoConditionalV0), "P:2x5,D:2x3", jobs: 5)
        #expect(one.sweeps.map(\.chosen) == many.sweeps.map(\.chosen))
        #expect(
            one.sweeps.flatMap(\.rows).map(\.pressure)
                == many.sweeps.flatMap(\.rows).map(\.pressure))
        #expect(one.confirmation?.differences == many.confirmation?.differences)
    }

    @Test("co-located workers have no threshold, nor has an engine that prefills nothing there")
    func without() async throws {
        let colocated = try await tune(asked(.ampd), "C:4x4")
        #expect(colocated.threshold == nil)
        #expect(colocated.sweeps.map(\.setting) == [.tokenBudget])
        var refusing = asked(.alwaysRemote)
        refusing.engine.rules.localPrefill = .init(false, source: "s", date: "d")
        let remote = try await tune(refusing, "P:2x5,D:2x3")
        #expect(remote.threshold == nil && remote.sweeps.map(\.setting) == [.historyRecompute])
        refusing.engine.behaviour.historySource = .recompute
        let again = try await tune(refusing, "P:2x5,D:2x3")
        #expect(again.threshold == nil && again.sweeps.isEmpty && again.changes.isEmpty)
    }

    @Test("values that are tried lie in the range of their knob")
    func ranges() {
        for definition in Policies.all {
            var planningCase = asked(definition.name)
            planningCase.policy = ServingPolicy(name: definition.name)
            for knob in definition.knobs {
                let setting = TunedSetting.knob(knob)
                let values = setting.candidates(in: planningCase)
                #expect(values.first == planningCase.policy[knob] && values.count > 1)
                #expect(Set(values).count == values.count)
                for value in values {
                    switch knob.values {
                    case .choice(let words): #expect(words.indices.contains(Int(value)))
                    case .whole(let range):
                        #expect(value == value.rounded() && range.contains(Int(value)))
                    case .number(let range, let isOpen):
                        #expect(range.contains(value) && !(isOpen && value == range.lowerBound))
                    }
                }
            }
        }
    }
}
