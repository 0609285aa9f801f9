/// Keys of stated costs and of the layout to look at.
extension CaseFields {
    static let costs: [CaseField] = [
        CaseField(
            "cost_model", .section, .none, "Stated step times in place of a profile's; `simulate`."),
        CaseField(
            "cost_model.file", .text, "Path of a file of explicit costs, relative to this file."),
        CaseField(
            "cost_model.engine_overhead", .word(["include", "exclude"]),
            .derived("`include` where the file states one"),
            "Whether the file's `engine_overhead_ms` counts."),
        CaseField(
            "cost_model.kv_capacity_tokens", .integer(1...1_000_000_000_000), unit: "tokens",
            .derived("what the GPUs have room for; no limit without `cluster`"),
            "KV cache that fits on one worker; a prefill worker uses it for the prompts that it keeps."
        ),
        CaseField(
            "layout", .text, .derived("`--layout`, or the instances of a cost model file"),
            "Workers that `simulate` and `check` look at, and `plan` ranks with the others, such as "
                + "`P:4x1,D:4x1` or `C:8x1`."),
    ]
}
