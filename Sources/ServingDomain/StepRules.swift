/// How prefill workers form their steps, and what decode steps may hold, where a policy says so.
public struct StepRules: Hashable, Sendable {
    public var prefillBatch: PrefillBatch
    /// Whether a prefill worker commits to its next tasks while it computes.
    public var prefetchesHistory: Bool
    /// Most tokens that a decode step attends to; nil for no limit.
    public var decodeTokenCap: Int?
    public var firstTokenSite: FirstTokenSite

    public init(
        prefillBatch: PrefillBatch, prefetchesHistory: Bool, decodeTokenCap: Int?,
        firstTokenSite: FirstTokenSite
    ) {
        self.prefillBatch = prefillBatch
        self.prefetchesHistory = prefetchesHistory
        self.decodeTokenCap = decodeTokenCap
        self.firstTokenSite = firstTokenSite
    }
}
