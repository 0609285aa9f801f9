import Catalog

/// Writes KServe's LLMInferenceService: `spec` is decode or co-located, `spec.prefill` prefill.
struct InferenceServiceWriting {
    let plan: ExportPlan
    let options: ExportOptions

    var files: [ExportedFile] { [ExportedFile("llminferenceservice.yaml", service.blockYAML)] }

    private var service: DocumentValue {
        let groups = plan.workers
        let uri = plan.model.hasPrefix("/") ? "pvc://model\(plan.model)" : "hf://\(plan.model)"
        var members: [(String, DocumentValue?)] = [
            ("model", .section(("uri", .text(uri)), ("name", .text(plan.model)))),
            (
                "router",
                .section(
                    ("route", .section()), ("gateway", .section()), ("scheduler", .section()))
            ),
        ]
        if let serving = groups.first(where: { $0.role != .prefill }) {
            members += section(serving)
        }
        if let prefill = groups.first(where: { $0.role == .prefill }) {
            members.append(("prefill", mapping(section(prefill))))
        }
        return plan.object(
            plan.head(
                "serving.kserve.io/v1alpha2", "LLMInferenceService", name: plan.name(most: 45)),
            spec: mapping(members))
    }

    private func mapping(_ members: [(String, DocumentValue?)]) -> DocumentValue {
        .mapping(members.compactMap { key, value in value.map { .init(key, $0) } })
    }

    private func section(_ workers: PlannedWorkers) -> [(String, DocumentValue?)] {
        let pod = self.pod(workers)
        let parallelism = DocumentValue.section(
            ("tensor", .integer(workers.tensor)),
            ("data", workers.ranks > 1 ? .integer(workers.ranks) : nil),
            ("dataLocal", workers.ranks > 1 ? .integer(workers.ranksPerPod) : nil),
            ("expert", workers.expert > 1 ? .flag(true) : nil))
        return [
            ("replicas", .integer(workers.replicas)), ("parallelism", parallelism),
            ("template", pod), ("worker", workers.pods > 1 ? pod : nil),
        ]
    }

    /// The image's own entry point takes further arguments from a variable.
    private func pod(_ workers: PlannedWorkers) -> DocumentValue {
        let pieces = PodPieces(plan: plan, workers: workers, options: options)
        let flags = EngineFlags(plan: plan, workers: workers).words.map(\.shellWord)
            .joined(separator: " ")
        let more = DocumentValue.section(
            ("name", .text("VLLM_ADDITIONAL_ARGS")), ("value", .text(flags)))
        let container = DocumentValue.section(
            ("name", .text("main")), ("image", .text(plan.image ?? "")),
            ("env", .list([more] + pieces.variables)), ("envFrom", pieces.secret),
            ("resources", pieces.resources))
        return .section(
            ("nodeSelector", pieces.nodeSelector), ("containers", .list([container])))
    }
}
