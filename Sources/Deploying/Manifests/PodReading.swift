import Catalog

/// The workers of a pod, read from its specification.
struct PodReading {
    private let spec: SourceValue
    private let container: SourceValue?
    let command: EngineCommand?

    /// - Parameter spec: what stands under `spec` of a pod template.
    init(_ spec: SourceValue) {
        self.spec = spec
        let containers = spec.member("containers")?.elements ?? []
        let commands = containers.map(Self.command)
        let withEngine = commands.firstIndex { $0 != nil }
        let withGPUs = containers.firstIndex { Self.gpus($0) != nil }
        let chosen = withEngine ?? withGPUs ?? containers.indices.first
        container = chosen.map { containers[$0] }
        command = chosen.flatMap { commands[$0] }
    }

    /// GPUs that one pod asks for.
    var gpus: Int? { container.flatMap(Self.gpus) }

    var image: String? { container?.member("image")?.text }

    /// The pool of GPUs that the pod is kept to.
    var pool: String? { spec.member("nodeSelector")?.member(ManifestMarks.pool)?.text }

    /// Workers of this pod.
    ///
    /// - Parameters:
    ///   - name: of the object.
    ///   - replicas: workers, each of `pods` pods.
    ///   - pods: pods of one worker.
    ///   - place: where the object stands.
    /// - Returns: the workers; nil where no engine can be seen.
    func workers(
        _ name: String, replicas: Int, pods: Int, at place: SourcePlace
    ) -> WorkerDescription? {
        guard let command else { return nil }
        var workers = WorkerDescription(
            command, name: name, replicas: replicas, at: container?.place ?? place)
        workers.pods = pods
        workers.requestedGPUs = gpus.map { $0 * pods }
        workers.image = image
        workers.pool = pool
        return workers
    }

    static func gpus(_ container: SourceValue) -> Int? {
        let resources = container.member("resources")
        for kind in ["limits", "requests"] {
            for entry in resources?.member(kind)?.entries ?? []
            where entry.key == "gpu" || entry.key.hasSuffix(".com/gpu") {
                if let count = entry.value.written.flatMap({ Int($0) }) { return count }
            }
        }
        return nil
    }

    /// The engine that a container starts: by its command, by a script inside it, by the entry point of a
    /// public image, or by arguments in the variable that KServe's images read.
    static func command(_ container: SourceValue) -> EngineCommand? {
        let command = container.texts("command")
        let arguments = container.texts("args")
        if let found = EngineCommand(words: command + arguments) { return found }
        for script in command + arguments where script.contains(" ") {
            if let found = EngineCommand(script: script) { return found }
        }
        let image = container.member("image")?.text ?? ""
        if command.isEmpty, !arguments.isEmpty {
            if image.contains("sglang") {
                return EngineCommand(words: ["-m", "sglang.launch_server"] + arguments)
            }
            if image.contains("vllm") {
                return EngineCommand(words: ["vllm", "serve"] + arguments)
            }
        }
        guard let more = container.variable("VLLM_ADDITIONAL_ARGS") else { return nil }
        return EngineCommand(script: "vllm serve " + more)
    }
}

/// Keys that exported manifests carry.
enum ManifestMarks {
    static let pool = "ampd-plan/pool"
    static let digest = "ampd-plan/plan-digest"
    static let toolVersion = "ampd-plan/tool-version"
    static let role = "llm-d.ai/role"
}

extension EngineCommand {
    /// The first engine that a script starts.
    init?(script: String) {
        for command in ShellScript(script).commands {
            if let found = Self.within(command.words, depth: 0) {
                self = found
                return
            }
        }
        return nil
    }

    /// The engine that a command starts, itself or through `sh -c`.
    static func within(_ words: [String], depth: Int) -> EngineCommand? {
        if let place = words.firstIndex(of: "-c"), place > 0, depth < 3,
            words.indices.contains(place + 1), words[place - 1].hasSuffix("sh")
        {
            for command in ShellScript(words[place + 1]).commands {
                if let found = within(command.words, depth: depth + 1) { return found }
            }
        }
        return EngineCommand(words: words)
    }
}

extension SourceValue {
    /// The texts of a list under `key`; empty where there is none.
    func texts(_ key: String) -> [String] {
        (member(key)?.elements ?? []).compactMap(\.written)
    }

    /// The value of an environment variable of a container.
    func variable(_ name: String) -> String? {
        (member("env")?.elements ?? []).last { $0.member("name")?.text == name }?
            .member("value")?.text
    }

    var name: String? { member(at: "metadata", "name")?.text }
}
