public import ServingDomain

/// Every policy of this version, in the order in which listings show them.
///
/// A new policy is a file that defines it and a line here.
public enum Policies {
    public static let all: [PolicyDefinition] = [
        .alwaysRemote,
        .alwaysRemoteLegacy,
        .alwaysLocal,
        .alwaysLocalAfterFirst,
        .dynamoConditionalV0,
        .dynamoConditionalV1,
        .ampd,
        .ampdRouting,
        .ampdReordering,
        .kairos,
        .ppd,
        .distserve,
        .colocatedV0,
        .colocatedV1,
        .continuumCode,
        .continuumV6,
        .infercept,
    ]

    public static var names: [ServingPolicy.Name] { all.map(\.name) }

    /// The knobs of all policies, each once, common ones first.
    public static let knobs: [PolicyKnob] = (PolicyKnob.common + all.flatMap(\.knobs))
        .reduce(into: []) { found, knob in
            if !found.contains(knob) { found.append(knob) }
        }

    public static func named(_ name: ServingPolicy.Name) -> PolicyDefinition? {
        all.first { $0.name == name }
    }
}

extension ServingPolicy {
    /// AMPD, which is where questions start.
    public init() { self.init(name: .ampd) }

    /// What the policy's name stands for.
    ///
    /// - Precondition: the name is one of `Policies.names`; case files are checked when read.
    public var definition: PolicyDefinition {
        guard let definition = Policies.named(name) else {
            preconditionFailure("no policy is called \(name.rawValue)")
        }
        return definition
    }
}
