import Scheduling
import ServingDomain

/// Keys of the scheduling policy and of the search.
extension CaseFields {
    static let policy: [CaseField] =
        [
            CaseField("policy", .section, .none, "Who prefills, where and in which order."),
            CaseField(
                "policy.name", .word(Policies.names.map(\.rawValue)),
                .fixed(.text(CaseDefaults.policy.name.rawValue), source: "our default"),
                "Named policy."),
            CaseField(
                "policy.dispatch", .word(Dispatch.allCases.map(\.rawValue)),
                .derived("that of the policy"), "How a serving worker is chosen."),
            CaseField(
                "policy.table", .text, .derived("simulated for each layout"),
                "Path of the table that `ppd` decides by, relative to this file."),
        ] + Policies.knobs.map(field)

    private static func field(_ knob: PolicyKnob) -> CaseField {
        CaseField(
            "policy." + knob.key, knob.kind, unit: knob.unit,
            .fixed(knob.document(knob.standard), source: knob.origin), knob.meaning)
    }

    static let planning: [CaseField] = [
        CaseField("planning", .section, .none, "Settings of the search."),
        CaseField(
            "planning.tp", .degrees, .derived("1, 2, 4 and 8 as far as a node has GPUs"),
            "Tensor-parallel degrees to consider."),
        CaseField(
            "planning.parallelism", .parallelisms, .none,
            "Workers to consider beside those of `tp`: a TP degree, data-parallel ranks and expert degree."
        ),
        CaseField(
            "planning.mixed_workers", .word(["off", "on"]), search(.text("off")),
            "Whether workers of two kinds may share the load of a phase, in proportion to what each can take; not with `objective: paper`."
        ),
        CaseField(
            "planning.objective", .word(Case.Planning.Objective.allCases.map(\.rawValue)),
            search(.text(CaseDefaults.planning.objective.rawValue)),
            "What is looked for: the least P95 over its target or in seconds (as printed: `paper`), the fewest GPUs, or the highest rate."
        ),
        CaseField(
            "planning.tie_weight", .number(.positive(to: 100)), .none,
            "Weight of the sum of both ratios beside the larger one, in place of a lexicographic order."
        ),
        CaseField(
            "planning.gpu_budget", .integer(1...1_000_000), .derived("all of the cluster"),
            "Most GPUs of a layout."),
        CaseField(
            "planning.gpu_use", .word(["up_to", "all"]), search(.text("up_to")),
            "Whether a layout may leave GPUs of these over."),
        CaseField(
            "planning.survive", .integer(0...1), search(.integer(0)),
            "Workers of either kind, or nodes, without which a plan still meets every target."),
        CaseField(
            "planning.engine_rules", .word(["obey", "ignore"]), search(.text("obey")),
            "Whether layouts and policies are left out that the engine and its connector refuse."),
        CaseField(
            "planning.dispatch", .word(Case.Planning.Dispatch.allCases.map(\.rawValue)),
            search(.text(CaseDefaults.planning.dispatch.rawValue)),
            "How load reaches the replicas of a phase when one is simulated alone."),
        CaseField(
            "planning.finalists", .integer(1...100),
            search(.integer(CaseDefaults.planning.finalists)),
            "Best deployments that are simulated whole."),
        CaseField(
            "planning.replications", .integer(1...1000),
            search(.integer(CaseDefaults.planning.replications)),
            "Independent runs of every simulation."),
        CaseField(
            "planning.max_replications", .integer(1...1000),
            .derived("20, or `replications` where that is more"),
            "Most runs of a layout that is not told from the best one."),
        CaseField(
            "planning.sessions", .integer(10...1_000_000),
            search(.integer(CaseDefaults.planning.sessions)), "Measured sessions of each run."),
        CaseField(
            "planning.horizon_sessions", .integer(10...1_000_000),
            search(.integer(CaseDefaults.planning.horizonSessions)),
            "Sessions from an empty cluster over which attainment is given in overload."),
        CaseField(
            "planning.seed", .integer(0...9_007_199_254_740_991),
            search(.integer(Int(clamping: CaseDefaults.planning.seed))),
            "Seed of all randomness."),
    ]

    private static func search(_ value: DocumentValue) -> CaseField.Fallback {
        .fixed(value, source: CaseDefaults.planningSource)
    }
}

extension PolicyKnob {
    fileprivate var kind: CaseField.Kind {
        switch values {
        case .number(let range, let isOpen):
            .number(
                NumberRange(low: range.lowerBound, high: range.upperBound, excludesLow: isOpen))
        case .whole(let range): .integer(range)
        case .choice(let words): .word(words)
        }
    }

    /// A setting as a case file writes it.
    func document(_ value: Double) -> DocumentValue {
        switch values {
        case .number: .decimal(value)
        case .whole: .integer(Int(value))
        case .choice(let words): .text(words[Int(value)])
        }
    }
}
