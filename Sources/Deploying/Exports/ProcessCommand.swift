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
        return words + (plan.wiring?.variables(of: process, at: address(process.node)) ?? [])
    }

    /// The engine with its arguments, as words of a shell.
    var words: [String] {
        let flags = EngineFlags(plan: plan, workers: workers).words.map(\.shellWord)
        return plan.engine.name == "sglang" ? sglang(flags) : vllm(flags)
    }

    private func vllm(_ flags: [String]) -> [String] {
        var words = ["vllm", "serve", plan.model.shellWord] + flags
        if process.parts > 1 {
            words += EngineOption.localData.words(of: .vllm, "\(process.ranks)")
            words += [
                "--data-parallel-address", address(process.leaderNode),
                "--data-parallel-rpc-port", "\(13345 + process.worker)",
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
            ]
            words += EngineOption.nodes.words(of: .sglang, "\(process.parts)")
            words += EngineOption.nodeRank.words(of: .sglang, "\(process.part)")
        }
        return words + ["--host", "0.0.0.0", "--port", "\(process.port)"]
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
