/// The trace formats that can be read, by the words of case files; docs/traces.md describes them.
public enum TraceFormat: String, Hashable, Sendable, CaseIterable {
    /// Told by what is in the file.
    case auto
    /// Our CSV: one round per line under a header.
    case sessionsCSV = "sessions_csv"
    /// Our JSONL: one session per line.
    case sessionsJSONL = "sessions_jsonl"
    /// One request per line with the hashes of its prompt blocks, sessions unknown.
    case mooncakeJSONL = "mooncake_jsonl"
    /// The same lines, every request a session of its own that shares its blocks with others.
    case mooncakeBlocks = "mooncake_blocks"
    /// One turn per line with the name of its session, as clients replay Mooncake's format.
    case mooncakeSessions = "mooncake_sessions"
    /// One request per line under a header, with arrivals for one request per second.
    case requestsCSV = "requests_csv"
    /// Azure's LLM inference traces: one request per line with its date, prompt and answer.
    case azureCSV = "azure_csv"
    /// One JSON file per session of a coding agent, sub-agents included.
    case kvCacheTester = "kv_cache_tester"
    /// One call of a coding agent per line, with its tools.
    case traceLab = "tracelab_jsonl"
    /// BurstGPT's traces: one request per line, with its session where there is such a column.
    case burstGPT = "burstgpt_csv"
    /// Qwen's Bailian traces: one call per line, which names the one that it continues.
    case bailian = "bailian_jsonl"
    /// LLMServingSim's workloads: a request or a session per line.
    case llmServingSim = "llmservingsim_jsonl"
    /// One JSON file per session, a trajectory of SWE-agent: texts and run times of tools.
    case sweAgent = "swe_agent"
    /// Dialogues of ToolBench and StableToolBench: texts.
    case toolBench = "toolbench"
    /// Inputs of vLLM's multi-turn benchmark: conversations of messages, or laws of them.
    case vllmMultiTurn = "vllm_multi_turn"
    /// Spans of calls with `gen_ai` or OpenInference attributes.
    case openTelemetry = "opentelemetry"
    /// Profiles of ServeGen's clients, which hold no requests.
    case serveGen = "servegen"
    /// Prometheus metrics of engines: histograms of lengths, no requests.
    case prometheus
}
