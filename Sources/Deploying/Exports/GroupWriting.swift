import Catalog
import ServingDomain

/// Writes LeaderWorkerSets, and DisaggregatedSets, whose roles are such.
struct GroupWriting {
    let plan: ExportPlan
    let options: ExportOptions

    private var isSGLang: Bool { plan.engine.name == "sglang" }

    // MARK: Files

    /// One LeaderWorkerSet for each group of workers, and a Service in front of those that answer.
    var leaderWorkerSets: [ExportedFile] {
        let name = plan.name(most: 45)
        let sets = plan.workers.map { workers in
            plan.object(
                plan.head(
                    "leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet",
                    name: "\(name)-\(workers.name)", labels: pieces(workers).labels(name)),
                spec: spec(workers, name))
        }
        return [ExportedFile("leaderworkersets.yaml", (sets + [service(name)]).documents)]
    }

    var disaggregatedSet: [ExportedFile] {
        let name = plan.name(most: 45)
        let roles = plan.workers.map {
            DocumentValue.section(("name", .text($0.name)), ("spec", spec($0, name)))
        }
        let set = plan.object(
            plan.head("disaggregatedset.x-k8s.io/v1", "DisaggregatedSet", name: name),
            spec: .section(("roles", .list(roles))))
        return [ExportedFile("disaggregatedset.yaml", set.blockYAML)]
    }

    private func service(_ name: String) -> DocumentValue {
        let role = plan.isDisaggregated ? "decode" : "both"
        let selector: [(key: String, value: String)] = [
            ("app.kubernetes.io/name", name), (ManifestMarks.role, role),
            // Further pods of a group answer nobody.
            ("leaderworkerset.sigs.k8s.io/worker-index", "0"),
        ]
        return plan.object(
            plan.head("v1", "Service", name: name),
            spec: .section(
                ("selector", .texts(selector)),
                (
                    "ports",
                    .list([.section(("name", .text("http")), ("port", .integer(8000)))])
                )))
    }

    // MARK: Workers

    private func pieces(_ workers: PlannedWorkers) -> PodPieces {
        PodPieces(plan: plan, workers: workers, options: options)
    }

    private func spec(_ workers: PlannedWorkers, _ name: String) -> DocumentValue {
        let isGroup = workers.pods > 1
        let leader = template(workers, name, isFollower: false)
        return .section(
            ("replicas", .integer(workers.replicas)),
            (
                "leaderWorkerTemplate",
                .section(
                    ("size", .integer(workers.pods)),
                    ("restartPolicy", isGroup ? .text("RecreateGroupOnPodRestart") : nil),
                    ("leaderTemplate", isGroup ? leader : nil),
                    (
                        "workerTemplate",
                        isGroup ? template(workers, name, isFollower: true) : leader
                    ))
            ))
    }

    private func template(
        _ workers: PlannedWorkers, _ name: String, isFollower: Bool
    ) -> DocumentValue {
        let pieces = pieces(workers)
        // What routers and Services go by stands at the pods that answer.
        let labels = isFollower ? [("app.kubernetes.io/name", name)] : pieces.labels(name)
        let container = DocumentValue.section(
            ("name", .text("modelserver")), ("image", .text(plan.image ?? "")),
            ("command", .list(command(isFollower))),
            ("args", .list(arguments(workers, isFollower))),
            ("envFrom", pieces.secret),
            ("env", .list(unlessEmpty: pieces.variables)),
            ("ports", isFollower ? nil : ports(workers)),
            ("readinessProbe", isFollower ? nil : readiness), ("resources", pieces.resources),
            ("volumeMounts", pieces.sharedMemoryMounts))
        let spec = DocumentValue.section(
            ("nodeSelector", pieces.nodeSelector),
            ("initContainers", isFollower ? nil : sidecar(workers)),
            ("containers", .list([container])), ("volumes", pieces.sharedMemory))
        return .section(
            ("metadata", .section(("labels", .texts(labels)))), ("spec", spec))
    }

    /// llm-d's proxy beside a decode worker, which asks prefill workers for prompts.
    private func sidecar(_ workers: PlannedWorkers) -> DocumentValue? {
        guard workers.role == .decode, let connector = plan.wiring?.sidecarWord else { return nil }
        let arguments = [
            "--port=8000", "--vllm-port=8200", "--kv-connector=\(connector)",
            "--secure-proxy=false",
        ]
        return .list([
            .section(
                ("name", .text("routing-proxy")), ("image", .text(options.sidecarImage)),
                ("args", .list(arguments)),
                (
                    "ports",
                    .list([
                        .section(("name", .text("sidecar")), ("containerPort", .integer(8000)))
                    ])
                ),
                ("restartPolicy", .text("Always")))
        ])
    }

    /// Weights take minutes to load; nothing is sent before they are.
    private var readiness: DocumentValue {
        .section(
            (
                "httpGet",
                .section(("path", .text("/health")), ("port", .text("modelserver")))
            ))
    }

    private func port(_ workers: PlannedWorkers) -> Int { workers.role == .decode ? 8200 : 8000 }

    private func ports(_ workers: PlannedWorkers) -> DocumentValue {
        let found = [("modelserver", port(workers)), plan.wiring?.podPort(workers.role)]
        return .list(
            found.compactMap(\.self).map {
                .section(("name", .text($0.name)), ("containerPort", .integer($0.number)))
            })
    }

    // MARK: Arguments

    private func command(_ isFollower: Bool) -> [String] {
        if isSGLang { return ["python3", "-m", "sglang.launch_server"] }
        return isFollower ? ["/bin/sh", "-c"] : ["vllm", "serve"]
    }

    private func arguments(_ workers: PlannedWorkers, _ isFollower: Bool) -> [String] {
        let flags = EngineFlags(plan: plan, workers: workers).words
        guard !isSGLang else {
            let nodes =
                workers.pods > 1
                ? [
                    "--dist-init-addr", "$(LWS_LEADER_ADDRESS):20000", "--nnodes",
                    "$(LWS_GROUP_SIZE)", "--node-rank", "$(LWS_WORKER_INDEX)",
                ] : []
            return ["--model-path", plan.model] + flags + nodes
                + ["--host", "0.0.0.0", "--port", "\(port(workers))"]
        }
        guard workers.pods > 1 else {
            return [plan.model] + flags + ["--port", "\(port(workers))"]
        }
        let local = workers.ranksPerPod
        let own = flags + ["--data-parallel-size-local", "\(local)"]
        let rendezvous = ["--data-parallel-rpc-port", "13345"]
        guard isFollower else {
            return [plan.model] + own + ["--data-parallel-address", "$(LWS_LEADER_ADDRESS)"]
                + rendezvous + ["--port", "\(port(workers))"]
        }
        // The first rank of a follower is a sum that only a shell can do.
        let words = (["exec", "vllm", "serve", plan.model] + own + rendezvous + ["--headless"])
            .map(\.shellWord)
        let address = "--data-parallel-address \"${LWS_LEADER_ADDRESS}\""
        let start = "--data-parallel-start-rank \"$((LWS_WORKER_INDEX * \(local)))\""
        return [(words + [address, start]).joined(separator: " ")]
    }
}
