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
        .mapping([
            .init("apiVersion", .text(CaseFields.version)),
            .init("kind", .text("Case")),
            .init("name", .text(draft.name)),
            .init("model", .text(draft.modelFile.map(path) ?? draft.model.name)),
            .init("weight_format", .text(draft.weightFormat.rawValue)),
            .init("kv_format", .text(draft.kvFormat.rawValue)),
            .init("cluster", cluster),
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

    private var cluster: DocumentValue {
        .mapping([
            .init("gpu", .text(draft.cluster.gpu)),
            .init("nodes", .integer(draft.cluster.nodes)),
            .init("gpus_per_node", .integer(draft.cluster.gpusPerNode)),
            .init("intra_node_gbytes_per_s", draft.hardware.intraNode.bandwidth.document),
            .init("inter_node_gbytes_per_s", draft.hardware.interNode.bandwidth.document),
            .init("transfer_latency_ms", draft.transfer.latency.document(perUnit: 1e6)),
            .init("transfer_us_per_block", draft.transfer.perBlock.document(perUnit: 1e3)),
            .init("transfer_intra_node_gbytes_per_s", draft.transfer.intraNode.document),
            .init("transfer_inter_node_gbytes_per_s", draft.transfer.interNode.document),
            .init("transfer_contention", .text(draft.transfer.contention.rawValue)),
        ])
    }

    private var engine: DocumentValue {
        let engine = draft.engine
        let texts = [
            ("name", engine.name), ("version", engine.version), ("connector", engine.connector),
            ("image", engine.image),
        ]
        return .mapping(
            texts.compactMap { key, text in text.map { .init(key, .text($0)) } } + [
                .init("gpu_memory_utilization", .decimal(engine.memoryUtilization)),
                .init("block_size", .integer(engine.blockSize)),
                .init("max_sequences", .integer(engine.maxSequences)),
                .init("token_budget", .integer(engine.tokenBudget)),
            ])
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
                    + goal(level.attainmentGoal, level.headline))
        case .paperPreset(let attainment, let headline):
            return .mapping([.init("preset", .text("paper"))] + goal(attainment, headline))
        }
    }

    private func goal(
        _ attainment: Double, _ headline: ServiceLevel.Headline
    ) -> [DocumentValue.Entry] {
        [
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
        return .mapping([
            .init("tp", .list(planning.degrees.map { .integer($0.value) })),
            .init("dispatch", .text(planning.dispatch.rawValue)),
            .init("finalists", .integer(planning.finalists)),
            .init("replications", .integer(planning.replications)),
            .init("sessions", .integer(planning.sessions)),
            .init("horizon_sessions", .integer(planning.horizonSessions)),
            .init("seed", .integer(Int(clamping: planning.seed))),
        ])
    }
}
