import Catalog
import ServingDomain

extension DocumentValue {
    /// A section of keys in their order, without those that have no value.
    static func section(_ entries: (String, DocumentValue?)...) -> Self {
        .mapping(entries.compactMap { key, value in value.map { Entry(key, $0) } })
    }

    /// A section of texts in their order.
    static func texts(_ entries: [(key: String, value: String)]) -> Self {
        .mapping(entries.map { Entry($0.key, .text($0.value)) })
    }

    static func list(_ texts: [String]) -> Self { .list(texts.map(DocumentValue.text)) }

    /// Nil for no elements, so that their key is left out.
    static func list(unlessEmpty elements: [DocumentValue]) -> Self? {
        elements.isEmpty ? nil : .list(elements)
    }
}

/// Parts that the pods of several targets have in common.
struct PodPieces {
    let plan: ExportPlan
    let workers: PlannedWorkers
    let options: ExportOptions

    /// GPUs of one pod, as Kubernetes counts them.
    var resources: DocumentValue {
        let gpus = DocumentValue.texts([("nvidia.com/gpu", "\(workers.gpusPerPod)")])
        return .section(("limits", gpus), ("requests", gpus))
    }

    /// The pool that the pods are kept to, where there is more than one.
    var nodeSelector: DocumentValue? {
        guard plan.planningCase.hasPools else { return nil }
        return .texts([(ManifestMarks.pool, workers.group.pool)])
    }

    /// Variables of the plan and of its connector.
    var variables: [DocumentValue] { plan.variables + (plan.wiring?.podVariables ?? []) }

    var secret: DocumentValue {
        .list([
            .section(
                (
                    "secretRef",
                    .section(("name", .text(options.secretName)), ("optional", .flag(true)))
                ))
        ])
    }

    var sharedMemoryMounts: DocumentValue {
        .list([.section(("name", .text("shm")), ("mountPath", .text("/dev/shm")))])
    }

    var sharedMemory: DocumentValue {
        .list([
            .section(
                ("name", .text("shm")),
                (
                    "emptyDir",
                    .section(("medium", .text("Memory")), ("sizeLimit", .text("20Gi")))
                ))
        ])
    }

    /// Labels that llm-d's router finds workers by.
    func labels(_ app: String) -> [(key: String, value: String)] {
        [
            ("app.kubernetes.io/name", app), ("llm-d.ai/inference-serving", "true"),
            ("llm-d.ai/model", plan.modelLabel), (ManifestMarks.role, workers.role.rawValue),
        ]
    }
}

extension ExportPlan {
    /// Name of the objects of this plan, at most so long.
    func name(most: Int) -> String { ObjectName.label(planningCase.name, most: most) }

    /// The model as the value of a label.
    var modelLabel: String { ObjectName.labelValue(planningCase.model.name) }

    /// Variables of every worker, as containers list them.
    var variables: [DocumentValue] {
        environment.map { .section(("name", .text($0.name)), ("value", .text($0.value))) }
    }

    /// `apiVersion`, `kind` and `metadata` of an object, with the marks of the plan.
    func head(
        _ apiVersion: String, _ kind: String, name: String,
        labels: [(key: String, value: String)] = []
    ) -> [(String, DocumentValue?)] {
        [
            ("apiVersion", .text(apiVersion)), ("kind", .text(kind)),
            (
                "metadata",
                .section(
                    ("name", .text(name)), ("labels", labels.isEmpty ? nil : .texts(labels)),
                    ("annotations", .texts(marks)))
            ),
        ]
    }

    func object(
        _ head: [(String, DocumentValue?)], spec: DocumentValue
    ) -> DocumentValue {
        .mapping(
            (head + [("spec", spec)]).compactMap { key, value in
                value.map { DocumentValue.Entry(key, $0) }
            })
    }
}

extension [DocumentValue] {
    /// Several documents of one file.
    var documents: String { map(\.blockYAML).joined(separator: "---\n") }
}
