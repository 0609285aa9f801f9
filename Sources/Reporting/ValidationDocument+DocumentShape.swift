import Validating

extension ValidationDocument {
    static var shape: DocumentShape {
        let named: [String: DocumentShape] = Dictionary(
            uniqueKeysWithValues: EngineConstant.allCases.map { ($0.name, .number) })
        let constants = DocumentShape.object(
            named.merging([
                "fitted_to": .list(.text), "of_other_engines": .flag,
                "builds": .list(.object(named.merging(["engine_version": .text]) { $1 })),
            ]) { $1 })
        return .object([
            "apiVersion": .apiVersion, "kind": .const("Validation"), "tool_version": .text,
            "seed": .count, "split_by": .oneOf(["group"]).orNull, "revealed": .list(.text),
            "engines": .list(.object(["engine": .text, "constants": constants])),
            "costs": .list(.text),
            "overall": .object(score.merging(["groups": .count]) { $1 }),
            "groups": .list(
                .object(
                    score.merging(["group": .text]) { $1 }, optional: ["constants": constants])),
            "rows": .list(row),
        ])
    }

    /// Counts and figures, which are null where there is nothing to judge by.
    private static var score: [String: DocumentShape] {
        var members: [String: DocumentShape] = [
            "rows": .count, "predicted": .count, "refused": .count, "layout_decisions": .count,
        ]
        for latency in ["ttft", "tpot"] {
            for figure in [
                "median_abs_error", "mean_abs_error", "p90_abs_error", "median_error",
                "p90_factor", "interval_coverage",
            ] {
                members["\(latency)_\(figure)"] = DocumentShape.number.orNull
            }
            members["spearman_\(latency)"] = DocumentShape.number.orNull
        }
        for figure in [
            "both_within_25pct_share", "layout_optimal_share", "layout_missed_share",
            "layout_unanswered_share", "layout_mean_loss",
        ] {
            members[figure] = DocumentShape.number.orNull
        }
        return members
    }

    private static var row: DocumentShape {
        let predicted = DocumentShape.object(
            [
                "id": .text, "group": .text, "measured_ttft_ms": .number,
                "measured_tpot_ms": .number, "predicted_ttft_ms": .number,
                "predicted_tpot_ms": .number,
            ],
            optional: [
                "ttft_interval_ms": .list(.number), "tpot_interval_ms": .list(.number),
                "token_budget": .count, "max_sequences": .count,
                "prompt_balance_steps": .count, "prompt_gathering_steps": .count,
                "prompt_pooling_steps": .count, "prompt_pooling_share": .number,
                "receive_interval_steps": .count,
                "kv_cache_dtype": .text, "mxfp4_activations": .text, "tp_size": .count,
                "attention_dp_size": .count,
                "moe_ep_size": .count, "prefill_tp_size": .count,
                "prefill_attention_dp_size": .count, "prefill_moe_ep_size": .count,
                "decode_tp_size": .count, "decode_attention_dp_size": .count,
                "decode_moe_ep_size": .count,
            ])
        let refused = DocumentShape.object(["id": .text, "group": .text, "refused": .text])
        return DocumentShape(["oneOf": [predicted.rule, refused.rule]])
    }
}
