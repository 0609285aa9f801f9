import Catalog

/// Reads DynamoGraphDeployment objects of NVIDIA Dynamo.
enum DynamoReading {
    /// The workers of an object, in either version.
    static func workers(in document: SourceValue) -> [WorkerDescription] {
        let spec = document.member("spec")
        let components = (spec?.member("components")?.elements ?? []).compactMap(component)
        let services = (spec?.member("services")?.entries ?? []).compactMap(service)
        return components + services
    }

    /// Version v1beta1.
    private static func component(_ component: SourceValue) -> WorkerDescription? {
        guard let pod = component.member(at: "podTemplate", "spec") else { return nil }
        let name = component.member("name")?.text ?? ""
        return workers(
            component, name, type: component.member("type")?.text, PodReading(pod),
            at: component.place)
    }

    /// Version v1alpha1: GPUs stand beside the pod, and the container is called `mainContainer`.
    private static func service(_ entry: SourceValue.Entry) -> WorkerDescription? {
        let service = entry.value
        let type = service.member("subComponentType") ?? service.member("componentType")
        guard let pod = service.member("extraPodSpec"), let main = pod.member("mainContainer"),
            let command = PodReading.command(main)
        else { return nil }
        var found = WorkerDescription(
            command, name: entry.key, replicas: replicas(service), at: entry.place)
        found.pods = nodes(service)
        found.needsRequest = service.member(at: "resources", "claims") == nil
        found.requestedGPUs = PodReading.gpus(service).map { $0.times(found.pods) }
        found.image = main.member("image")?.text
        found.pool = pod.member(at: "nodeSelector", ManifestMarks.pool)?.text
        return found.taking(role: type?.text)
    }

    private static func workers(
        _ component: SourceValue, _ name: String, type: String?, _ pod: PodReading,
        at place: SourcePlace
    ) -> WorkerDescription? {
        pod.workers(name, replicas: replicas(component), pods: nodes(component), at: place)?
            .taking(role: type)
    }

    private static func replicas(_ component: SourceValue) -> Int {
        component.member("replicas")?.integer ?? 1
    }

    private static func nodes(_ component: SourceValue) -> Int {
        max(1, component.member(at: "multinode", "nodeCount")?.integer ?? 1)
    }
}

extension WorkerDescription {
    /// The same with the role that the manifest names, where it names one of ours.
    func taking(role word: String?) -> Self {
        guard let word,
            let role = [Role.prefill, .decode, .both].first(where: { $0.rawValue == word })
        else { return self }
        var copy = self
        copy.role = role
        return copy
    }
}
