import Catalog

/// Reads launch scripts and Slurm batch scripts.
enum ScriptReading {
    /// Every engine that a script starts, once for each process that begins a worker, and what keeps others
    /// from being read.
    static func workers(
        in text: String, file: String
    ) -> (workers: [WorkerDescription], obstacles: [Finding]) {
        let script = ShellScript(text)
        var started: [Started] = []
        var obstacles: [Finding] = []
        if script.isCut {
            obstacles.append(
                Finding(
                    .notSimulated, "the script does more than can be followed",
                    at: SourcePlace(file: file, line: 1, column: 1)))
        }
        var steps = ShellScript.mostSteps
        for command in script.commands where steps > 0 {
            let place = SourcePlace(file: file, line: command.line, column: 1)
            let found = StartedEngines(command, steps: steps)
            steps = found.steps
            obstacles += found.doubts.map { Finding(.notSimulated, $0, at: place) }
            started += found.engines.filter { !$0.isFollower }.map { Self.started($0, place) }
        }
        let roles = ProxyPorts(script)
        for index in started.indices where started[index].workers.role == .unclear {
            started[index].workers.role =
                started[index].port.flatMap(roles.role) ?? nameRole(file) ?? .unclear
        }
        return (started.map(\.workers), obstacles)
    }

    private struct Started {
        var workers: WorkerDescription
        let port: Int?
    }

    private static func started(_ engine: EngineCommand, _ place: SourcePlace) -> Started {
        var found = WorkerDescription(
            engine, name: place.file, replicas: copies(engine), at: place)
        found.pods = engine.processes
        let environment = engine.environment
        found.requestedGPUs = environment["CUDA_VISIBLE_DEVICES"].map {
            $0.split(separator: ",").count.times(engine.processes)
        }
        // A worker of several processes shows the GPUs of the first one only.
        if engine.data > 1, engine.count(.localData) != nil {
            found.requestedGPUs = nil
        }
        found.pool = environment["AMPD_PLAN_POOL"]
        if let role = environment["AMPD_PLAN_ROLE"] { found = found.taking(role: role) }
        return Started(workers: found, port: engine.value("port").flatMap { Int($0) })
    }

    /// Workers that one `srun` starts: its tasks over the processes of a worker.
    private static func copies(_ engine: EngineCommand) -> Int {
        guard let start = engine.lead.firstIndex(of: "srun") else { return 1 }
        let words = Array(engine.lead[start...])
        func count(_ names: [String]) -> Int? {
            for (index, word) in words.enumerated() {
                for name in names {
                    if word == name, words.indices.contains(index + 1) {
                        return Int(words[index + 1])
                    }
                    if word.hasPrefix(name + "=") { return Int(word.dropFirst(name.count + 1)) }
                }
            }
            return nil
        }
        let each = count(["--ntasks-per-node"]) ?? 1
        let tasks =
            count(["--ntasks", "-n"]) ?? count(["--nodes", "-N"]).map { $0.times(each) } ?? 1
        return max(1, tasks / engine.processes)
    }

    /// The role that the file's own name tells, such as `start-prefill.sh`.
    private static func nameRole(_ file: String) -> WorkerDescription.Role? {
        let name = file.split(separator: "/").last?.lowercased() ?? ""
        let words = [WorkerDescription.Role.prefill, .decode].filter { name.contains($0.rawValue) }
        return words.count == 1 ? words[0] : nil
    }
}

/// Which ports a proxy sends prompts to, and which answers come from.
private struct ProxyPorts {
    private var prefill: Set<Int> = []
    private var decode: Set<Int> = []

    /// Finds vLLM's example proxy and the router of the production stack.
    init(_ script: ShellScript) {
        for command in script.commands {
            let words = command.words
            prefill.formUnion(Self.numbers(behind: "--prefiller-ports", words))
            prefill.formUnion(Self.numbers(behind: "--prefiller-port", words))
            decode.formUnion(Self.numbers(behind: "--decoder-ports", words))
            decode.formUnion(Self.numbers(behind: "--decoder-port", words))
            let ports = Self.list("--static-backends", words).map { Self.port($0) }
            let labels = Self.list("--static-model-labels", words)
            let prefillLabels = Set(Self.list("--prefill-model-labels", words))
            for (port, label) in zip(ports, labels) {
                guard let port else { continue }
                if prefillLabels.contains(label) {
                    prefill.insert(port)
                } else {
                    decode.insert(port)
                }
            }
        }
    }

    func role(_ port: Int) -> WorkerDescription.Role? {
        switch (prefill.contains(port), decode.contains(port)) {
        case (true, false): .prefill
        case (false, true): .decode
        default: nil
        }
    }

    private static func numbers(behind option: String, _ words: [String]) -> [Int] {
        guard let start = words.firstIndex(of: option) else { return [] }
        return words[(start + 1)...].prefix { Int($0) != nil }.compactMap { Int($0) }
    }

    private static func list(_ option: String, _ words: [String]) -> [String] {
        guard let start = words.firstIndex(of: option), words.indices.contains(start + 1)
        else { return [] }
        return words[start + 1].split(separator: ",").map(String.init)
    }

    private static func port(_ address: String) -> Int? {
        address.split(separator: ":").last.flatMap { Int($0.prefix { $0.isNumber }) }
    }
}
