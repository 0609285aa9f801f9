import Catalog
import ServingDomain
import Validating

extension MeasuredPlatforms {
    /// How many tokens a step of a row had, and what its prompts waited for, as keys of a case.
    ///
    /// What the row says counts before what the scripts of its campaign tell the engine.
    ///
    /// - Throws: where the row says something of ranks without having any, or the other way round.
    func prompts(
        _ row: MeasuredRow, _ model: ModelSpec, _ scripted: BenchmarkLaunch
    ) throws(Refusal) -> [String] {
        let limits = row.limits
        let isTied = model.mixture != nil && row.shards.serving.data > 1
        guard isTied || (limits.balanceSteps ?? 0) == 0 && limits.gatheringSteps == nil else {
            throw Refusal(
                "prompt_balance_steps and prompt_gathering_steps are of data-parallel ranks that share"
                    + " experts (attention_dp_size); the workers of this row had none")
        }
        guard !isTied || (limits.poolingSteps ?? 0) == 0 && limits.poolingShare == nil else {
            throw Refusal(
                "prompt_pooling_steps and prompt_pooling_share are of workers without data-parallel"
                    + " ranks (attention_dp_size)")
        }
        return keys([
            "token_budget": scripted.tokenBudget,
            "receive_interval_steps": limits.receiveInterval ?? scripted.receiveInterval,
        ])
            + (isTied ? balance(limits, scripted.balance) : pooling(limits, scripted.pooling))
    }

    private func balance(
        _ limits: MeasuredRow.Limits, _ scripted: PromptBalance?
    ) -> [String] {
        let gathering = limits.balanceSteps == nil ? scripted?.gathering : nil
        return keys([
            "prompt_balance_steps": limits.balanceSteps ?? scripted?.patience,
            "prompt_gathering_steps": limits.gatheringSteps ?? gathering,
        ])
    }

    private func pooling(
        _ limits: MeasuredRow.Limits, _ scripted: PromptPooling?
    ) -> [String] {
        let share = limits.poolingSteps == nil ? scripted?.share : nil
        return keys(["prompt_pooling_steps": limits.poolingSteps ?? scripted?.steps])
            + keys(["prompt_pooling_share": limits.poolingShare ?? share])
    }

    private func keys<Value>(_ values: KeyValuePairs<String, Value?>) -> [String] {
        values.compactMap { key, value in value.map { "\(key): \($0)" } }
    }

}
