import ServingDomain
import Testing

@testable import Scheduling

/// What users are told of each policy, and what the engine is asked for, written down once more.
@Suite("The list of policies")
struct PolicyListTests {
    private struct Expected {
        var layout = PolicyDefinition.Layout.disaggregated
        var dispatch = Dispatch.leastUsedMemory
        var order = PolicyDefinition.QueueOrder.arrival
        var localPrefill: LocalPrefill?
        var sight: PolicyDefinition.Sight = [.prefillWorkers]
        var knobs: [String] = []

        static func colocated(
            _ prefill: LocalPrefill = .chunked, order: PolicyDefinition.QueueOrder = .arrival,
            _ knobs: [String] = []
        ) -> Self {
            Self(
                layout: .colocated, dispatch: .sessionSticky, order: order, localPrefill: prefill,
                sight: [], knobs: knobs)
        }
    }

    private static let reordering = ["reorder_window", "max_postponements"]
    private static let slack = ["prefill_slack", "decode_slack"]

    private static let expected: [String: Expected] = [
        "always_remote": Expected(), "always_remote_legacy": Expected(),
        "always_local": Expected(sight: []), "always_local_after_first": Expected(),
        "dynamo_conditional_v0": Expected(
            localPrefill: .chunked, knobs: ["max_local_prefill_tokens", "max_prefill_queue"]),
        "dynamo_conditional_v1": Expected(
            localPrefill: .chunked,
            knobs: [
                "conditional_mode", "local_below_tokens", "local_below_share",
                "prefill_busy_tokens", "decode_busy_share",
            ]),
        "ampd": Expected(
            order: .mostInTime, sight: [.prefillWorkers, .windows], knobs: slack + reordering),
        "ampd_routing": Expected(sight: [.prefillWorkers, .windows], knobs: slack),
        "ampd_reordering": Expected(order: .mostInTime, knobs: reordering),
        "kairos": Expected(
            localPrefill: .chunked, sight: [.prefillWorkers, .hosts],
            knobs: ["deflection_factor", "deflected_step_share"]),
        "ppd": Expected(
            localPrefill: .chunked, sight: [.prefillWorkers, .rate],
            knobs: ["ttft_weight", "tpot_weight"]),
        "distserve": Expected(
            sight: [.prefillWorkers, .everyPrefillWorker],
            knobs: ["prefill_max_batch", "decode_token_cap"]),
        "colocated_v0": .colocated(.wholePrompts), "colocated_v1": .colocated(),
        "continuum_code": .colocated(
            order: .programs(first: [.pinned]), ["pin_s", "longest_pinned_call_s"]),
        "continuum_v6": .colocated(
            order: .programs(first: [.preempted, .pinned]), ["enough_calls"]),
        "infercept": .colocated(order: .programs(first: [])),
    ]

    @Test("every policy asks for what it is made of", arguments: Policies.all.map(\.name))
    func definition(name: ServingPolicy.Name) throws {
        let policy = try #require(Policies.named(name))
        let expected = try #require(Self.expected[name.rawValue])
        #expect(policy.layout == expected.layout)
        #expect(policy.dispatch == expected.dispatch)
        #expect(policy.order == expected.order)
        #expect(policy.localPrefill == expected.localPrefill)
        #expect(policy.sight == expected.sight)
        #expect(policy.knobs.map(\.key) == expected.knobs)
        #expect(policy.usesTable == (name == .ppd))
        #expect(policy.minimisesWaste == (name == .infercept))
        #expect((policy.steps != nil) == (name == .distserve))
        #expect((policy.deflection != nil) == (name == .kairos))
        let latest: [ServingPolicy.Name] = [.continuumCode, .continuumV6]
        #expect(policy.victim == (latest.contains(name) ? .latestSession : .newest))
        #expect((policy.pin != nil) == (latest + [.infercept]).contains(name))
        #expect(!policy.summary.isEmpty)
    }

    @Test("nothing in the list is missing, and nothing is there twice")
    func names() {
        #expect(Set(Policies.names.map(\.rawValue)) == Set(Self.expected.keys))
        #expect(Policies.names.count == Self.expected.count)
    }

    @Test("flags of what a rule sees are different")
    func sight() {
        let flags: [PolicyDefinition.Sight] = [.windows, .prefillWorkers, .hosts, .rate]
        #expect(Set(flags.map(\.rawValue)) == [1, 2, 4, 8])
    }

    @Test("these knobs may not be zero, others may")
    func openRanges() {
        let open = (PolicyKnob.common + Policies.all.flatMap(\.knobs)).filter { knob in
            if case .number(_, let isOpen) = knob.values { isOpen } else { false }
        }
        #expect(
            Set(open.map(\.key)) == ["prefill_slack", "decode_slack", "deflected_step_share"])
    }
}
