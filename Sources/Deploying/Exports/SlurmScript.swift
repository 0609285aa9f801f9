import ServingDomain

/// Writes a batch script that starts every process of a plan on the nodes of one job.
///
/// Pools of different GPUs are parts of a heterogeneous job.
struct SlurmScript {
    let plan: ExportPlan

    var files: [ExportedFile] {
        [ExportedFile("serve.sbatch", text, isExecutable: true)]
    }

    /// Nodes of one pool: the first of them among all, and how many are taken.
    private struct Part {
        let pool: GPUPool
        let first: Int
        let count: Int
    }

    private var text: String {
        let placement = Placement(plan)
        let parts = parts(placement)
        var lines = ["#!/usr/bin/env bash"]
        for (index, part) in parts.enumerated() {
            if index > 0 { lines.append("#SBATCH hetjob") }
            lines += directives(part, isFirst: index == 0)
        }
        lines += plan.comments.split(separator: "\n").map(String.init)
        lines += ["set -euo pipefail", ""] + nodeLists(parts)
        for process in placement.processes { lines += ["", start(process, parts)] }
        lines += router(placement, parts)
        return (lines + String.untilOneEnds).joined(separator: "\n")
    }

    private func parts(_ placement: Placement) -> [Part] {
        var (found, first) = ([Part](), 0)
        for pool in plan.planningCase.pools {
            let own = placement.processes.filter { $0.workers.group.pool == pool.name }
            let last = own.map(\.node).max()
            if let last { found.append(Part(pool: pool, first: first, count: last - first + 1)) }
            first += max(pool.cluster.nodes, last.map { $0 - first + 1 } ?? 0)
        }
        return found
    }

    private func directives(_ part: Part, isFirst: Bool) -> [String] {
        let common = [
            "#SBATCH --nodes=\(part.count)", "#SBATCH --ntasks-per-node=1",
            "#SBATCH --gpus-per-node=\(part.pool.cluster.gpusPerNode)", "#SBATCH --exclusive",
        ]
        guard isFirst else { return common }
        return [
            "#SBATCH --job-name=\(plan.name(most: 60))",
            "#SBATCH --output=\(plan.name(most: 60))-%j.log",
        ] + common
    }

    /// Lists of the nodes of each part: `hosts0`, `hosts1` and so on.
    private func nodeLists(_ parts: [Part]) -> [String] {
        parts.indices.map { index in
            let variable =
                parts.count == 1
                ? "SLURM_JOB_NODELIST" : "SLURM_JOB_NODELIST_HET_GROUP_\(index)"
            return "mapfile -t hosts\(index) < <(scontrol show hostnames \"${\(variable)}\")"
        }
    }

    private func address(_ node: Int, _ parts: [Part]) -> String {
        let index = parts.firstIndex { ($0.first..<$0.first + $0.count).contains(node) } ?? 0
        return "\"${hosts\(index)[\(node - parts[index].first)]}\""
    }

    private func start(_ process: Placement.Process, _ parts: [Part]) -> String {
        let address = { self.address($0, parts) }
        let command = ProcessCommand(plan: plan, process: process, address: address)
        let words =
            step(on: process.node, parts) + ["env"] + command.environment + command.words
        return String.command(words) + " &"
    }

    private func step(on node: Int, _ parts: [Part]) -> [String] {
        let index = parts.firstIndex { ($0.first..<$0.first + $0.count).contains(node) } ?? 0
        let group = parts.count > 1 ? ["--het-group=\(index)"] : []
        return ["srun", "--overlap"] + group
            + ["--nodes=1", "--ntasks=1", "--nodelist=\(address(node, parts))"]
    }

    private func router(_ placement: Placement, _ parts: [Part]) -> [String] {
        let command = RouterCommand(plan: plan, placement: placement) { self.address($0, parts) }
        return command.words.map { ["", String.command(step(on: 0, parts) + $0) + " &"] } ?? []
    }
}
