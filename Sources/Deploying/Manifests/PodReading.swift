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
        workers.requestedGPUs = gpus.map { $0.times(pods) }
        workers.image = image
        workers.pool = pool
        workers.needsRequest = container?.member(at: "resources", "claims") == nil
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
        let variables = container.variables
        let command = container.texts("command").map { filled($0, variables) }
        let arguments = container.texts("args").map { filled($0, variables) }
        let whole = ShellScript.Command(
            words: command + arguments, environment: variables, line: 1)
        if let found = StartedEngines(whole, acceptsAnyStarter: true).engines.first { return found }
        for script in command + arguments where script.contains(" ") {
            if let found = EngineCommand(script: script, variables) { return found }
        }
        let image = container.member("image")?.text ?? ""
        if command.isEmpty, !arguments.isEmpty {
            if image.contains("sglang") {
                return EngineCommand(words: ["-m", "sglang.launch_server"] + arguments, variables)
            }
            if image.contains("vllm") {
                return EngineCommand(words: ["vllm", "serve"] + arguments, variables)
            }
        }
        guard let more = variables["VLLM_ADDITIONAL_ARGS"] else { return nil }
        return EngineCommand(script: "vllm serve " + more, variables)
    }

    /// A word with its `$(NAME)` filled in, as Kubernetes does; unknown names stay.
    private static func filled(_ word: String, _ variables: [String: String]) -> String {
        guard word.contains("$(") else { return word }
        var text = word
        for (name, value) in variables.sorted(by: { $0.key < $1.key }) {
            text = text.replacing("$(\(name))", with: value)
        }
        return text
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
    init?(script: String, _ variables: [String: String] = [:]) {
        var steps = ShellScript.mostSteps
        for command in ShellScript(script, environment: variables).commands where steps > 0 {
            let started = StartedEngines(command, acceptsAnyStarter: true, steps: steps)
            steps = started.steps
            if let found = started.engines.first {
                self = found
                return
            }
        }
        return nil
    }
}

extension SourceValue {
    /// The texts of a list under `key`; empty where there is none.
    func texts(_ key: String) -> [String] {
        (member(key)?.elements ?? []).compactMap(\.written)
    }

    /// Environment variables of a container whose values stand in it.
    var variables: [String: String] {
        var found: [String: String] = [:]
        for entry in member("env")?.elements ?? [] {
            guard let name = entry.member("name")?.text else { continue }
            found[name] = entry.member("value")?.written
        }
        return found
    }

    var name: String? { member(at: "metadata", "name")?.text }
}
