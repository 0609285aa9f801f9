import Catalog

/// Reads Deployments, StatefulSets, LeaderWorkerSets and DisaggregatedSets.
enum KubernetesReading {
    /// A Deployment or a StatefulSet: every pod is a worker.
    static func deployment(_ document: SourceValue) -> [WorkerDescription] {
        guard let pod = document.member(at: "spec", "template", "spec") else { return [] }
        let role =
            document.member(at: "spec", "template", "metadata", "labels", ManifestMarks.role)
            ?? document.member(at: "metadata", "labels", ManifestMarks.role)
        let workers = PodReading(pod).workers(
            document.name ?? "", replicas: document.member(at: "spec", "replicas")?.integer ?? 1,
            pods: 1, at: document.place)
        return workers.map { [$0.taking(role: role?.text)] } ?? []
    }

    /// A LeaderWorkerSet: every group of pods is a worker.
    static func leaderWorkerSet(_ document: SourceValue) -> [WorkerDescription] {
        guard let spec = document.member("spec") else { return [] }
        let name = document.name ?? ""
        let label = document.member(at: "metadata", "labels", ManifestMarks.role)?.text
        return group(spec, name, role: label, at: document.place).map { [$0] } ?? []
    }

    /// A DisaggregatedSet: every role holds the specification of a LeaderWorkerSet, and slices are copies
    /// of the whole.
    static func disaggregatedSet(_ document: SourceValue) -> [WorkerDescription] {
        let slices = max(1, document.member(at: "spec", "slices")?.integer ?? 1)
        let roles = document.member(at: "spec", "roles")?.elements ?? []
        return roles.compactMap { role in
            guard let spec = role.member("spec") else { return nil }
            let name = role.member("name")?.text ?? ""
            var workers = group(spec, name, role: roleWord(name), at: role.place)
            workers = workers?.times(slices)
            return workers
        }
    }

    private static func group(
        _ spec: SourceValue, _ name: String, role: String?, at place: SourcePlace
    ) -> WorkerDescription? {
        let template = spec.member("leaderWorkerTemplate")
        let size = max(1, template?.member("size")?.integer ?? 1)
        let pods = [template?.member("leaderTemplate"), template?.member("workerTemplate")]
            .compactMap { $0 }
        for pod in pods {
            guard let inner = pod.member("spec") else { continue }
            let label = pod.member(at: "metadata", "labels", ManifestMarks.role)
            let workers = PodReading(inner).workers(
                name, replicas: spec.member("replicas")?.integer ?? 1, pods: size, at: place)
            if let workers { return workers.taking(role: label?.text ?? role) }
        }
        return nil
    }

    /// The role that a name begins with, such as `prefill-2`.
    static func roleWord(_ name: String) -> String? {
        ["prefill", "decode"].first { name == $0 || name.hasPrefix($0 + "-") }
    }
}
