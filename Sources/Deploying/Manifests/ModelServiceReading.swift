import Catalog

/// Reads values of the chart llm-d-modelservice.
enum ModelServiceReading {
    static func workers(in document: SourceValue) -> [WorkerDescription] {
        ["prefill", "decode"].compactMap { role in
            document.member(role).flatMap { workers($0, role, document) }
        }
    }

    private static func workers(
        _ section: SourceValue, _ role: String, _ document: SourceValue
    ) -> WorkerDescription? {
        let replicas = section.member("replicas")?.integer ?? 1
        guard section.member("create")?.flag ?? true, replicas > 0 else { return nil }
        let container = section.member("containers")?.elements?.first
        let parallelism = section.member("parallelism")
        func degree(_ key: String) -> Int { parallelism?.member(key)?.integer ?? 1 }
        let command = container.flatMap { self.command($0, degree("tensor"), degree("data")) }
        var found =
            command.map {
                WorkerDescription($0, name: role, replicas: replicas, at: section.place)
            }
            ?? WorkerDescription(
                role: .unclear, name: role, replicas: replicas, tensor: degree("tensor"),
                place: section.place)
        found.data = degree("data")
        found.tensor = degree("tensor")
        if command?.has(.expertParallel) ?? false {
            found.expert = found.tensor.times(found.data)
        }
        found.pods = max(1, degree("workers"))
        found.model = document.member(at: "modelArtifacts", "name")?.text ?? found.model
        found.image = container?.member("image")?.text
        found.requestedGPUs = container.flatMap(PodReading.gpus).map { $0.times(found.pods) }
        found.needsConnector = false
        found.pool = section.member(at: "nodeSelector", ManifestMarks.pool)?.text
        return found.taking(role: role)
    }

    /// The chart adds the model and the degrees to the arguments.
    private static func command(
        _ container: SourceValue, _ tensor: Int, _ data: Int
    ) -> EngineCommand? {
        switch container.member("modelCommand")?.text {
        case "vllmServe"?, "imageDefault"?, nil:
            EngineCommand(
                words: ["vllm", "serve"] + container.texts("args"), container.variables)
        default: PodReading.command(container)
        }
    }
}
