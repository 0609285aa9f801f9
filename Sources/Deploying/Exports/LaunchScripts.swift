import ServingDomain

/// Writes shell scripts that start the workers of each node, and the router in front of them.
struct LaunchScripts {
    let plan: ExportPlan

    var files: [ExportedFile] {
        let placement = Placement(plan)
        let nodes = (0..<placement.nodes).map { node($0, placement) }
        return nodes + [router(placement)].compactMap(\.self)
    }

    private func node(_ number: Int, _ placement: Placement) -> ExportedFile {
        let processes = placement.processes.filter { $0.node == number }
        let hosts = Set(processes.flatMap(hosts)).sorted()
        var lines = head(about: "Starts the workers of node \(number).", hosts, placement)
        for process in processes {
            let command = ProcessCommand(plan: plan, process: process, address: address)
            lines += ["", String.command(command.environment + command.words) + " &"]
        }
        return ExportedFile(
            "node-\(number).sh", (lines + String.untilOneEnds).joined(separator: "\n"),
            isExecutable: true)
    }

    /// Nodes whose addresses a process is told: its own for its side channel, and that of its leader.
    private func hosts(of process: Placement.Process) -> [Int] {
        (plan.wiring == .nixl ? [process.node] : [])
            + (process.parts > 1 ? [process.leaderNode] : [])
    }

    private func router(_ placement: Placement) -> ExportedFile? {
        let nodes = Set(placement.processes.map(\.node)).sorted()
        let command = RouterCommand(plan: plan, placement: placement, address: address)
        guard let words = command.words else { return nil }
        let lines =
            head(about: "Starts the router at port 8000.", nodes, placement)
            + ["", "exec " + String.command(words), ""]
        return ExportedFile("router.sh", lines.joined(separator: "\n"), isExecutable: true)
    }

    /// What stands in front of the commands: the plan's marks, and the addresses of nodes that they use.
    private func head(
        about purpose: String, _ nodes: [Int], _ placement: Placement
    ) -> [String] {
        let isAlone = placement.nodes == 1
        let hosts = nodes.map { node in
            isAlone
                ? "NODE_\(node)_HOST=\"${NODE_\(node)_HOST:-127.0.0.1}\""
                : ": \"${NODE_\(node)_HOST:?address of node \(node)}\""
        }
        return ["#!/usr/bin/env bash", "# \(purpose)"] + plan.comments.commentLines
            + ["set -euo pipefail"] + hosts
    }

    private func address(_ node: Int) -> String { "\"${NODE_\(node)_HOST}\"" }
}

extension ExportPlan {
    /// The marks of the plan as comments.
    var comments: String { marks.map { "# \($0.key): \($0.value)\n" }.joined() }
}

extension String {
    /// Waits for the first process to end, and ends the others with it.
    static var untilOneEnds: [String] {
        ["", "trap 'jobs -p | xargs -r kill' EXIT", "wait -n", ""]
    }

    fileprivate var commentLines: [String] { split(separator: "\n").map(String.init) }
}
