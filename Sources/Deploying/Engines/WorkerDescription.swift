import Catalog
import ServingDomain

/// Equal workers, as a manifest describes them.
struct WorkerDescription: Hashable, Sendable {
    /// What the workers do.
    enum Role: String, Hashable, Sendable {
        case prefill
        case decode
        /// Prefill and decode: co-located.
        case both
        /// Prefill or decode, and nothing says which.
        case unclear
    }

    var role: Role
    /// Name of the object or the script.
    var name: String
    var replicas: Int
    var tensor: Int
    var data = 1
    var expert = 1
    var pipeline = 1
    /// GPUs that the manifest asks for for one worker; nil where it does not say.
    var requestedGPUs: Int?
    /// Pods or processes that make up one worker.
    var pods = 1
    var pool: String?
    var engine: String?
    var model: String?
    var image: String?
    var connector: String?
    /// Whether the connector may read a history back from a decode worker.
    var readsHistoryBack = false
    /// Whether a pod gets GPUs only by asking for them.
    var needsRequest = false
    /// Whether KV cache moves only by a connector that its command line names.
    var needsConnector = false
    var settings = EngineSettings()
    /// What is wrong with the values of its options.
    var faults: [Finding] = []
    /// Where the workers are described.
    var place: SourcePlace

    /// GPUs that the engine takes for one worker.
    var gpus: Int { tensor.times(data).times(pipeline) }

    /// The same workers so many times.
    func times(_ copies: Int) -> Self {
        var more = self
        more.replicas = replicas.times(copies)
        return more
    }
}

/// Limits that a command line sets; nil where it leaves them to the engine.
struct EngineSettings: Hashable, Sendable {
    var maxSequences: Int?
    var tokenBudget: Int?
    var blockSize: Int?
    var memoryUtilization: Double?
    /// Longest session that is accepted, in tokens.
    var maxContext: Int?
    var kvFormat: NumberFormat?
    var weightFormat: NumberFormat?
    var prefixCaching: Bool?
    var formsStepsAhead: Bool?
    var slidingWindowKV: SlidingWindowKV?
    /// What weights in mxfp4 are multiplied with.
    var mxfp4Activations: NumberFormat?
    var receiveInterval: Int?
    /// Whether routed experts are dealt out, which vLLM's command line says by a flag or its absence.
    var dealsExperts: Bool?
}

extension WorkerDescription {
    /// What a command line says of its worker.
    init(_ command: EngineCommand, name: String, replicas: Int = 1, at place: SourcePlace) {
        self.init(
            role: command.role, name: name, replicas: replicas, tensor: command.tensor,
            place: place)
        data = command.data
        expert = command.expert
        pipeline = command.pipeline
        engine = command.launcher.rawValue
        model = command.model
        connector = command.connector
        readsHistoryBack = command.readsHistoryBack
        // SGLang has a connector that it takes unasked.
        needsConnector = command.launcher == .vllm && !command.isWrapped
        settings = EngineSettings(command)
        faults = command.optionFaults(at: place) + command.transferFaults(at: place)
    }
}

extension Int {
    /// The product; the greatest number where it would be more, for what manifests state is anything.
    func times(_ other: Int) -> Int {
        let (product, isHuge) = multipliedReportingOverflow(by: other)
        return isHuge ? .max : product
    }
}

extension EngineCommand {
    /// Whose GPUs one attention is split over.
    var tensor: Int {
        let degree = count(.tensor) ?? 1
        // SGLang counts the ranks of attention among the tensor-parallel GPUs.
        guard launcher == .sglang, attentionRanks > 1, degree.isMultiple(of: attentionRanks)
        else { return degree }
        return degree / attentionRanks
    }

    var data: Int {
        switch launcher {
        case .vllm, .trtllm: count(.data) ?? 1
        case .sglang: attentionRanks
        }
    }

    var pipeline: Int { count(.pipeline) ?? 1 }

    /// GPUs that routed experts are dealt out over.
    var expert: Int {
        switch launcher {
        case .vllm: has(.expertParallel) ? tensor.times(data) : 1
        case .sglang, .trtllm: count(.expert) ?? 1
        }
    }

    private var attentionRanks: Int {
        has(.attentionRanks) ? count(.data) ?? 1 : 1
    }

    var model: String? {
        value("model", "model-path") ?? (launcher == .sglang ? nil : subject)
    }

    /// Processes that one worker takes, of several nodes.
    var processes: Int { max(1, count(.nodes) ?? 1) }

    /// Whether it is a further process of a worker that is told elsewhere.
    var isFollower: Bool {
        has("headless") || (count(.nodeRank) ?? 0) > 0
    }

    var role: WorkerDescription.Role {
        switch value("disaggregation-mode") {
        case "prefill"?: return .prefill
        case "decode"?: return .decode
        default: break
        }
        if has("is-prefill-worker") { return .prefill }
        if has("is-decode-worker") { return .decode }
        guard connector != nil else { return .both }
        switch transfer("kv_role") {
        case "kv_producer"?: return .prefill
        case "kv_consumer"?: return .decode
        default: return .unclear
        }
    }

    /// What moves KV cache between workers; nil where nothing does.
    var connector: String? {
        if let name = value("disaggregation-transfer-backend") { return name }
        return transfer("kv_connector")
    }

    fileprivate var readsHistoryBack: Bool {
        let document = try? transferConfiguration(at: SourcePlace(file: "--kv-transfer-config"))
        return document?.member(at: "kv_connector_extra_config", "bidirectional_kv_xfer")?.flag
            ?? false
    }

    /// A member of vLLM's `--kv-transfer-config`, which may also be an option of its own behind a point.
    private func transfer(_ key: String) -> String? {
        if let own = value("kv-transfer-config." + key.replacing("_", with: "-")) { return own }
        let document = try? transferConfiguration(at: SourcePlace(file: "--kv-transfer-config"))
        return document?.member(key)?.text
    }

    /// The value of `--kv-transfer-config`; nil where there is none.
    private func transferConfiguration(at place: SourcePlace) throws(CatalogError) -> SourceValue? {
        guard let text = value("kv-transfer-config") else { return nil }
        return try ManifestText.documents(bytes: Array(text.utf8), file: place.file).first
    }

    /// What vLLM refuses of `--kv-transfer-config`.
    fileprivate func transferFaults(at place: SourcePlace) -> [Finding] {
        let option = "--kv-transfer-config"
        guard let text = value("kv-transfer-config") else { return [] }
        guard !text.contains("$") else {
            return [
                Finding(
                    .notSimulated,
                    "\(option) is '\(text.shownInMessage)', which only a running shell can tell",
                    at: place, key: option)
            ]
        }
        guard let document = try? transferConfiguration(at: place) else {
            return [
                Finding(
                    .schema, "\(option) is '\(text.shownInMessage)'; expected a JSON object",
                    at: place, key: option)
            ]
        }
        let faults = ManifestSchemas.embedded.faults(of: document, against: "kv-transfer-config")
        return faults.map { fault in
            var finding = Finding(fault, of: option)
            finding.place = place
            return finding
        }
    }
}

extension WorkerDescription {
    /// The format of the weights that are served; nil where neither their name nor an option tells.
    ///
    /// Only eight bits are made of other weights by an option; of four it says how the files are read.
    func weightFormat(of platform: CaseDraft.Platform, _ names: ModelNames) -> NumberFormat? {
        let served = self.model ?? ""
        let own = names.holds(served) ? platform.model.nativeFormat : nil
        // A file tells its format, whatever its folder is called.
        let stored = platform.modelFile == nil ? ModelNames.format(in: served) ?? own : own
        guard let option = settings.weightFormat else { return stored }
        return option == .fp8 || stored == nil ? option : stored
    }
}

extension EngineSettings {
    init(_ command: EngineCommand) {
        maxSequences = command.count(.sequences)
        tokenBudget = command.amount(.tokens)
        blockSize = command.count(.block)
        memoryUtilization = command.value(.memory).flatMap(Double.init)
        maxContext = command.amount(.context)
        kvFormat = command.value(.cacheFormat).flatMap(Self.cacheFormat)
        weightFormat = command.value(.weightFormat).flatMap(Self.weightFormat)
        if command.has(.prefixCaching) { prefixCaching = true }
        if command.has(.noPrefixCaching) { prefixCaching = false }
        if command.has(.stepsAhead) { formsStepsAhead = true }
        if command.has(.noStepsAhead) { formsStepsAhead = false }
        if command.launcher == .vllm { dealsExperts = command.has(.expertParallel) }
        if command.has(.keptWindows) { slidingWindowKV = .window }
        if command.has(.keptWhole) { slidingWindowKV = .whole }
        if command.launcher == .sglang { receiveInterval = command.count(.receiveInterval) ?? 1 }
        mxfp4Activations = Self.mxfp4Activations(command)
    }

    /// Variables by which vLLM quantises what it multiplies mxfp4 with; exports write the first.
    static let quantisingVariables = [
        "VLLM_USE_FLASHINFER_MOE_MXFP4_MXFP8", "VLLM_USE_FLASHINFER_MOE_MXFP4_MXFP8_CUTLASS",
    ]

    /// By a variable of vLLM, which takes whole numbers, or an option of SGLang; nil where the engine decides.
    private static func mxfp4Activations(_ command: EngineCommand) -> NumberFormat? {
        switch command.launcher {
        case .vllm:
            let values = quantisingVariables.compactMap {
                command.variables[$0].flatMap { Int($0) }
            }
            return values.isEmpty ? nil : values.contains { $0 != 0 } ? .fp8 : .bf16
        case .sglang: return command.value(.mxfp4Precision) == "bf16" ? .bf16 : nil
        case .trtllm: return nil
        }
    }

    /// What `--kv-cache-dtype` says; nil where it leaves it to the model.
    private static func cacheFormat(_ word: String) -> NumberFormat? {
        if word.hasPrefix("fp8") { return .fp8 }
        return ["bf16", "bfloat16", "half", "float16"].contains(word) ? .bf16 : nil
    }

    /// What `--quantization` says; nil where the files of the model tell.
    private static func weightFormat(_ word: String) -> NumberFormat? {
        weightFormats[word] ?? nil
    }

    /// Values of `--quantization`, and the format that each means; nil where the files of the model tell.
    static let weightFormats: [String: NumberFormat?] = [
        "fp8": .fp8, "fbgemm_fp8": .fp8, "ptpc_fp8": .fp8, "w8a8_fp8": .fp8, "modelopt_fp8": .fp8,
        "mxfp4": .mxfp4, "nvfp4": .nvfp4, "modelopt_fp4": .nvfp4, "petit_nvfp4": .nvfp4,
        "awq": .int4, "awq_marlin": .int4, "gptq": .int4, "gptq_marlin": .int4, "moe_wna16": .int4,
        "compressed-tensors": nil, "modelopt": nil, "modelopt_mixed": nil, "auto": nil, "none": nil,
        "None": nil,
    ]
}
