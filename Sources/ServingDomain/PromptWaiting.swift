/// How the data-parallel ranks of an engine wait for each other's prompts, so that a step that is long
/// for a prompt's sake computes one on every rank (`attention_dp_config` of TensorRT-LLM).
///
/// While every rank has sequences to decode, prompts wait until each rank has one, and then for
/// `gathering` steps more.
public struct PromptBalance: Hashable, Sendable {
    /// Steps without a prompt on every rank, of which the last one begins those that there are; at least 1,
    /// which waits for nobody.
    public let patience: Int
    /// Steps for which prompts that all ranks have wait for more; 0 or more.
    public let gathering: Int

    /// What TensorRT-LLM waits for where it is told to balance and nothing else: `timeout_iters` and
    /// `batching_wait_iters`.
    public static let standard = Self(patience: 50, gathering: 10)

    public init(patience: Int, gathering: Int) {
        self.patience = patience
        self.gathering = gathering
    }
}

/// How prompts wait while a worker decodes, so that steps that compute any are few and full
/// (`batch_wait_timeout_iters` and `batch_wait_max_tokens_ratio` of TensorRT-LLM).
///
/// Workers that are data-parallel ranks of an engine have `PromptBalance` instead.
public struct PromptPooling: Hashable, Sendable {
    /// Most steps for which prompts wait; at least 1.
    public let steps: Int
    /// Share of the token budget with which they do not wait any longer, above 0 and up to 1.
    public let share: Double

    public init(steps: Int, share: Double) {
        self.steps = steps
        self.share = share
    }
}
