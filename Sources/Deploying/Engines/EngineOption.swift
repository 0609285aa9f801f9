/// An option of a command line that a layout, or its simulation, depends on: the one table of their names, by
/// which manifests are read and exports are written.
enum EngineOption: Hashable, CaseIterable, Sendable {
    case tensor, data, localData, pipeline
    /// GPUs that experts are dealt out over, and the flag by which vLLM takes all of a worker.
    case expert, expertParallel
    /// SGLang's flag by which data-parallel ranks share the tensor-parallel GPUs.
    case attentionRanks
    case nodes, nodeRank
    case context, sequences, tokens, block, memory, cacheFormat, weightFormat
    case prefixCaching, noPrefixCaching, stepsAhead, noStepsAhead, keptWindows, keptWhole
    case receiveInterval
    /// What SGLang multiplies weights in mxfp4 with on Blackwell.
    case mxfp4Precision

    private struct Row {
        /// What exports for vLLM and for SGLang write, without dashes in front; nil where they never do.
        var vllm: String?
        var sglang: String?
        /// Further names, of these and other engines.
        var others: [String] = []
        /// Nil of a flag.
        var form: OptionForm?
    }

    private var row: Row {
        switch self {
        case .tensor:
            Row(
                vllm: "tensor-parallel-size", sglang: "tp-size", others: ["tp"],
                form: .whole(from: 1))
        case .data:
            Row(
                vllm: "data-parallel-size", sglang: "dp-size", others: ["dp"],
                form: .whole(from: 1))
        case .localData:
            Row(vllm: "data-parallel-size-local", others: ["dpl"], form: .whole(from: 1))
        case .pipeline:
            Row(others: ["pipeline-parallel-size", "pp", "pp-size"], form: .whole(from: 1))
        case .expert:
            Row(
                sglang: "ep-size",
                others: ["expert-parallel-size", "ep", "moe-expert-parallel-size"],
                form: .whole(from: 1))
        case .expertParallel: Row(vllm: "enable-expert-parallel")
        case .attentionRanks: Row(sglang: "enable-dp-attention")
        case .nodes: Row(sglang: "nnodes", form: .whole(from: 1))
        case .nodeRank: Row(sglang: "node-rank", form: .whole(from: 0))
        default: limitRow
        }
    }

    private var limitRow: Row {
        switch self {
        // -1 leaves it to the engine.
        case .context:
            Row(
                vllm: "max-model-len", sglang: "context-length", others: ["max-seq-len"],
                form: .amount(from: -1))
        case .sequences:
            Row(
                vllm: "max-num-seqs", sglang: "max-running-requests", others: ["max-batch-size"],
                form: .whole(from: 1))
        case .tokens:
            Row(
                vllm: "max-num-batched-tokens", sglang: "chunked-prefill-size",
                others: ["max-num-tokens"], form: .amount(from: -1))
        case .block: Row(vllm: "block-size", sglang: "page-size", form: .whole(from: 1))
        case .memory:
            Row(vllm: "gpu-memory-utilization", sglang: "mem-fraction-static", form: .share)
        case .cacheFormat:
            Row(vllm: "kv-cache-dtype", sglang: "kv-cache-dtype", form: .cacheFormat)
        case .weightFormat:
            Row(vllm: "quantization", sglang: "quantization", others: ["q"], form: .weightFormat)
        case .prefixCaching: Row(vllm: "enable-prefix-caching")
        case .noPrefixCaching:
            Row(vllm: "no-enable-prefix-caching", sglang: "disable-radix-cache")
        case .stepsAhead: Row(vllm: "async-scheduling")
        case .noStepsAhead: Row(vllm: "no-async-scheduling", sglang: "disable-overlap-schedule")
        case .keptWindows: Row(vllm: "no-disable-hybrid-kv-cache-manager")
        case .keptWhole: Row(vllm: "disable-hybrid-kv-cache-manager")
        case .receiveInterval: Row(sglang: "scheduler-recv-interval", form: .whole(from: 1))
        case .mxfp4Precision:
            Row(sglang: "flashinfer-mxfp4-moe-precision", form: .mxfp4Precision)
        default: Row()
        }
    }

    /// Every name that it goes by, without dashes in front.
    var names: [String] { [row.vllm, row.sglang].compactMap { $0 } + row.others }

    /// What its value has to be; nil of a flag.
    var form: OptionForm? { row.form }

    /// As an export writes it, in front of the value where there is one; nothing where the engine has none.
    func words(of launcher: EngineCommand.Launcher, _ value: String? = nil) -> [String] {
        let name = launcher == .sglang ? row.sglang : row.vllm
        return name.map { ["--" + $0] + [value].compactMap { $0 } } ?? []
    }

    /// By every name.
    static let named: [String: Self] = {
        var found: [String: Self] = [:]
        for option in allCases {
            for name in option.names where found[name] == nil { found[name] = option }
        }
        return found
    }()
}
