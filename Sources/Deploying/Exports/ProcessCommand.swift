import ServingDomain

/// The command that starts one process of a worker on its node.
struct ProcessCommand {
    let plan: ExportPlan
    let process: Placement.Process
    /// What the shell is to put in for the address of a node, such as `"${NODE_0_HOST}"`.
    let address: (Int) -> String

    private var workers: PlannedWorkers { process.workers }

    /// Variables of the process, as words of a shell.
    var environment: [String] {
        let gpus = process.gpus.map(String.init).joined(separator: ",")
        var words = ["AMPD_PLAN_ROLE=\(workers.word)", "CUDA_VISIBLE_DEVICES=\(gpus)"]
        if plan.planningCase.hasPools {
            words.append("AMPD_PLAN_POOL=\(workers.group.pool.shellWord)")
        }
        words += plan.environment.map { "\($0.name)=\($0.value.shellWord)" }
        if plan.isDisaggregated, plan.engine.name == "vllm" {
            words.append("VLLM_NIXL_SIDE_CHANNEL_HOST=\(address(process.node))")
            words.append("VLLM_NIXL_SIDE_CHANNEL_PORT=\(process.sidePort)")
        }
        return words
    }

    /// The engine with its arguments, as words of a shell.
    var words: [String] {
        let flags = EngineFlags(plan: plan, workers: workers).words.map(\.shellWord)
        return plan.engine.name == "sglang" ? sglang(flags) : vllm(flags)
    }

    private func vllm(_ flags: [String]) -> [String] {
        var words = ["vllm", "serve", plan.model.shellWord] + flags
        if process.parts > 1 {
            words += [
                "--data-parallel-size-local", "\(process.ranks)", "--data-parallel-address",
                address(process.leaderNode), "--data-parallel-rpc-port",
                "\(13345 + process.worker)",
            ]
        }
        return process.isFollower
            ? words + ["--headless", "--data-parallel-start-rank", "\(process.firstRank)"]
            : words + ["--port", "\(process.port)"]
    }

    private func sglang(_ flags: [String]) -> [String] {
        var words =
            ["python3", "-m", "sglang.launch_server", "--model-path", plan.model.shellWord] + flags
        if workers.role == .prefill {
            words += ["--disaggregation-bootstrap-port", "\(process.bootstrapPort)"]
        }
        if process.parts > 1 {
            words += [
                "--dist-init-addr", "\(address(process.leaderNode)):\(20000 + process.worker)",
                "--nnodes", "\(process.parts)", "--node-rank", "\(process.part)",
            ]
        }
        return words + ["--host", "0.0.0.0", "--port", "\(process.port)"]
    }
}

/// The router in front of the workers, as words of a shell.
struct RouterCommand {
    let plan: ExportPlan
    let placement: Placement
    let address: (Int) -> String

    private func processes(_ role: WorkerDescription.Role) -> [Placement.Process] {
        placement.processes.filter { $0.workers.role == role && !$0.isFollower }
    }

    var words: [String] { plan.engine.name == "sglang" ? sglang : vllm }

    /// The example proxy of vLLM's repository, or none in front of co-located workers.
    private var vllm: [String] {
        let (prefill, decode) = (processes(.prefill), processes(.decode))
        return ["python3", "\"${VLLM_PROXY:?path of toy_proxy_server.py}\"", "--port", "8000"]
            + ["--prefiller-hosts"] + prefill.map { address($0.node) }
            + ["--prefiller-ports"] + prefill.map { "\($0.port)" }
            + ["--decoder-hosts"] + decode.map { address($0.node) }
            + ["--decoder-ports"] + decode.map { "\($0.port)" }
    }

    private var sglang: [String] {
        func url(_ process: Placement.Process) -> String {
            "\"http://\(address(process.node).unquoted):\(process.port)\""
        }
        let head = ["python3", "-m", "sglang_router.launch_router", "--port", "8000"]
        guard plan.isDisaggregated else {
            return head + ["--worker-urls"] + processes(.both).map(url)
        }
        return head + ["--pd-disaggregation"]
            + processes(.prefill).flatMap { ["--prefill", url($0), "\($0.bootstrapPort)"] }
            + processes(.decode).flatMap { ["--decode", url($0)] }
    }
}

extension String {
    /// Without the double quotes around it.
    var unquoted: String {
        hasPrefix("\"") && hasSuffix("\"") && count > 1 ? String(dropFirst().dropLast()) : self
    }

    /// A command of a shell over several lines, indented behind the first one.
    static func command(_ words: [String], indent: String = "") -> String {
        var (lines, line) = ([String](), "")
        for word in words {
            let isOption = word.hasPrefix("--")
            if !line.isEmpty, line.count + word.count > 88 || (isOption && line.count > 60) {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        lines.append(line)
        return lines.joined(separator: " \\\n" + indent + "    ")
    }
}
