import Planning
import ServingDomain

/// The arguments with which an engine serves as it was simulated.
struct EngineFlags {
    let plan: ExportPlan
    let workers: PlannedWorkers

    private var engine: Engine { plan.engine }
    private var isDisaggregated: Bool { workers.role != .both }

    private var launcher: EngineCommand.Launcher { engine.name == "sglang" ? .sglang : .vllm }

    /// Degrees, limits and the connector; not the model, the port or the address.
    var words: [String] {
        launcher == .sglang ? degreesOfSGLang + limitsOfSGLang : degreesOfVLLM + limits
    }

    private func option(_ option: EngineOption, _ value: Int) -> [String] {
        option.words(of: launcher, "\(value)")
    }

    // MARK: vLLM

    private var degreesOfVLLM: [String] {
        option(.tensor, workers.tensor) + (workers.ranks > 1 ? option(.data, workers.ranks) : [])
    }

    /// What vLLM is told beside its degrees, for targets that add those by themselves.
    var limits: [String] {
        (workers.expert > 1 ? EngineOption.expertParallel.words(of: .vllm) : [])
            + option(.context, workers.context) + option(.sequences, sequences)
            + option(.tokens, max(budget, sequences)) + option(.block, engine.blockSize)
            + memory + formats(cache: "fp8") + switches
            + (isDisaggregated ? ["--kv-transfer-config", transferConfiguration] : [])
    }

    /// Whole JSON, in the order in which vLLM's own guide writes it.
    var transferConfiguration: String {
        let connector = engine.connector ?? "NixlConnector"
        // NIXL takes the role for a label; other connectors act by it.
        let producing = workers.role == .prefill ? "kv_producer" : "kv_consumer"
        let role = connector == "NixlConnector" ? "kv_both" : producing
        var members: [DocumentEntry] = [
            ("kv_connector", connector.jsonText), ("kv_role", role.jsonText),
            ("kv_load_failure_policy", "fail".jsonText),
        ]
        if plan.readsHistoryBack {
            members.append(("kv_connector_extra_config", #"{"bidirectional_kv_xfer":true}"#))
        }
        return "{" + members.map { "\($0.key.jsonText):\($0.value)" }.joined(separator: ",") + "}"
    }

    private typealias DocumentEntry = (key: String, value: String)

    // MARK: SGLang

    private var degreesOfSGLang: [String] {
        option(.tensor, workers.gpus)
            + (workers.ranks > 1
                ? option(.data, workers.ranks) + EngineOption.attentionRanks.words(of: .sglang)
                : [])
            + (workers.expert > 1 ? option(.expert, workers.expert) : [])
    }

    /// SGLang counts requests and chunks of all ranks together.
    private var limitsOfSGLang: [String] {
        option(.context, workers.context) + option(.sequences, sequences * workers.ranks)
            + option(.tokens, budget * workers.ranks) + option(.block, engine.blockSize)
            + memory + formats(cache: "fp8_e4m3") + precision + switches + receiving
            + (isDisaggregated
                ? [
                    "--disaggregation-mode", workers.role.rawValue,
                    "--disaggregation-transfer-backend", engine.connector ?? "nixl",
                ] : [])
    }

    // MARK: Both

    /// Sequences of one rank: of prefill workers as many as one step takes.
    private var sequences: Int {
        guard workers.role == .prefill else { return engine.maxSequences }
        switch plan.behaviour.prefillBatch {
        case .oneTask: return 1
        case .tasks(let count): return count
        case .tokens: return engine.maxSequences
        }
    }

    private var budget: Int {
        guard workers.role == .prefill, case .tokens(let tokens) = plan.behaviour.prefillBatch
        else { return engine.tokenBudget }
        return tokens
    }

    private var memory: [String] {
        EngineOption.memory.words(of: launcher, engine.memoryUtilization.shortest)
    }

    /// Prefix caching, steps ahead and kept windows, in words where the engine has any for what is wanted.
    private var switches: [String] {
        let caching: EngineOption =
            plan.behaviour.prefixCaching ? .prefixCaching : .noPrefixCaching
        let ahead: EngineOption = plan.behaviour.formsStepsAhead ? .stepsAhead : .noStepsAhead
        let kept: EngineOption =
            plan.behaviour.slidingWindowKV == .window ? .keptWindows : .keptWhole
        return caching.words(of: launcher) + ahead.words(of: launcher)
            + (!plan.planningCase.model.mixesWindows ? [] : kept.words(of: launcher))
    }

    /// Of workers that do everything: those of separate pools compute prompts where nothing is held back.
    private var receiving: [String] {
        let interval = plan.behaviour.receiveInterval
        return interval > 1 && !isDisaggregated ? option(.receiveInterval, interval) : []
    }

    private var precision: [String] {
        plan.mxfp4Activations == .bf16
            ? EngineOption.mxfp4Precision.words(of: launcher, "bf16") : []
    }

    private func formats(cache: String) -> [String] {
        let planned = plan.planningCase
        var stored = planned.model.nativeFormat
        if case .stored(let known) = plan.checkpoint { stored = known }
        let isQuantised = Self.quantises(stored, to: planned.weightFormat)
        return (isQuantised ? EngineOption.weightFormat.words(of: launcher, "fp8") : [])
            + (planned.kvFormat == .bf16
                ? [] : EngineOption.cacheFormat.words(of: launcher, cache))
    }

    /// Whether engines turn published weights into a format as they load them.
    static func quantises(_ native: NumberFormat, to format: NumberFormat) -> Bool {
        native == .bf16 && format == .fp8
    }
}

extension ExportPlan {
    /// Whether prefill workers read histories back, which the connector has to be told.
    var readsHistoryBack: Bool {
        planningCase.neededSettings(for: layout).contains { $0.rule == .historyReadBack }
    }

    /// What the case states that experts in mxfp4 are multiplied with; nil where it leaves that to the engine, or
    /// nobody has a choice.
    var mxfp4Activations: NumberFormat? {
        let isChoice = planningCase.pools.contains {
            planningCase.mxfp4Activations(on: $0.hardware) != nil
        }
        return isChoice ? engine.expertActivations.stated : nil
    }

    /// Environment of every worker, by name.
    var environment: [(name: String, value: String)] {
        if engine.name == "vllm", mxfp4Activations == .fp8 {
            return [(EngineSettings.quantisingVariables[0], "1")]
        }
        let differ = planningCase.neededSettings(for: layout).contains { $0.rule == .degreePairs }
        guard engine.name == "sglang", differ else { return [] }
        return [
            ("SGLANG_DISAGG_STAGING_BUFFER", "1"), ("SGLANG_DISAGG_STAGING_BUFFER_SIZE_MB", "64"),
            ("SGLANG_DISAGG_STAGING_POOL_SIZE_MB", "4096"),
        ]
    }

    /// Whether the workers of a layout hand KV cache to each other.
    var isDisaggregated: Bool {
        if case .disaggregated = layout { true } else { false }
    }
}

extension Double {
    /// The shortest text of the number, without an exponent for ordinary ones.
    fileprivate var shortest: String { Int(exactly: self).map(String.init) ?? description }
}

extension String {
    /// A JSON string of ASCII characters.
    var jsonText: String {
        var text = "\""
        for unit in utf16 {
            switch unit {
            case 0x22: text += "\\\""
            case 0x5C: text += "\\\\"
            case 0x20...0x7E: text += String(UnicodeScalar(UInt8(unit)))
            default:
                let hex = String(unit, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            }
        }
        return text + "\""
    }
}
