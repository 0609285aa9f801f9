import Catalog

/// Reads KServe's LLMInferenceService: `spec` is decode, `spec.prefill` prefill.
enum InferenceServiceReading {
    static func workers(in document: SourceValue) -> [WorkerDescription] {
        guard let spec = document.member("spec") else { return [] }
        let name = document.name ?? ""
        let model = spec.member(at: "model", "name")?.text ?? spec.member(at: "model", "uri")?.text
        // What the presets behind `baseRefs` hold is not here.
        let isToldElsewhere =
            spec.member("baseRefs") != nil && spec.member("template") == nil
            && spec.member("parallelism") == nil
        guard !isToldElsewhere else { return [] }
        let serving = workers(spec, name, role: spec.member("prefill") == nil ? nil : "decode")
        let prefill = spec.member("prefill").map { workers($0, name + "-prefill", role: "prefill") }
        return ([serving] + [prefill].compactMap { $0 }).map { workers in
            var named = workers
            named.model = model ?? workers.model
            return named
        }
    }

    private static func workers(
        _ section: SourceValue, _ name: String, role: String?
    ) -> WorkerDescription {
        let parallelism = section.member("parallelism")
        func degree(_ key: String) -> Int? { parallelism?.member(key)?.integer }
        let replicas = section.member("replicas")?.integer ?? 1
        let pod = section.member("template").map(PodReading.init)
        var found =
            pod?.workers(name, replicas: replicas, pods: 1, at: section.place)
            ?? WorkerDescription(
                role: .both, name: name, replicas: replicas, tensor: pod?.gpus ?? 1,
                place: section.place)
        found.image = pod?.image
        found.tensor = degree("tensor") ?? found.tensor
        found.data = degree("data") ?? found.data
        found.pipeline = degree("pipeline") ?? found.pipeline
        if parallelism?.member("expert")?.flag ?? (found.expert > 1) {
            found.expert = found.tensor.times(found.data)
        }
        let local = degree("dataLocal") ?? found.data
        found.pods = max(1, found.data / max(1, local))
        found.requestedGPUs = pod?.gpus.map { $0.times(found.pods) }
        if role == nil { found.role = .both }
        (found.needsConnector, found.needsRequest) = (false, false)
        return found.taking(role: role)
    }
}
