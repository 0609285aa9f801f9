import Catalog
import ServingDomain

/// Writes values of the chart llm-d-modelservice, which adds model, degrees and GPUs to the containers.
struct ModelServiceWriting {
    let plan: ExportPlan
    let options: ExportOptions

    /// Values have no annotations, so the marks stand in comments.
    var files: [ExportedFile] {
        [ExportedFile("values.yaml", plan.comments + values.blockYAML)]
    }

    private var values: DocumentValue {
        let groups = plan.workers
        let serving = groups.first { $0.role != .prefill }
        let prefill = groups.first { $0.role == .prefill }
        return .section(
            ("multinode", .flag(groups.contains { $0.pods > 1 })),
            ("modelArtifacts", artifacts), ("routing", routing),
            ("accelerator", .section(("type", .text("nvidia")), ("dra", .flag(false)))),
            ("prefill", prefill.map(section) ?? .section(("create", .flag(false)))),
            ("decode", serving.map(section)))
    }

    private var artifacts: DocumentValue {
        let isPath = plan.model.hasPrefix("/")
        let uri = isPath ? "pvc://model\(plan.model)" : "hf://\(plan.model)"
        let labels: [(key: String, value: String)] = [
            ("llm-d.ai/inference-serving", "true"),
            ("llm-d.ai/model", plan.modelLabel),
        ]
        return .section(
            ("name", .text(plan.model)), ("uri", .text(uri)), ("size", .text(size)),
            ("authSecretName", .text(options.secretName)),
            ("labels", .texts(labels)))
    }

    /// Room for the weights and a fifth more.
    private var size: String {
        let bytes = Double(
            plan.planningCase.model.weightBytesPerGPU(
                plan.planningCase.model.nativeFormat, degree: .one
            ).value)
        return "\(Int((bytes * 1.2 / 1_073_741_824).rounded(.up)))Gi"
    }

    private var routing: DocumentValue {
        .section(
            ("servicePort", .integer(8000)),
            (
                "proxy",
                .section(
                    ("enabled", .flag(plan.isDisaggregated)), ("targetPort", .integer(8200)),
                    ("connector", plan.wiring?.sidecarWord.map(DocumentValue.text)),
                    ("secure", .flag(false)))
            ))
    }

    private func section(_ workers: PlannedWorkers) -> DocumentValue {
        let pieces = PodPieces(plan: plan, workers: workers, options: options)
        let isServing = workers.role != .prefill
        let port = isServing && plan.isDisaggregated ? 8200 : 8000
        let ports = [port] + [plan.wiring?.podPort(workers.role)?.number].compactMap(\.self)
        let container = DocumentValue.section(
            ("name", .text("vllm")), ("image", .text(plan.image ?? "")),
            ("modelCommand", .text("vllmServe")),
            ("args", .list(EngineFlags(plan: plan, workers: workers).limits)),
            ("env", .list(unlessEmpty: pieces.variables)),
            (
                "ports",
                .list(
                    ports.map { number in
                        .section(("containerPort", .integer(number)), ("protocol", .text("TCP")))
                    })
            ),
            ("mountModelVolume", .flag(true)))
        return .section(
            ("create", .flag(true)), ("replicas", .integer(workers.replicas)),
            (
                "parallelism",
                .section(
                    ("tensor", .integer(workers.tensor)), ("data", .integer(workers.ranks)),
                    ("dataLocal", .integer(workers.ranksPerPod)),
                    ("workers", .integer(workers.pods)))
            ),
            ("nodeSelector", pieces.nodeSelector), ("containers", .list([container])))
    }
}
