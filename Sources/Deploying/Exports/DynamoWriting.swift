import Catalog
import ServingDomain

/// Writes DynamoGraphDeployment objects of NVIDIA Dynamo.
struct DynamoWriting {
    let plan: ExportPlan
    let options: ExportOptions

    var files: [ExportedFile] {
        [ExportedFile("dynamo.yaml", (options.usesAlpha ? alpha : beta).blockYAML)]
    }

    /// Graph, hyphen and component together stay within 45 characters.
    private var name: String { plan.name(most: 32) }
    private var image: DocumentValue { .text(plan.image ?? "") }
    private var isSGLang: Bool { plan.engine.name == "sglang" }

    // MARK: v1beta1

    private var beta: DocumentValue {
        let parts = [betaFrontend] + plan.workers.map(component)
        return plan.object(
            plan.head("nvidia.com/v1beta1", "DynamoGraphDeployment", name: name),
            spec: .section(
                ("backendFramework", .text(plan.engine.name)), ("components", .list(parts))))
    }

    private var betaFrontend: DocumentValue {
        .section(
            ("name", .text("Frontend")), ("type", .text("frontend")), ("replicas", .integer(1)),
            (
                "podTemplate",
                .section(
                    (
                        "spec",
                        .section(
                            (
                                "containers",
                                .list([.section(("name", .text("main")), ("image", image))])
                            ))
                    ))
            ))
    }

    private func component(_ workers: PlannedWorkers) -> DocumentValue {
        let pieces = PodPieces(plan: plan, workers: workers, options: options)
        let container = DocumentValue.section(
            ("name", .text("main")), ("image", image), ("command", .list(command)),
            ("args", .list(arguments(workers))), ("envFrom", pieces.secret),
            ("env", environment), ("resources", pieces.resources))
        return .section(
            ("name", .text(workers.name)), ("type", .text(workers.word)),
            ("replicas", .integer(workers.replicas)),
            ("multinode", nodes(workers)), ("sharedMemorySize", .text("20Gi")),
            (
                "podTemplate",
                .section(
                    (
                        "spec",
                        .section(
                            ("nodeSelector", pieces.nodeSelector),
                            ("containers", .list([container])))
                    ))
            ))
    }

    // MARK: v1alpha1

    private var alpha: DocumentValue {
        let frontend = DocumentValue.section(
            ("componentType", .text("frontend")), ("replicas", .integer(1)),
            ("extraPodSpec", .section(("mainContainer", .section(("image", image))))))
        let services =
            [DocumentValue.Entry("Frontend", frontend)]
            + plan.workers.map { DocumentValue.Entry($0.name, service($0)) }
        return plan.object(
            plan.head("nvidia.com/v1alpha1", "DynamoGraphDeployment", name: name),
            spec: .section(
                ("backendFramework", .text(plan.engine.name)), ("services", .mapping(services))))
    }

    private func service(_ workers: PlannedWorkers) -> DocumentValue {
        let pieces = PodPieces(plan: plan, workers: workers, options: options)
        let container = DocumentValue.section(
            ("image", image), ("command", .list(command)), ("args", .list(arguments(workers))),
            ("env", environment))
        return .section(
            ("componentType", .text("worker")),
            ("subComponentType", workers.role == .both ? nil : .text(workers.role.rawValue)),
            ("replicas", .integer(workers.replicas)), ("multinode", nodes(workers)),
            ("envFromSecret", .text(options.secretName)),
            ("sharedMemory", .section(("size", .text("20Gi")))),
            (
                "resources",
                .section(("limits", .section(("gpu", .text("\(workers.gpusPerPod)")))))
            ),
            (
                "extraPodSpec",
                .section(
                    ("nodeSelector", pieces.nodeSelector), ("mainContainer", container))
            ))
    }

    // MARK: Both

    private var command: [String] {
        ["python3", "-m", isSGLang ? "dynamo.sglang" : "dynamo.vllm"]
    }

    /// Dynamo wires its connectors itself.
    private var environment: DocumentValue? { .list(unlessEmpty: plan.variables) }

    private func nodes(_ workers: PlannedWorkers) -> DocumentValue? {
        workers.pods > 1 ? .section(("nodeCount", .integer(workers.pods))) : nil
    }

    private func arguments(_ workers: PlannedWorkers) -> [String] {
        let flags = EngineFlags(plan: plan, workers: workers).words
        guard !isSGLang else {
            let bootstrap =
                workers.role == .both ? [] : ["--disaggregation-bootstrap-port", "12345"]
            return ["--model-path", plan.model, "--served-model-name", plan.model] + flags
                + bootstrap + ["--host", "0.0.0.0"]
        }
        let mode = workers.role == .both ? [] : ["--disaggregation-mode", workers.role.rawValue]
        return ["--model", plan.model] + mode + flags
    }
}
