import Scheduling
public import ServingDomain

/// A setting whose values are tried.
public enum TunedSetting: Hashable, Sendable {
    /// Of the policy.
    case knob(PolicyKnob)
    /// Most tokens in one step of a serving worker.
    case tokenBudget
    /// Steps after which a worker that decodes looks who has come.
    case receiveInterval
    /// Length below which a history is prefilled again instead of read.
    case historyRecompute

    /// Key in case files.
    public var key: String {
        switch self {
        case .knob(let knob): "policy.\(knob.key)"
        case .tokenBudget: "engine.token_budget"
        case .receiveInterval: "engine.receive_interval_steps"
        case .historyRecompute: "engine.history_recompute_tokens"
        }
    }

    public var unit: String {
        switch self {
        case .knob(let knob): knob.unit
        case .tokenBudget, .historyRecompute: "tokens"
        case .receiveInterval: "steps"
        }
    }

    /// A value as case files write it.
    public func shown(_ value: Double) -> String {
        if case .knob(let knob) = self, case .choice(let words) = knob.values {
            return words[Int(value)]
        }
        return value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }

    func value(in planningCase: Case) -> Double {
        switch self {
        case .knob(let knob): planningCase.policy[knob]
        case .tokenBudget: Double(planningCase.engine.tokenBudget)
        case .receiveInterval: Double(planningCase.engine.behaviour.receiveInterval)
        case .historyRecompute: Double(planningCase.engine.behaviour.leastHistoryRead)
        }
    }

    func set(_ value: Double, in planningCase: inout Case) {
        switch self {
        case .knob(let knob): planningCase.policy[knob] = value
        case .tokenBudget: planningCase.engine.tokenBudget = Int(value)
        case .receiveInterval: planningCase.engine.behaviour.receiveInterval = Int(value)
        case .historyRecompute: planningCase.engine.behaviour.leastHistoryRead = Int(value)
        }
    }

    /// Settings that make a difference to a layout.
    static func all(_ layout: Deployment, _ planningCase: Case) -> [Self] {
        let isColocated = layout.prefillGroups.isEmpty
        let definition = planningCase.policy.definition
        let knobs =
            isColocated && definition.layout != .colocated
            ? [] : definition.knobs + (definition.sight.contains(.windows) ? [.window] : [])
        let computesPrompts = isColocated || definition.mayPrefillLocally
        // The only engine that has it, and exports write it for such workers alone.
        let receives = isColocated && planningCase.engine.name == "sglang"
        let readsHistories =
            !isColocated && definition.usesPrefillWorkers
            && planningCase.engine.behaviour.historySource == .readFromDecode
            && planningCase.workload.hasLaterRounds
        return knobs.map(Self.knob) + (computesPrompts ? [.tokenBudget] : [])
            + (receives ? [.receiveInterval] : [])
            + (readsHistories ? [.historyRecompute] : [])
    }

    /// Parts and multiples of a value that are tried.
    private static let factors: [Double] = [0, 0.125, 0.25, 0.5, 0.75, 0.9, 1, 1.1, 1.5, 2, 4, 8]

    /// What is tried: around the usual value, inside the range; the present one first.
    func candidates(in planningCase: Case) -> [Double] {
        let present = value(in: planningCase)
        let found: [Double] =
            switch self {
            case .historyRecompute: [0, 64, 128, 256, 512, 1024, 2048, 4096, 8192]
            case .receiveInterval: [1, 2, 5, 10, 20, 50]
            case .tokenBudget: [256, 512, 1024, 2048, 4096, 8192, 16_384]
            case .knob(let knob): Self.candidates(knob)
            }
        return [present] + found.filter { $0 != present }
    }

    private static func candidates(_ knob: PolicyKnob) -> [Double] {
        func unique(_ values: [Double]) -> [Double] {
            values.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        }
        // Where nothing is limited as a rule, limits are small numbers.
        let base = knob.standard > 0 ? knob.standard : 8
        // To four digits, so that settings can be read.
        func short(_ value: Double) -> Double { (value * 1e4).rounded() / 1e4 }
        switch knob.values {
        case .choice(let words): return words.indices.map(Double.init)
        case .whole(let range):
            let (low, high) = (Double(range.lowerBound), Double(range.upperBound))
            return unique(
                factors.map { (base * $0).rounded() }.filter { $0 >= low && $0 <= high })
        case .number(let range, let isOpen):
            return unique(factors.map { short(base * $0) } + [short(range.upperBound)])
                .filter { range.contains($0) && !(isOpen && $0 == range.lowerBound) }
                .filter { $0 <= max(8 * base, 1) }
        }
    }
}
