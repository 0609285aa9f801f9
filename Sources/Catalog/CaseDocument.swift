import Foundation
import Scheduling
import ServingDomain

/// A case as a document: every key with its value, defaults included.
public struct CaseDocument: Hashable, Sendable {
    /// How paths of model and trace are written.
    public enum Paths: Hashable, Sendable {
        /// As in the file that was read, so relative to its folder.
        case asWritten
        /// Absolute, for a file that will lie elsewhere.
        case absolute
    }

    /// Keys in the order of the documentation.
    public let tree: DocumentValue

    public init(_ draft: CaseDraft, paths: Paths = .asWritten) {
        tree = CaseDocumentWriter(draft: draft, paths: paths).tree
    }

    /// A case file that reads back as the same draft.
    public var yaml: String { tree.yaml }
}

/// Writes each section of a draft.
private struct CaseDocumentWriter {
    let draft: CaseDraft
    let paths: CaseDocument.Paths

    var tree: DocumentValue {
        let head: [DocumentValue.Entry] = [
            .init("apiVersion", .text(CaseFields.version)), .init("kind", .text("Case")),
            .init("name", .text(draft.name)),
        ]
        let platform = draft.platform.map(platform) ?? []
        var choices: [DocumentValue.Entry] = []
        if let stated = draft.statedCosts {
            choices.append(.init("cost_model", costModel(stated)))
        }
        if let layout = draft.layout {
            choices.append(.init("layout", .text(layout.description)))
        }
        return .mapping(
            head + platform + choices + [
                .init("engine", engine),
                .init("workload", workload),
                .init("slo", slo),
                .init("policy", policy),
                .init("planning", planning),
            ])
    }

    private func path(_ reference: CaseDraft.FileReference) -> String {
        switch paths {
        case .asWritten: reference.written
        case .absolute: URL(fileURLWithPath: reference.path).standardizedFileURL.path
        }
    }

    private func modelName(of platform: CaseDraft.Platform) -> String {
        platform.modelFile.map(path) ?? platform.publishedAs ?? platform.model.name
    }

    private func platform(_ platform: CaseDraft.Platform) -> [DocumentValue.Entry] {
        [
            .init("model", .text(modelName(of: platform))),
            .init("weight_format", .text(platform.weightFormat.rawValue)),
            .init("kv_format", .text(platform.kvFormat.rawValue)),
            .init("cluster", .mapping(pool(platform, 0))),
        ]
            + (platform.pools.count > 1
                ? [
                    .init(
                        "pools",
                        .list(
                            platform.pools.indices.dropFirst().map {
                                .mapping(pool(platform, $0))
                            }))
                ] : [])
    }

    /// Without the transfers where the cost model file states them; what holds for all of them stands with
    /// the first pool.
    private func pool(_ platform: CaseDraft.Platform, _ place: Int) -> [DocumentValue.Entry] {
        let pool = platform.pools[place]
        let (cluster, hardware, transfer) = (pool.cluster, pool.hardware, pool.transfer)
        let (hasPools, isFirst) = (platform.pools.count > 1, place == 0)
        let phase = pool.phases.count > 1 ? nil : pool.phases.first
        let entries: [DocumentValue.Entry] =
            (hasPools ? [.init("name", .text(pool.name))] : [])
            + [
                .init("gpu", .text(cluster.gpu)),
                .init("nodes", .integer(cluster.nodes)),
                .init("gpus_per_node", .integer(cluster.gpusPerNode)),
            ]
            + (hasPools ? [.init("phases", .text(phase?.rawValue ?? "both"))] : [])
            + (cluster.pricePerGPUHour.map { [.init("usd_per_gpu_hour", .decimal($0))] } ?? []) + [
                .init("intra_node_gbytes_per_s", hardware.intraNode.bandwidth.document),
                .init("inter_node_gbytes_per_s", hardware.interNode.bandwidth.document),
            ]
        guard draft.statedCosts?.file.transfer == nil else { return entries }
        let software: [DocumentValue.Entry] = [
            .init("transfer_latency_ms", transfer.latency.document(perUnit: 1e6)),
            .init("transfer_us_per_block", transfer.perBlock.document(perUnit: 1e3)),
        ]
        let links: [DocumentValue.Entry] =
            [
                .init("transfer_intra_node_gbytes_per_s", transfer.intraNode.document),
                .init("transfer_inter_node_gbytes_per_s", transfer.interNode.document),
            ] + (hardware.hostBandwidth.map { [.init("host_gbytes_per_s", $0.document)] } ?? [])
        let contention = [
            DocumentValue.Entry("transfer_contention", .text(transfer.contention.rawValue))
        ]
        return entries + (isFirst ? software : []) + links + (isFirst ? contention : [])
    }

    private func costModel(_ stated: CaseDraft.StatedCosts) -> DocumentValue {
        var entries: [DocumentValue.Entry] = [.init("file", .text(path(stated.reference)))]
        if stated.file.hasOverhead {
            let word = stated.includesOverhead ? "include" : "exclude"
            entries.append(.init("engine_overhead", .text(word)))
        }
        if let capacity = stated.kvCapacity {
            entries.append(.init("kv_capacity_tokens", .integer(capacity.value)))
        }
        return .mapping(entries)
    }

    private var engine: DocumentValue {
        let engine = draft.engine
        let limits: [DocumentValue.Entry] = [
            .init("block_size", .integer(engine.blockSize)),
            .init("max_sequences", .integer(engine.maxSequences)),
            .init("token_budget", .integer(engine.tokenBudget)),
        ]
        let behaviour = behaviour(engine.behaviour)
        guard draft.platform != nil else { return .mapping(limits + behaviour) }
        let texts = [
            ("name", engine.name), ("version", engine.version), ("connector", engine.connector),
            ("image", engine.image),
        ]
        return .mapping(
            texts.compactMap { key, text in text.map { .init(key, .text($0)) } } + [
                .init("gpu_memory_utilization", .decimal(engine.memoryUtilization))
            ] + limits + behaviour + [
                .init("host_kv_gib", .decimal(Double(engine.behaviour.hostMemory.value) / 0x1p30))
            ] + overhead)
    }

    /// What the case itself says of it.
    private var overhead: [DocumentValue.Entry] {
        let figures = OverheadFigure.allCases.compactMap { figure in
            draft.ownOverhead[figure].map {
                DocumentValue.Entry(figure.rawValue, .decimal($0))
            }
        }
        return figures.isEmpty ? [] : [.init("overhead", .mapping(figures))]
    }

    private func behaviour(_ behaviour: EngineBehaviour) -> [DocumentValue.Entry] {
        let batch = if case .tokens(let most) = behaviour.prefillBatch { most } else { 0 }
        return [
            .init("local_prefill", .text(behaviour.localPrefill.rawValue)),
            .init("prefill_batch_tokens", .integer(batch)),
            .init("first_token_site", .text(behaviour.firstTokenSite.rawValue)),
            .init("history_source", .text(behaviour.historySource.rawValue)),
            .init("history_recompute_tokens", .integer(behaviour.leastHistoryRead)),
            .init("retention", .text(behaviour.retention.rawValue)),
            .init("prefix_caching", .text(behaviour.prefixCaching ? "on" : "off")),
            .init("async_scheduling", .text(behaviour.formsStepsAhead ? "on" : "off")),
        ]
            + (draft.engine.hasTimedExperts ? [.init("slower_experts", .text("off"))] : [])
            + (draft.engine.expertActivations.stated.map {
                [.init("mxfp4_activations", .text($0.rawValue))]
            } ?? [])
            + (draft.platform?.model.mixesWindows != true
                ? []
                : [.init("sliding_window_kv", .text(behaviour.slidingWindowKV.rawValue))])
            + behaviour.rankEntries
    }

    private var workload: DocumentValue {
        switch draft.workload {
        case .synthetic(let sessions, let rate):
            let rate: [DocumentValue.Entry] =
                rate == .unlimited ? [] : [.init("rate_per_s", rate.document)]
            return .mapping(rate + arrivals + sessions.documentEntries)
        case .trace(let reference, let format, let rate):
            let entries: [DocumentValue.Entry] = [
                .init("trace", .text(path(reference))), .init("format", .text(format.rawValue)),
            ]
            return .mapping(
                entries + (rate.map { [.init("rate_per_s", $0.document)] } ?? []) + arrivals)
        }
    }

    private var arrivals: [DocumentValue.Entry] {
        let places = draft.concurrency.map { [DocumentValue.Entry("concurrency", .integer($0))] }
        return draft.arrivals.documentEntries + (places ?? [])
    }

    private var slo: DocumentValue {
        switch draft.service {
        case .bounds(let level):
            return .mapping(
                [
                    .init("ttft_ms", level.ttft.document(perUnit: 1e6)),
                    .init("itl_ms", level.itl.document(perUnit: 1e6)),
                ] + (level.job.map { [.init("job_ms", $0.document(perUnit: 1e6))] } ?? [])
                    + tenants(level)
                    + goal(level.attainmentGoal, level.headline, level.itlStatistic))
        case .paperPreset(let attainment, let headline, let statistic):
            return .mapping(
                [.init("preset", .text("paper"))] + goal(attainment, headline, statistic))
        }
    }

    private func tenants(_ level: ServiceLevel) -> [DocumentValue.Entry] {
        guard !level.tenants.isEmpty else { return [] }
        let tenants = level.tenants.map { tenant in
            DocumentValue.mapping([
                .init("name", .text(tenant.name)),
                .init("ttft_ms", tenant.ttft.document(perUnit: 1e6)),
                .init("itl_ms", tenant.itl.document(perUnit: 1e6)),
            ])
        }
        return [.init("tenants", .list(tenants))]
    }

    private func goal(
        _ attainment: Double, _ headline: ServiceLevel.Headline,
        _ statistic: ServiceLevel.ITLStatistic
    ) -> [DocumentValue.Entry] {
        [
            .init("itl_stat", .text(statistic.rawValue)),
            .init("attainment_goal", .decimal(attainment)),
            .init("headline", .text(headline.rawValue)),
        ]
    }

    private var policy: DocumentValue {
        let policy = draft.policy
        let knobs = PolicyKnob.common + policy.definition.knobs
        return .mapping(
            [.init("name", .text(policy.name.rawValue))]
                + (policy.dispatch.map { [.init("dispatch", .text($0.rawValue))] } ?? [])
                + (policy.definition.usesTable
                    ? draft.policyTable.map { [.init("table", .text(path($0)))] } ?? [] : [])
                + knobs.map { .init($0.key, $0.document(policy[$0])) })
    }

    private var planning: DocumentValue {
        let planning = draft.planning
        let most: [DocumentValue.Entry] =
            draft.platform == nil
            ? [] : [.init("max_replications", .integer(planning.maxReplications))]
        let runs: [DocumentValue.Entry] =
            [.init("replications", .integer(planning.replications))] + most + [
                .init("sessions", .integer(planning.sessions)),
                .init("horizon_sessions", .integer(planning.horizonSessions)),
                .init("seed", .integer(Int(clamping: planning.seed))),
            ]
        guard draft.platform != nil else { return .mapping(runs) }
        return .mapping(
            [
                .init("tp", .list(planning.degrees.map { .integer($0.value) }))
            ]
                + (planning.records.isEmpty
                    ? []
                    : [
                        .init(
                            "parallelism",
                            .list(planning.records.map { .text($0.description) }))
                    ]) + [
                    .init("mixed_workers", .text(planning.mixesWorkers ? "on" : "off")),
                    .init("objective", .text(planning.objective.rawValue)),
                ]
                + (planning.tieWeight.map { [.init("tie_weight", .decimal($0))] } ?? [])
                + (planning.gpuBudget.map { [.init("gpu_budget", .integer($0.value))] } ?? []) + [
                    .init("gpu_use", .text(planning.fillsBudget ? "all" : "up_to")),
                    .init("survive", .integer(planning.survivedLosses)),
                    .init(
                        "engine_rules", .text(planning.ignoresEngineRules ? "ignore" : "obey")),
                    .init("dispatch", .text(planning.dispatch.rawValue)),
                    .init("finalists", .integer(planning.finalists)),
                ] + runs)
    }
}
