import CostModeling
import Scheduling
import ServingDomain

/// A policy with its knobs turned and the targets known, ready for one run.
struct RunningPolicy {
    let rule: RoutingRule
    /// What the rule looks at.
    let sight: PolicyDefinition.Sight
    /// How prompts are computed on serving workers: by the policy, else by the setup.
    let localPrefill: LocalPrefill
    let dispatch: Dispatch
    /// Kinds of rounds that go first, where queues are ordered by sessions.
    let programs: [PolicyDefinition.RoundKind]?
    let victim: PolicyDefinition.Victim
    let pin: PolicyDefinition.PinRule?
    let minimisesWaste: Bool
    /// Algorithm 2, where it orders the queues.
    let reordering: PrefillReordering?
    let deflection: PrefillDeflection?
    /// Windowed TTFT up to which prefill workers go before others; nil where it does not count.
    let prefillSlack: Double?
    /// Chunks beside which no step takes longer than the policy allows.
    let safeChunks: SafeChunks?

    init(_ setup: ClusterSetup) {
        let (policy, definition) = (setup.policy, setup.policy.definition)
        rule = definition.rule(policy, setup.service)
        sight = definition.sight
        localPrefill = definition.localPrefill ?? setup.localPrefill
        dispatch = policy.dispatch ?? definition.dispatch
        victim = definition.victim
        pin = definition.pin?(policy)
        minimisesWaste = definition.minimisesWaste
        programs = if case .programs(let first) = definition.order { first } else { nil }
        deflection = definition.deflection?(policy, setup.service)
        prefillSlack = definition.prefillSlack?(policy, setup.service)
        safeChunks = deflection.map {
            SafeChunks(target: Ticks.rounding(nanoseconds: $0.longestStep))
        }
        reordering =
            definition.order == .mostInTime
            ? PrefillReordering(
                window: Int(policy[.reorderWindow]),
                maxPostponements: Int(policy[.maxPostponements]),
                target: setup.service.ttft.inSeconds * 1e9) : nil
    }

    /// Prefill workers up to which it costs less to look at all of them.
    private static let few = 8

    /// Whether the cheapest of so many prefill workers can be told without looking at all: what they say is
    /// known at once, and a round's prefill is alike on equal workers.
    func looksAtFew(of prefillWorkers: Int, _ setup: ClusterSetup) -> Bool {
        prefillWorkers > Self.few && sight.contains(.prefillWorkers)
            && !sight.contains(.everyPrefillWorker) && setup.policy.stateDelay == .zero
            && setup.historySource != .prefillCache && !setup.looksAtEveryWorker
    }

    /// Whether the rule looks at the gaps between tokens.
    var tracksITL: Bool { sight.contains(.windows) }
}
