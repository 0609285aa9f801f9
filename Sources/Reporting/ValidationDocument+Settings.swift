import ServingDomain

extension ValidationDocument {
    /// What a row's engine was predicted with, by the names of its columns and of a case.
    static func settings(_ engine: Engine) -> [String: JSONValue] {
        var members: [String: JSONValue] = [
            "token_budget": .integer(engine.tokenBudget),
            "max_sequences": .integer(engine.maxSequences),
        ]
        if let balance = engine.behaviour.promptBalance {
            members["prompt_balance_steps"] = .integer(balance.patience)
            members["prompt_gathering_steps"] = .integer(balance.gathering)
        }
        if let pooling = engine.behaviour.promptPooling {
            members["prompt_pooling_steps"] = .integer(pooling.steps)
            members["prompt_pooling_share"] = .number(pooling.share)
        }
        return members
    }
}
