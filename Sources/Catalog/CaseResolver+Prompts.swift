import ServingDomain

extension CaseResolver {
    /// What prompts wait for while a worker decodes.
    mutating func waitForPrompts(_ behaviour: inout EngineBehaviour) throws(CatalogError) {
        behaviour.promptBalance = try balance()
        behaviour.promptPooling = try pooling()
        behaviour.receiveInterval = try receiveInterval(behaviour)
    }

    /// Steps between looks at who has come, of engines that know no other waiting.
    private mutating func receiveInterval(
        _ behaviour: EngineBehaviour
    ) throws(CatalogError) -> Int {
        let key = "engine.receive_interval_steps"
        let interval = integer(key)
        guard interval == 1 || behaviour.promptBalance == nil && behaviour.promptPooling == nil
        else {
            let other = behaviour.promptBalance == nil ? "pooling" : "balance"
            throw values.invalid(
                key,
                expected: "1 or absent beside `engine.prompt_\(other)_steps`: no engine has both")
        }
        return interval
    }

    private mutating func balance() throws(CatalogError) -> PromptBalance? {
        let (key, beside) = ("engine.prompt_gathering_steps", "engine.prompt_balance_steps")
        guard let patience = try steps(beside, refusing: key) else { return nil }
        let gathering = integer(
            key, default: PromptBalance.standard.gathering,
            source: "TensorRT-LLM's batching_wait_iters")
        return PromptBalance(patience: patience, gathering: gathering)
    }

    private mutating func pooling() throws(CatalogError) -> PromptPooling? {
        let (key, beside) = ("engine.prompt_pooling_share", "engine.prompt_pooling_steps")
        guard let steps = try steps(beside, refusing: key) else { return nil }
        guard let share = values.number(key) else {
            throw values.invalid(
                beside, expected: "`\(key)` beside it, without which nothing waits")
        }
        return PromptPooling(steps: steps, share: share)
    }

    /// Steps under a key; nil where there are none, and then nothing may stand under `other`.
    private mutating func steps(
        _ key: String, refusing other: String
    ) throws(CatalogError) -> Int? {
        let steps = integer(key)
        guard steps == 0 else { return steps }
        guard !values.has(other) else {
            throw values.invalid(other, expected: "absent where `\(key)` is 0 or absent")
        }
        return nil
    }
}
