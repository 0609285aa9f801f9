import Scheduling
public import ServingDomain

/// Something that the engine of a case refuses, and what it would take instead.
public struct EngineConflict: Hashable, Sendable {
    public enum Rule: String, Hashable, Sendable {
        case degreePairs = "degree_pairs"
        case localPrefill = "local_prefill"
        case historyReadBack = "history_read_back"
        case cutWeightBlocks = "cut_weight_blocks"
        case partialExperts = "partial_expert_parallel"
    }

    public let rule: Rule
    /// What is refused and who says so.
    public let message: String
}

/// A setting without which the engine refuses what a plan needs.
public struct EngineSetting: Hashable, Sendable {
    public let rule: EngineConflict.Rule
    public let setting: String
    public let origin: String
}

/// The nearest case that the engine can run, and what was changed for it.
public struct EngineAdaptation: Hashable, Sendable {
    /// A key of case files, with its value before and after.
    public struct Change: Hashable, Sendable {
        public let key: String
        public let from: String
        public let to: String
        public let reason: String
    }

    public let changes: [Change]
    public let planningCase: Case
}

extension Case {
    /// Who runs the workers, for messages.
    var engineName: String {
        [engine.name, engine.connector].compactMap { $0 }.joined(separator: " with ")
    }

    /// Whether the engine lets workers of these degrees exchange KV cache, or nobody asks it.
    func allows(prefill: TensorParallelDegree, decode: TensorParallelDegree) -> Bool {
        planning.ignoresEngineRules
            || engine.rules.degreePairs?.value.allows(prefill: prefill, decode: decode) ?? true
    }

    /// What the engine refuses of a layout under the policy, whether or not the case obeys it.
    public func engineConflicts(with layout: Deployment) -> [EngineConflict] {
        layoutConflicts(on: layout) + (layout.prefillGroups.isEmpty ? [] : policyConflicts)
    }

    /// What the engine refuses of a layout under any policy: degrees beside each other, and ways to share
    /// the model among the GPUs of a worker.
    public func layoutConflicts(on layout: Deployment) -> [EngineConflict] {
        pairConflicts(on: layout) + startConflicts(on: layout)
    }

    /// Degrees of a layout that the engine does not let stand beside each other.
    public func pairConflicts(on layout: Deployment) -> [EngineConflict] {
        guard !layout.prefillGroups.isEmpty, let rule = engine.rules.degreePairs else { return [] }
        let pairs = layout.prefillGroups.flatMap { prefill in
            layout.servingGroups.map { (prefill.degree, $0.degree) }
        }
        return pairs.filter { !rule.value.allows(prefill: $0.0, decode: $0.1) }.map {
            EngineConflict(
                rule: .degreePairs,
                message:
                    "\(engineName) refuses prefill workers of TP \($0.0) beside decode workers "
                    + "of TP \($0.1): \(rule.value.sentence) (\(rule.origin))")
        }
    }

    /// What the engine refuses of the policy, on any layout with prefill workers.
    public var policyConflicts: [EngineConflict] {
        var found: [EngineConflict] = []
        if needsLocalPrefill, let rule = engine.rules.localPrefill, !rule.value {
            found.append(
                EngineConflict(
                    rule: .localPrefill,
                    message: "\(engineName) does not prefill on decode workers, as policy "
                        + "\(policy.name.rawValue) may ask for (\(rule.origin))"))
        }
        if needsHistory, let rule = engine.rules.historyReadBack, !rule.value {
            found.append(
                EngineConflict(
                    rule: .historyReadBack,
                    message: "\(engineName) does not read histories back from decode workers "
                        + "(\(rule.origin))"))
        }
        return found
    }

    /// Settings without which the engine refuses what the policy or a layout needs.
    public func neededSettings(for layout: Deployment) -> [EngineSetting] {
        guard !layout.prefillGroups.isEmpty else { return [] }
        let differ = layout.prefillGroups.contains { prefill in
            layout.servingGroups.contains { $0.degree != prefill.degree }
        }
        let isLatent = if case .latent = model.attention { true } else { false }
        var found: [EngineSetting] = []
        func need<Value>(_ name: EngineConflict.Rule, _ rule: EngineRules.Rule<Value>?) {
            guard let rule, let setting = rule.setting else { return }
            found.append(EngineSetting(rule: name, setting: setting, origin: rule.origin))
        }
        if differ, !isLatent { need(.degreePairs, engine.rules.degreePairs) }
        if needsLocalPrefill { need(.localPrefill, engine.rules.localPrefill) }
        if needsHistory { need(.historyReadBack, engine.rules.historyReadBack) }
        return found
    }

    /// The same question with a policy and a source of histories that the engine has; nil where it has what
    /// the case asks for.
    public var adaptation: EngineAdaptation? {
        var adapted = self
        let changes = policyConflicts.map { conflict -> EngineAdaptation.Change in
            switch conflict.rule {
            case .historyReadBack:
                let source: HistorySource =
                    engine.behaviour.prefixCaching ? .prefillCache : .recompute
                adapted.engine.behaviour.historySource = source
                return .init(
                    key: "engine.history_source",
                    from: engine.behaviour.historySource.rawValue, to: source.rawValue,
                    reason: conflict.message)
            case .localPrefill, .degreePairs, .cutWeightBlocks, .partialExperts:
                adapted.policy = ServingPolicy(name: .alwaysRemote)
                return .init(
                    key: "policy.name", from: policy.name.rawValue,
                    to: adapted.policy.name.rawValue, reason: conflict.message)
            }
        }
        return changes.isEmpty
            ? nil : EngineAdaptation(changes: changes, planningCase: adapted)
    }

    private var needsLocalPrefill: Bool {
        let definition = policy.definition
        return definition.usesPrefillWorkers && definition.mayPrefillLocally
    }

    /// Whether prefill workers read what a session has said before from its decode worker.
    private var needsHistory: Bool {
        policy.definition.usesPrefillWorkers && engine.behaviour.historySource == .readFromDecode
            && workload.hasLaterRounds
    }
}

extension EngineRules.DegreePairs {
    var sentence: String {
        switch self {
        case .any: "any degrees may stand beside each other"
        case .equal: "both have to be equal"
        case .never: "no worker hands KV cache to another"
        case .decodeAtLeastPrefill: "that of decode workers has to be at least as large"
        }
    }
}

extension Workload {
    /// Whether a session may have more than one round.
    var hasLaterRounds: Bool {
        switch sessions {
        case .synthetic(let laws): laws.rounds != .constant(1)
        case .recorded(let table): table.rounds.count > table.count
        }
    }
}
