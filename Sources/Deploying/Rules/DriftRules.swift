public import Catalog
public import Planning
public import ServingDomain

/// What a plan, or a case, says that manifests should describe.
public struct IntendedDeployment: Sendable {
    /// What it stands in, for messages.
    public let source: String
    /// Nil where the source names no layout.
    public let layout: Deployment?
    /// Names that the model goes by.
    public let model: ModelNames
    public let engine: Engine
    /// Format of the KV cache; nil where the source knows none.
    public let kvFormat: NumberFormat?
    /// Digest of the plan document; nil for a case.
    public let digest: String?

    public init(
        source: String, layout: Deployment?, model: ModelNames, engine: Engine,
        kvFormat: NumberFormat?, digest: String?
    ) {
        self.kvFormat = kvFormat
        self.source = source
        self.layout = layout
        self.model = model
        self.engine = engine
        self.digest = digest
    }
}

extension DescribedDeployment {
    /// Where the manifests differ from what they should describe.
    public func differences(from intended: IntendedDeployment) -> [Finding] {
        var found: [Finding] = []
        func differs(_ what: String, _ here: String, _ there: String) {
            found.append(
                Finding(
                    .differsFromPlan, "\(what) is \(here), and \(there) in \(intended.source)",
                    at: place))
        }
        if let layout, let wanted = intended.layout,
            layout.normalised(to: intended.engine.behaviour)
                != wanted.normalised(to: intended.engine.behaviour)
        {
            differs("the layout", layout.description, wanted.description)
        }
        if let model, !intended.model.mayMean(model) {
            differs("the model", model, intended.model.all.first ?? "another")
        }
        if let engine, engine != intended.engine.name {
            differs("the engine", engine, intended.engine.name)
        }
        if let connector, let wanted = intended.engine.connector, engine == intended.engine.name,
            connector.lowercased() != wanted.lowercased()
        {
            differs("the connector", connector, wanted)
        }
        // Of formats of weights a manifest often says nothing: the files of the model tell.
        let formats = workers.compactMap(\.settings.kvFormat)
        if let wanted = intended.kvFormat, let other = formats.first(where: { $0 != wanted }) {
            differs("the format of the KV cache", other.rawValue, wanted.rawValue)
        }
        if let planDigest, let digest = intended.digest, planDigest != digest {
            differs("the digest of the plan that it was exported from", planDigest, digest)
        }
        return found
    }

    /// Settings that a plan does not have.
    public func drifts(_ changes: [String], from intended: IntendedDeployment) -> [Finding] {
        changes.map { Finding(.differsFromPlan, "\($0) of \(intended.source)", at: place) }
    }

    /// A case with the limits and formats that the manifests set for serving workers, and what they change.
    ///
    /// Where serving workers differ in them, those of the first count.
    ///
    /// - Parameters:
    ///   - draft: the case.
    ///   - names: those of its model, which tell what weights are served.
    /// - Returns: the case as the manifests have it, and the changes in words.
    public func settings(
        over draft: CaseDraft, named names: ModelNames
    ) -> (draft: CaseDraft, changes: [String]) {
        let all = workers.filter { $0.role != .prefill }
        guard let serving = all.first else { return (draft, []) }
        var result = draft
        var changes = Self.takeFormats(serving, names, &result)
        changes += takeLimits(of: serving, draft.platform?.model, &result.engine)
        changes += takeExperts(of: serving, draft.platform?.model, &result.engine.behaviour)
        changes += takeActivations(result.platform, &result.engine.expertActivations)
        if all.contains(where: { $0.settings != serving.settings }) {
            changes.append("limits of \(serving.name.shownInMessage) for all serving workers")
        }
        return (result, changes)
    }

    private static func takeFormats(
        _ serving: WorkerDescription, _ names: ModelNames, _ draft: inout CaseDraft
    ) -> [String] {
        guard var platform = draft.platform else { return [] }
        let settings = serving.settings
        var changes: [String] = []
        if let format = settings.kvFormat, format != platform.kvFormat {
            changes.append(
                "KV cache in \(format.rawValue) in place of \(platform.kvFormat.rawValue)")
            platform.kvFormat = format
        }
        // Eight bits may mean one scale for a tensor or for each block, as the model's files have it.
        let weights = platform.weightFormat
        if let format = serving.weightFormat(of: platform, names), format != weights,
            !(format.computeFormat == .fp8 && weights.computeFormat == .fp8)
        {
            changes.append("weights in \(format.rawValue) in place of \(weights.rawValue)")
            platform.weightFormat = format
        }
        draft.platform = platform
        return changes
    }

    /// What workers multiply experts in mxfp4 with, where their GPUs leave it to them; prefill workers first, whose
    /// prompts it changes most.
    private func takeActivations(
        _ platform: CaseDraft.Platform?, _ result: inout ExpertActivations
    ) -> [String] {
        guard let platform else { return [] }
        let prefill = workers.filter { $0.role == .prefill }
        for worker in prefill + workers.filter({ $0.role != .prefill }) {
            let gpu =
                platform.pools.first { $0.name == worker.pool }?.hardware ?? platform.hardware
            guard platform.model.leavesActivations(of: platform.weightFormat, to: gpu) else {
                continue
            }
            let planned = result.format(on: gpu.name)
            let found = result.stating(worker.settings.mxfp4Activations).format(on: gpu.name)
            guard found != planned else { continue }
            result = result.stating(found)
            return [
                "mxfp4_activations \(found.rawValue) of \(worker.name.shownInMessage) in place of "
                    + planned.rawValue
            ]
        }
        return []
    }

    /// Experts that the case deals out and a command line does not.
    private func takeExperts(
        of serving: WorkerDescription, _ model: ModelSpec?, _ result: inout EngineBehaviour
    ) -> [String] {
        guard model?.mixture != nil else { return [] }
        var changes: [String] = []
        let (decode, prefill) = (
            result.servingSplit.expertDegree, result.prefillSplit.expertDegree
        )
        if decode > 1, serving.settings.dealsExperts == false {
            changes.append("expert_parallel 1 in place of \(decode)")
            (result.expertDegree, result.prefillExpertDegree) = (1, prefill)
        }
        let first = workers.first { $0.role == .prefill }
        if prefill > 1, first?.settings.dealsExperts == false {
            changes.append("prefill_expert_parallel 1 in place of \(prefill)")
            result.prefillExpertDegree = 1
        }
        return changes
    }

    private func takeLimits(
        of serving: WorkerDescription, _ model: ModelSpec?, _ result: inout Engine
    ) -> [String] {
        var changes: [String] = []
        func take<Value: Equatable>(
            _ value: Value?, _ path: WritableKeyPath<Engine, Value>, _ key: String
        ) {
            guard let value, value != result[keyPath: path] else { return }
            changes.append("\(key) \(value) in place of \(result[keyPath: path])")
            result[keyPath: path] = value
        }
        // SGLang counts the requests and chunks of all ranks of a worker together.
        let share = serving.engine == "sglang" ? serving.data : 1
        let limits = serving.settings
        take(limits.maxSequences.map { max(1, $0 / share) }, \.maxSequences, "max_sequences")
        take(
            limits.tokenBudget.flatMap { $0 > 0 ? max(1, $0 / share) : nil }, \.tokenBudget,
            "token_budget")
        take(limits.blockSize.flatMap { $0 > 0 ? $0 : nil }, \.blockSize, "block_size")
        let utilisation = limits.memoryUtilization.flatMap { (0.01...1).contains($0) ? $0 : nil }
        take(utilisation, \.memoryUtilization, "gpu_memory_utilization")
        take(limits.prefixCaching, \.behaviour.prefixCaching, "prefix_caching")
        take(limits.formsStepsAhead, \.behaviour.formsStepsAhead, "async_scheduling")
        // Of a model without windows the flag changes nothing.
        let kept = model?.mixesWindows == true ? limits.slidingWindowKV : nil
        take(kept, \.behaviour.slidingWindowKV, "sliding_window_kv")
        // In separate pools the flag changes nothing that is planned.
        let interval = serving.role == .both ? limits.receiveInterval : nil
        take(interval, \.behaviour.receiveInterval, "receive_interval_steps")
        return changes
    }

    /// Settings of the connector that the policy needs, and that command lines which name one do not have.
    ///
    /// - Parameter needed: by the policy and the layout.
    /// - Returns: a warning, since a router in front may do without.
    public func missing(_ needed: [EngineSetting]) -> [Finding] {
        guard let setting = needed.first(where: { $0.rule == .historyReadBack }),
            let worker = workers.first(where: {
                $0.engine == "vllm" && $0.connector != nil && !$0.readsHistoryBack
            })
        else { return [] }
        var finding = Finding(
            .capability,
            "\(worker.name.shownInMessage): the policy reads histories back from decode workers, which "
                + "needs \(setting.setting)", at: worker.place)
        finding.severity = .warning
        return [finding]
    }

    /// Serving workers that refuse sessions which the load has.
    ///
    /// - Parameter context: of sessions at P95; tokens.
    /// - Returns: a finding for each limit that is lower.
    public func tooShort(for context: Tokens) -> [Finding] {
        workers.compactMap { worker in
            guard let most = worker.settings.maxContext, most > 0, most < context.value else {
                return nil
            }
            return Finding(
                .sessionMemory,
                "\(worker.name.shownInMessage): accepts sessions of at most \(most) tokens, and "
                    + "those of the load reach \(context.value) at P95; raise the limit of the context",
                at: worker.place)
        }
    }
}
