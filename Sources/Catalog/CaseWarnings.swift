import Scheduling
import ServingDomain

/// Combinations of a case that work but are probably not meant.
struct CaseWarnings {
    private let draft: CaseDraft

    init(_ draft: CaseDraft) { self.draft = draft }

    var all: [String] {
        let ofPlatform = draft.platform.map { platform in
            [formats(platform)]
                + platform.pools.flatMap { [acceleration($0, platform), nodeSize($0)] }
                + [spanningDegrees(platform), context(platform), tiedRanks(platform)]
        }
        return
            ((ofPlatform ?? [])
            + [
                replications, hostMemory, balance, poolingOfRanks, receivingRanks, receivingEngine,
                searches,
            ])
            .compactMap { $0 }
    }

    private func formats(_ platform: CaseDraft.Platform) -> String? {
        guard platform.weightFormat == .mxfp4, platform.model.mixture == nil else { return nil }
        return "weight_format mxfp4 stores only routed experts in four bits; \(platform.model.name)"
            + " has none and stays bf16."
    }

    /// vLLM since 0.14 runs each rank of a model without experts by itself.
    private func tiedRanks(_ platform: CaseDraft.Platform) -> String? {
        let behaviour = draft.engine.behaviour
        let tied = [
            ("engine.data_parallel_ranks", behaviour.dataParallelRanks),
            ("engine.prefill_data_parallel_ranks", behaviour.prefillRanks),
        ].first { $0.1 > 1 }
        guard platform.model.mixture == nil, let (key, ranks) = tied else { return nil }
        return "\(key) ties \(ranks) ranks of \(platform.model.name) to each other's steps,"
            + " which has no experts to share; engines that run such ranks by themselves (vLLM since 0.14) are"
            + " described by 1."
    }

    /// Whether decode or co-located workers may be data-parallel ranks.
    private var hasRanks: Bool {
        let own = (draft.layout?.servingGroups ?? []).map(\.parallelism) + draft.planning.records
        return draft.engine.behaviour.dataParallelRanks > 1
            || own.contains { $0.split?.ranks ?? 1 > 1 }
    }

    /// Prompts wait for those of ranks alone.
    private var balance: String? {
        guard draft.engine.behaviour.promptBalance != nil, !hasRanks else { return nil }
        return
            "engine.prompt_balance_steps makes prompts wait for those of other data-parallel ranks;"
            + " this case names none, so that only layouts written with ranks (1dp8) wait."
    }

    /// Ranks do not wait for more.
    private var poolingOfRanks: String? {
        guard draft.engine.behaviour.promptPooling != nil, hasRanks else { return nil }
        return
            "engine.prompt_pooling_steps is for workers without data-parallel ranks; those with"
            + " ranks take no notice of it."
    }

    /// SGLang of before that change asserts that there are none.
    private var receivingRanks: String? {
        guard draft.engine.behaviour.receiveInterval > 1, hasRanks else { return nil }
        return
            "engine.receive_interval_steps beside data-parallel ranks: SGLang does not start with both before"
            + " sglang#30457 (July 2026)."
    }

    private var receivingEngine: String? {
        guard draft.engine.behaviour.receiveInterval > 1, draft.engine.name != "sglang" else {
            return nil
        }
        return
            "engine.receive_interval_steps is an option of SGLang; \(draft.engine.name) has none."
    }

    /// Searches do not expect that prompts wait for more, or to be looked at.
    private var searches: String? {
        let behaviour = draft.engine.behaviour
        let isPooling = behaviour.promptPooling != nil && behaviour.dataParallelRanks == 1
        guard isPooling || behaviour.receiveInterval > 1 else { return nil }
        let key = isPooling ? "prompt_pooling_steps" : "receive_interval_steps"
        return
            "engine.\(key) lets TTFT fall as load rises, and searches for a highest rate"
            + " or a smallest layout take it to rise: they may stop before one that meets the targets."
    }

    /// Stated costs do not follow from peaks.
    private func acceleration(_ pool: GPUPool, _ platform: CaseDraft.Platform) -> String? {
        let format = platform.weightFormat.computeFormat
        guard draft.statedCosts == nil, pool.hardware.peakFLOPS[format] == nil else {
            return nil
        }
        return "\(pool.hardware.name) has no \(format.rawValue) units: weights in"
            + " \(platform.weightFormat.rawValue) save memory, products run at the bf16 peak."
    }

    private func nodeSize(_ pool: GPUPool) -> String? {
        let (usual, given) = (pool.hardware.gpusPerNode, pool.cluster.gpusPerNode)
        guard given > usual else { return nil }
        guard given > pool.hardware.linkedGPUs else {
            return
                "\(given) GPUs per node are more than the \(usual) of a tray of \(pool.hardware.name):"
                + " workers may span trays, which the links of a rack join, and no export has a form for that."
        }
        return "\(given) GPUs per node are more than the usual \(usual) of"
            + " \(pool.hardware.name); their link is taken to be as fast."
    }

    /// Degrees that no node of any pool has room for.
    private func spanningDegrees(_ platform: CaseDraft.Platform) -> String? {
        let limit = platform.pools.map(\.cluster.gpusPerNode).max() ?? 0
        let wide = draft.planning.degrees.filter { $0.value > limit }
        guard !wide.isEmpty else { return nil }
        return "Tensor-parallel degrees \(wide.map(\.description).joined(separator: ", ")) span"
            + " nodes of \(limit) GPUs, which no worker may; they are left out."
    }

    private var replications: String? {
        guard draft.planning.replications == 1 else { return nil }
        return "planning.replications: one run has no interval, so that no latency target can be"
            + " decided; use at least 2 (\(CaseDefaults.planning.replications) is the default)."
    }

    private var hostMemory: String? {
        guard draft.policy.name == .infercept, draft.engine.behaviour.hostMemory == .zero else {
            return nil
        }
        return "policy infercept swaps to host memory, of which there is none (engine.host_kv_gib):"
            + " it can only keep histories or compute them anew."
    }

    private func context(_ platform: CaseDraft.Platform) -> String? {
        guard case .synthetic(let sessions, _) = draft.workload else { return nil }
        let mean = sessions.meanFinalContext
        let limit = platform.model.maxContext.value
        guard mean > Double(limit) else { return nil }
        return "A mean session ends with \(Int(mean.rounded())) tokens of context, more than the"
            + " \(limit) that \(platform.model.name) declares; check length_reading."
    }
}

extension Workload.Synthetic {
    /// Tokens in the KV cache at the end of a session whose every draw is its mean.
    fileprivate var meanFinalContext: Double {
        let (rounds, prefill, decode) = (rounds.mean, prefillTokens.mean, decodeTokens.mean)
        switch reading {
        case .perRound:
            let first = firstPrefillTokens?.mean ?? prefill
            return first + (rounds - 1) * prefill + rounds * decode
        case .fullPrompt: return prefill + decode
        case .perSession: return prefill + decode
        }
    }
}
