public import ServingDomain

extension PolicyDefinition {
    static let alwaysLocal = Self(
        "always_local", "Every prefill on the session's own serving worker."
    ) { _, _ in { _ in .local } }
    .with { $0.sight = [] }

    /// ConServe (arXiv 2606.01839): a conversation is prefilled remotely once, then stays.
    static let alwaysLocalAfterFirst = Self(
        "always_local_after_first",
        "First rounds remote, every later one where the session decodes."
    ) { _, _ in
        { view in
            view.round.number > 0 ? .local : view.cheapestRemote().map(Route.remote) ?? .local
        }
    }
}

extension ServingPolicy.Name {
    public static let alwaysLocal = PolicyDefinition.alwaysLocal.name
    public static let alwaysLocalAfterFirst = PolicyDefinition.alwaysLocalAfterFirst.name
}
