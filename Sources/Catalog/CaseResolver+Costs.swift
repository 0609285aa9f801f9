import ServingDomain

/// Stated costs: what a case needs with them, and what it may leave out.
extension CaseResolver {
    private static let ownOverheadKeys = OverheadFigure.allCases.map(CaseFields.overheadKey)
    /// Keys that mean nothing where no GPU and no engine is named.
    private static let platformKeys =
        ["weight_format", "kv_format", "pools"]
        + [
            "name", "version", "connector", "image", "gpu_memory_utilization", "host_kv_gib",
            "sliding_window_kv", "slower_experts", "mxfp4_activations",
        ].map { "engine." + $0 }
        + ownOverheadKeys
        + ["tp", "parallelism", "mixed_workers", "dispatch", "finalists"].map { "planning." + $0 }

    mutating func statedCosts() throws(CatalogError) -> CaseDraft.StatedCosts? {
        guard let written = values.text("cost_model.file") else { return nil }
        let path = CasePath.join(folder, written)
        let file = try CostModelFile.read(path: path)
        let choice = values.text("cost_model.engine_overhead")
        if choice != nil, !file.hasOverhead {
            throw values.invalid(
                "cost_model.engine_overhead", expected: "absent: \(written) states no overhead")
        }
        if choice == nil, file.hasOverhead {
            _ = assume(
                "cost_model.engine_overhead", true, .text("include"), "\(written) states one")
        }
        return CaseDraft.StatedCosts(
            reference: CaseDraft.FileReference(written: written, path: path), file: file,
            includesOverhead: file.hasOverhead && choice != "exclude",
            kvCapacity: values.integer("cost_model.kv_capacity_tokens").map { Tokens($0) })
    }

    /// The model with its GPUs; nil where costs are stated and neither is named.
    mutating func platform(
        _ costs: CaseDraft.StatedCosts?
    ) throws(CatalogError) -> (platform: CaseDraft.Platform, engine: Engine)? {
        for (key, other) in [("model", "cluster"), ("cluster", "model")]
        where !values.hasSection(key) {
            guard costs != nil else {
                throw values.missing(key, "it, or a `cost_model` for `simulate`")
            }
            guard !values.hasSection(other) else {
                throw values.missing(key, "it beside `\(other)`, or neither with a `cost_model`")
            }
            return nil
        }
        return try profiled(costs)
    }

    private mutating func profiled(
        _ costs: CaseDraft.StatedCosts?
    ) throws(CatalogError) -> (platform: CaseDraft.Platform, engine: Engine) {
        let model = try model()
        let modelFile = modelFile()
        let name = values.text("model") ?? ""
        let named = modelFile == nil ? model.format(named: name) : model.nativeFormat
        let weightFormat = format(
            "weight_format", named,
            named == model.nativeFormat ? "published weights" : "name of the weights")
        let kvFormat = format("kv_format", .bf16, "")
        let gpus = try poolGPUs(beside: costs)
        let facts = try engineFacts()
        var engine = try engine(facts, isStated: costs != nil)
        engine.rules = facts.rules(for: model, connector: engine.connector)
        engine.hasTimedExperts = values.text("engine.slower_experts") == "off"
        if costs == nil, !engine.hasTimedExperts {
            engine.overhead.slowerExperts = facts.slowerExperts(version: engine.version)
        }
        engine.expertActivations = try expertActivations(facts, model, weightFormat, gpus, costs)
        engine.behaviour.slidingWindowKV = try slidingWindowKV(facts, engine, model)
        for (key, degree) in [
            ("engine.expert_parallel", engine.behaviour.expertDegree),
            ("engine.prefill_expert_parallel", engine.behaviour.prefillSplit.expertDegree),
        ] {
            try check(key, expertDegree: degree, model, costs)
        }
        let platform = CaseDraft.Platform(
            model: model, modelFile: modelFile,
            publishedAs: modelFile == nil && name.contains("/") ? name : nil,
            weightFormat: weightFormat, kvFormat: kvFormat,
            pools: try pools(gpus, facts, engine, costs))
        return (platform, engine)
    }

    /// What experts in mxfp4 are multiplied with: as stated, else as the engine does on each GPU of the case.
    ///
    /// Beside stated costs nothing is made of it but what exports write.
    private mutating func expertActivations(
        _ facts: EngineFacts, _ model: ModelSpec, _ weights: NumberFormat, _ gpus: [PoolGPUs],
        _ costs: CaseDraft.StatedCosts?
    ) throws(CatalogError) -> ExpertActivations {
        let key = "engine.mxfp4_activations"
        let usual = facts.defaults.expertActivations
        let takers = gpus.map(\.hardware).filter { model.leavesActivations(of: weights, to: $0) }
        if let stated = values.text(key).flatMap(NumberFormat.init) {
            guard stated == .bf16 || !takers.isEmpty else {
                throw values.invalid(
                    key,
                    expected: "bf16 or absent: "
                        + Self.whyActivationsAreFixed(model, weights))
            }
            return usual.stating(stated)
        }
        guard costs == nil, let first = takers.first else { return usual }
        let formats = takers.map { (gpu: $0.name, format: usual.format(on: $0.name)) }
        let differ = formats.contains { $0.format != usual.format(on: first.name) }
        let text =
            differ
            ? formats.map { "\($0.format.rawValue) on \($0.gpu)" }.joined(separator: ", ")
            : usual.format(on: first.name).rawValue
        let quantises = formats.contains { $0.format == .fp8 }
        _ = assume(
            key, text, .text(text),
            quantises
                ? usual.source
                : "\(facts.name) is not known to quantise activations by itself on "
                    + takers.map(\.name).joined(separator: " and "))
        return usual
    }

    private static func whyActivationsAreFixed(
        _ model: ModelSpec, _ weights: NumberFormat
    ) -> String {
        if model.mixture == nil { return "\(model.name) has no experts" }
        return weights == .mxfp4
            ? "no GPU of the case multiplies weights of four bits"
            : "the weights are \(weights.rawValue)"
    }

    /// What sliding-window layers keep: as stated, else as the engine does with its connector.
    ///
    /// Where no layer has a window beside others that have none, there is nothing to keep by itself.
    private mutating func slidingWindowKV(
        _ facts: EngineFacts, _ engine: Engine, _ model: ModelSpec
    ) throws(CatalogError) -> SlidingWindowKV {
        let key = "engine.sliding_window_kv"
        if let stated = values.text(key).flatMap(SlidingWindowKV.init) {
            guard stated == .whole || model.mixesWindows else {
                throw values.invalid(
                    key,
                    expected: "whole or absent: \(model.name) does not mix layers with and without "
                        + "a sliding window")
            }
            return stated
        }
        guard model.mixesWindows else { return .whole }
        let habit = facts.slidingWindowKV(connector: engine.connector)
        let isDefault = habit?.isDefault(version: engine.version) ?? false
        let kept = isDefault ? SlidingWindowKV.window : .whole
        let by = [facts.name, engine.connector].compactMap(\.self).joined(separator: " with ")
        let source = habit.map { "\(by) since \($0.since): \($0.source)" }
        _ = assume(
            key, kept, .text(kept.rawValue), source ?? "nothing else is known of \(by)")
        return kept
    }

    /// Experts can be dealt out where there are any, and where it changes a cost.
    private func check(
        _ key: String, expertDegree: Int, _ model: ModelSpec, _ costs: CaseDraft.StatedCosts?
    ) throws(CatalogError) {
        guard expertDegree > 1 else { return }
        let expected: String? =
            if let costs {
                "1 or absent: \(costs.reference.written) states what a step takes"
            } else if let mixture = model.mixture {
                expertDegree & (expertDegree - 1) == 0
                    && mixture.experts.isMultiple(of: expertDegree)
                    ? nil : "a power of two that divides the \(mixture.experts) experts"
            } else {
                "1 or absent: \(model.name) has no routed experts"
            }
        if let expected { throw values.invalid(key, expected: expected) }
    }

    /// An engine that is nothing but its limits.
    mutating func bareEngine() throws(CatalogError) -> Engine {
        for key in Self.platformKeys where values.has(key) {
            throw values.invalid(key, expected: "absent without `model` and `cluster`")
        }
        let usual = Engine(name: "stated", overhead: .none)
        let source = "our default where no engine is named"
        var engine = Engine(
            name: usual.name,
            blockSize: integer("engine.block_size", default: usual.blockSize, source: source),
            maxSequences: statedSequences(),
            tokenBudget: integer("engine.token_budget", default: usual.tokenBudget, source: source),
            overhead: .none)
        engine.behaviour = try behaviour()
        for (key, degree) in [
            ("engine.expert_parallel", engine.behaviour.expertDegree),
            ("engine.prefill_expert_parallel", engine.behaviour.prefillSplit.expertDegree),
        ]
        where degree > 1 {
            throw values.invalid(key, expected: "1 or absent without `model` and `cluster`")
        }
        return engine
    }

    /// Most sequences of a decode batch beside stated costs.
    mutating func statedSequences() -> Int {
        integer("engine.max_sequences", default: 65_536, source: "a cost model states no limit")
    }

    /// What stated costs leave to assume of memory and transfers without a platform.
    mutating func noteMissingPlatform(_ costs: CaseDraft.StatedCosts) {
        if costs.kvCapacity == nil {
            _ = assume(
                "cost_model.kv_capacity_tokens", true, .text("unlimited"),
                "no GPU is named whose memory could be filled")
        }
        if costs.file.transfer == nil {
            _ = assume(
                "cost_model.kv_transfer_ms", true, .integer(0),
                "no link is named that KV cache could travel over")
        }
    }

    mutating func layout(_ costs: CaseDraft.StatedCosts?) throws(CatalogError) -> Deployment? {
        guard let text = values.text("layout") else {
            return costs?.file.layout.map { layout in
                assume(
                    "layout", layout, .text(layout.description),
                    "instances of \(costs?.reference.written ?? "")")
            }
        }
        guard let layout = Deployment(notation: text) else {
            throw values.invalid("layout", expected: "workers such as P:4x1,D:4x1 or C:8x1")
        }
        noteOtherInstances(layout, costs)
        return layout
    }

    private mutating func noteOtherInstances(
        _ layout: Deployment, _ costs: CaseDraft.StatedCosts?
    ) {
        guard let costs, let meant = costs.file.layout else { return }
        func replicas(_ groups: [WorkerGroup]) -> Int { groups.reduce(0) { $0 + $1.replicas } }
        if case .disaggregated(let prefill, let decode) = layout,
            replicas(prefill) == costs.file.prefillWorkers,
            replicas(decode) == costs.file.decodeWorkers
        {
            return
        }
        warnings.append(
            "layout \(layout) is not that of \(costs.reference.written), which is made for "
                + "\(meant).")
    }

    /// A knob that the cost model file turns, whichever policy will be used.
    mutating func noted(
        _ stated: Double, _ knob: PolicyKnob, _ path: String, _ costs: CaseDraft.StatedCosts?
    ) -> Double {
        let source = "\(costs?.reference.written ?? "") (only policy distserve)"
        return assume(path, stated, knob.document(stated), source)
    }

    /// Warns where the load is none of those that the file was made for.
    mutating func noteOtherRate(_ load: CaseDraft.Load, _ costs: CaseDraft.StatedCosts) {
        let rate: Rate? =
            switch load {
            case .synthetic(_, let rate): rate
            case .trace(_, _, let rate): rate
            }
        guard let rate, !costs.file.rates.isEmpty,
            !costs.file.rates.contains(rate.sessionsPerSecond)
        else { return }
        let known = costs.file.rates.map { "\($0)" }.joined(separator: ", ")
        warnings.append(
            "workload.rate_per_s is none of the rates_per_s of \(costs.reference.written): "
                + "\(known).")
    }
}
