import ServingDomain

/// Combinations of a case that work but are probably not meant.
struct CaseWarnings {
    private let draft: CaseDraft

    init(_ draft: CaseDraft) { self.draft = draft }

    var all: [String] {
        [formats, acceleration, nodeSize, spanningDegrees, context, replications].compactMap { $0 }
    }

    private var formats: String? {
        guard draft.weightFormat == .mxfp4, draft.model.mixture == nil else { return nil }
        return "weight_format mxfp4 stores only routed experts in four bits; \(draft.model.name)"
            + " has none and stays bf16."
    }

    private var acceleration: String? {
        let format = draft.weightFormat.computeFormat
        guard draft.hardware.peakFLOPS[format] == nil else { return nil }
        return "\(draft.hardware.name) has no \(format.rawValue) units: weights in"
            + " \(draft.weightFormat.rawValue) save memory, products run at the bf16 peak."
    }

    private var nodeSize: String? {
        let usual = draft.hardware.gpusPerNode
        guard draft.cluster.gpusPerNode > usual else { return nil }
        return "\(draft.cluster.gpusPerNode) GPUs per node are more than the usual \(usual) of"
            + " \(draft.hardware.name); their link is taken to be as fast."
    }

    private var spanningDegrees: String? {
        let wide = draft.planning.degrees.filter { $0.value > draft.cluster.gpusPerNode }
        guard !wide.isEmpty else { return nil }
        return "Tensor-parallel degrees \(wide.map(\.description).joined(separator: ", ")) span"
            + " nodes of \(draft.cluster.gpusPerNode) GPUs, which no worker may; they are left out."
    }

    private var replications: String? {
        guard draft.planning.replications == 1 else { return nil }
        return "planning.replications: one run has no interval, so that no latency target can be"
            + " decided; use at least 2 (\(CaseDefaults.planning.replications) is the default)."
    }

    private var context: String? {
        guard case .synthetic(let sessions, _) = draft.workload else { return nil }
        let mean = sessions.meanFinalContext
        let limit = draft.model.maxContext.value
        guard mean > Double(limit) else { return nil }
        return "A mean session ends with \(Int(mean.rounded())) tokens of context, more than the"
            + " \(limit) that \(draft.model.name) declares; check length_reading."
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
