public import ServingDomain

extension PolicyDefinition {
    /// Disaggregation without conditions, each prefill worker with a queue of its own.
    static let alwaysRemote = Self(
        "always_remote", "Every prefill on the prefill worker of least Eq. 2 cost."
    ) { _, _ in { view in view.cheapestRemote().map(Route.remote) ?? .local } }
    .with { $0.mayPrefillLocally = false }

    /// Dynamo up to 0.4: one global first-come-first-served queue; an idle prefill worker pulls one
    /// task, reads its history and computes it.
    static let alwaysRemoteLegacy = Self(
        "always_remote_legacy",
        "Every prefill through one queue that idle prefill workers pull from."
    ) { _, _ in { _ in .shared } }
    .with { $0.mayPrefillLocally = false }
}

extension ServingPolicy.Name {
    public static let alwaysRemote = PolicyDefinition.alwaysRemote.name
    public static let alwaysRemoteLegacy = PolicyDefinition.alwaysRemoteLegacy.name
}
