import ServingDomain
import Validating

extension ValidationDocument {
    /// The layout of a row as it was read, by the names of its columns.
    static func layout(_ layout: MeasuredRow.Layout) -> [String: JSONValue] {
        func members(_ shards: MeasuredRow.Shards, _ prefix: String) -> [String: JSONValue] {
            [
                prefix + "tp_size": .integer(shards.tensor),
                prefix + "attention_dp_size": .integer(shards.data),
                prefix + "moe_ep_size": .integer(shards.expert),
            ]
        }
        switch layout {
        case .aggregated(let pool): return members(pool.shards, "")
        case .disaggregated(let prefill, let decode):
            return members(prefill.shards, "prefill_")
                .merging(members(decode.shards, "decode_")) { own, _ in own }
        }
    }

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
        if engine.behaviour.receiveInterval > 1 {
            members["receive_interval_steps"] = .integer(engine.behaviour.receiveInterval)
        }
        return members
    }
}
