import Scheduling
import ServingDomain

/// The table of all keys of a case file, in the order in which one is written.
enum CaseFields {
    static let all: [CaseField] =
        top + cluster + pools + costs + engine + behaviour + overhead + workload + slo + policy
        + planning

    static let version = "ampd-plan/v1"

    /// Fields directly inside a section; the empty path is the top.
    static func children(of parent: String) -> [CaseField] { all.filter { $0.parent == parent } }

    /// The field of a path; of one of `pools` too.
    static func field(_ path: String) -> CaseField? {
        all.first { $0.path == path }
            ?? (path.hasPrefix("pools[") ? pool.first { path.hasSuffix("]." + $0.path) } : nil)
    }

    private static let top: [CaseField] = [
        CaseField("apiVersion", .word([version]), "Version of this format."),
        CaseField("kind", .word(["Case"]), "Always `Case`."),
        CaseField("name", .text, "Name of the question; plans repeat it."),
        CaseField(
            "model", .text, .derived("required without `cost_model`"),
            "Name of a known model, or path of a Hugging Face `config.json`, relative to this file."
        ),
        CaseField(
            "weight_format", .word(NumberFormat.allCases.map(\.rawValue)),
            .derived(
                "native format of the model, or what its name ends in, such as `-FP8` or `-NVFP4`"),
            "Format of the stored weights."),
        CaseField(
            "kv_format", .word([NumberFormat.bf16.rawValue, NumberFormat.fp8.rawValue]),
            .fixed(.text("bf16"), source: "the engine's default follows the model's activations"),
            "Format of the KV cache."),
    ]

    private static let engine: [CaseField] = [
        CaseField("engine", .section, .none, "The serving engine on every worker."),
        CaseField(
            "engine.name", .text, .fixed(.text("vllm"), source: "our default engine"),
            "Name of a known engine."),
        CaseField(
            "engine.version", .text, .none,
            "Version, repeated in plans and manifests; decides what the engine does by default, and whose timings and calibration are preferred; its experts take longer where they are known to."
        ),
        CaseField(
            "engine.connector", .text, .derived("that of the engine"), "KV connector in use."),
        CaseField("engine.image", .text, .none, "Container image for manifests."),
        CaseField(
            "engine.gpu_memory_utilization", .number(.from(0.01, to: 1)), .derived("of the engine"),
            "Share of GPU memory that the engine may fill."),
        CaseField(
            "engine.block_size", .integer(1...65_536), unit: "tokens", .derived("of the engine"),
            "Tokens in one KV block."),
        CaseField(
            "engine.max_sequences", .integer(1...65_536), .derived("of the engine"),
            "Most sequences in one decode batch."),
        CaseField(
            "engine.token_budget", .integer(16...10_000_000), unit: "tokens",
            .derived("of the engine"),
            "Most tokens of several prompts in one prefill step of a decode or co-located worker."),
    ]

    /// How the engine serves where the policy does not prescribe it.
    private static let behaviour: [CaseField] = [
        CaseField(
            "engine.local_prefill", .word(LocalPrefill.allCases.map(\.rawValue)),
            .fixed(.text(CaseDefaults.behaviour.localPrefill.rawValue), source: "AMPD, footnote 3"),
            "How a decode worker computes prompts; several policies prescribe it."),
        CaseField(
            "engine.prefill_batch_tokens", .integer(0...10_000_000), unit: "tokens",
            .fixed(.integer(0), source: "Dynamo up to 0.4: one prompt at a time"),
            "Most tokens of several prompts in one step of a prefill worker; 0 for one prompt."),
        CaseField(
            "engine.first_token_site", .word(FirstTokenSite.allCases.map(\.rawValue)),
            .fixed(
                .text(CaseDefaults.behaviour.firstTokenSite.rawValue),
                source: "vLLM with NixlConnector"),
            "Which worker samples the first token after a remote prefill, and when it shows."),
        CaseField(
            "engine.history_source", .word(HistorySource.allCases.map(\.rawValue)),
            .fixed(
                .text(CaseDefaults.behaviour.historySource.rawValue), source: "AMPD, section 6"),
            "Where a prefill worker gets a session's history from."),
        CaseField(
            "engine.history_recompute_tokens", .integer(0...10_000_000), unit: "tokens",
            .fixed(
                .integer(CaseDefaults.behaviour.leastHistoryRead),
                source: "AMPD: a history is read whatever its length"),
            "Length below which a history is prefilled again where `history_source` reads others."),
        CaseField(
            "engine.retention", .word(Retention.allCases.map(\.rawValue)),
            .fixed(.text(CaseDefaults.behaviour.retention.rawValue), source: "vLLM's block cache"),
            "What becomes of a session's KV cache while its tool runs."),
        CaseField(
            "engine.prefix_caching", .word(["on", "off"]),
            .fixed(.text("on"), source: "vLLM V1"),
            "Whether prompts share the KV cache of what they begin with."),
        CaseField(
            "engine.async_scheduling", .word(["on", "off"]),
            .derived("of the engine and its version; `off` beside a `cost_model`"),
            "Whether a step is formed while the one before it runs; who comes meanwhile waits for the next."
        ),
        CaseField(
            "engine.slower_experts", .word(["on", "off"]), .derived("`on`"),
            "Whether experts take longer where the engine's version is known to have slower kernels of them than those that were timed; `off` where yours has not."
        ),
        CaseField(
            "engine.mxfp4_activations", .word(["bf16", "fp8"]),
            .derived("of the engine on the GPUs; `bf16` where it is not known"),
            "What weights in mxfp4 are multiplied with on GPUs that take four bits: `fp8` with `VLLM_USE_FLASHINFER_MOE_MXFP4_MXFP8=1` on vLLM."
        ),
        CaseField(
            "engine.sliding_window_kv", .word(SlidingWindowKV.allCases.map(\.rawValue)),
            .derived("of the engine, its version and its connector; `whole` where it is not known"),
            "What layers with a sliding window keep: the window alone, or the whole context like others."
        ),
        CaseField(
            "engine.data_parallel_ranks", .integer(1...1024),
            .fixed(
                .integer(CaseDefaults.behaviour.dataParallelRanks),
                source: "our default: workers step on their own"),
            "Decode or co-located workers of one engine, whose steps take as long as the longest."),
        CaseField(
            "engine.prompt_balance_steps", .integer(0...100_000), unit: "steps",
            .fixed(
                .integer(0),
                source: "our default: prompts wait for nobody, as in every engine by itself"),
            "Steps within which prompts of a rank wait until every rank has one (TensorRT-LLM: `timeout_iters` of a balanced `attention_dp_config`); 0 for none."
        ),
        CaseField(
            "engine.prompt_gathering_steps", .integer(0...100_000), unit: "steps",
            .derived(
                "\(PromptBalance.standard.gathering) beside `engine.prompt_balance_steps`, else there is none"
            ),
            "Steps for which prompts wait though every rank has one, while all decode (`batching_wait_iters`)."
        ),
        CaseField(
            "engine.prompt_pooling_steps", .integer(0...100_000), unit: "steps",
            .fixed(
                .integer(0),
                source: "our default: prompts begin as they come, as in every engine by itself"),
            "Steps for which prompts wait for more while a worker that is no rank decodes (TensorRT-LLM: `batch_wait_timeout_iters`); 0 for none."
        ),
        CaseField(
            "engine.prompt_pooling_share", .number(.positive(to: 1)),
            .none,
            "Share of the token budget with which prompts do not wait any longer (`batch_wait_max_tokens_ratio`); stands beside `engine.prompt_pooling_steps`."
        ),
        CaseField(
            "engine.receive_interval_steps", .integer(1...100_000), unit: "steps",
            .fixed(
                .integer(CaseDefaults.behaviour.receiveInterval),
                source:
                    "our default: who has come is seen at every step, as in every engine by itself"
            ),
            "Steps after which a worker that decodes, and computes prompts too, looks who has come, unless it has just computed a prompt (SGLang: `scheduler-recv-interval`)."
        ),
        CaseField(
            "engine.expert_parallel", .integer(1...1024),
            .fixed(
                .integer(CaseDefaults.behaviour.expertDegree),
                source: "our default: every GPU of a worker has a part of each expert"),
            "Most GPUs of an engine that routed experts are dealt out over whole, a power of two; all of an engine with fewer."
        ),
        CaseField(
            "engine.prefill_data_parallel_ranks", .integer(1...1024),
            .fixed(
                .integer(CaseDefaults.behaviour.prefillRanks),
                source: "our default: a prefill worker computes one step at a time"),
            "Prefill workers of one engine, which share a queue and step together."),
        CaseField(
            "engine.prefill_expert_parallel", .integer(1...1024),
            .derived("of `engine.expert_parallel`"),
            "As `engine.expert_parallel`, for prefill workers."),
        CaseField(
            "engine.host_kv_gib", .number(.from(0, to: 1e6)), unit: "GiB",
            .fixed(.integer(0), source: "our default: no second tier"),
            "Host memory beside each worker, and each rank of an engine, for KV cache that its GPUs have no room for."
        ),
    ]

    private static let slo: [CaseField] = [
        CaseField("slo", .section, "What the operator promised."),
        CaseField(
            "slo.preset", .word(["paper"]), .none,
            "Instead of both bounds: 8x unloaded TTFT and 1.6x unloaded step (TP 4, batch 8)."),
        CaseField(
            "slo.ttft_ms", .number(.positive(to: 1e8)), unit: "ms", .derived("none with a preset"),
            "Bound on the time to first token of a round."),
        CaseField(
            "slo.itl_ms", .number(.positive(to: 1e8)), unit: "ms", .derived("none with a preset"),
            "Bound on the inter-token latency of a round, see `itl_stat`."),
        CaseField(
            "slo.itl_stat", .word(ServiceLevel.ITLStatistic.allCases.map(\.rawValue)),
            .fixed(
                .text(CaseDefaults.service.itlStatistic.rawValue),
                source: "the mean of a round, as most serving studies count"),
            "What of a round's gaps between tokens is held against `itl_ms`."),
        CaseField(
            "slo.job_ms", .number(.positive(to: 1e11)), unit: "ms", .none,
            "Bound on the time from the arrival of a session to the last token of all it starts."),
        CaseField(
            "slo.tenants", .tenants, .none,
            "Bounds of tenants whom the trace names, in place of `ttft_ms` and `itl_ms`."),
        CaseField(
            "slo.attainment_goal", .number(.positive(to: 1)),
            .fixed(.number(CaseDefaults.service.attainmentGoal), source: CaseDefaults.sloSource),
            "Share of units that must be good."),
        CaseField(
            "slo.headline", .word(ServiceLevel.Headline.allCases.map(\.rawValue)),
            .fixed(.text(CaseDefaults.service.headline.rawValue), source: CaseDefaults.sloSource),
            "Which units count, and when one is good."),
    ]
}

extension CaseFields {
    /// Keys of one of `slo.tenants`.
    static let tenant = [
        CaseField("name", .text, "As the trace names it."),
        CaseField(
            "ttft_ms", .number(.positive(to: 1e8)), unit: "ms", .derived("`slo.ttft_ms`"),
            "Bound on the time to first token of its rounds."),
        CaseField(
            "itl_ms", .number(.positive(to: 1e8)), unit: "ms", .derived("`slo.itl_ms`"),
            "Bound on the inter-token latency of its rounds."),
    ]
}

/// The initial values of the domain, for the table.
enum CaseDefaults {
    static let behaviour = EngineBehaviour()
    static let service = ServiceLevel(ttft: .zero, itl: .zero)
    static let policy = ServingPolicy()
    static let planning = Case.Planning()
    static let sloSource = "the 90 % that most serving studies use, counted by rounds"
    static let planningSource = "our default"
}
