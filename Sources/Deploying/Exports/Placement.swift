import ServingDomain

/// Which GPUs of which node each process of a plan takes, where nobody else places them.
///
/// Tensor-parallel groups stand where the simulator puts them; the GPUs of a node are dealt out in order.
struct Placement {
    /// One process of a worker: its ranks on one node.
    struct Process: Hashable, Sendable {
        let workers: PlannedWorkers
        /// Number of the worker among all, from 0.
        let worker: Int
        let node: Int
        /// GPUs of the node, from 0.
        let gpus: [Int]
        /// First data-parallel rank of the process.
        let firstRank: Int
        /// Data-parallel ranks of the process.
        let ranks: Int
        /// Place among the processes of its worker, and how many there are.
        let part: Int
        let parts: Int
        /// Node of the worker's first process.
        let leaderNode: Int
        /// Place among the processes of its node, from 0.
        let number: Int

        var isFollower: Bool { part > 0 }

        /// Port at which the engine answers.
        var port: Int {
            switch workers.role {
            case .prefill: 8100 + number
            case .decode: 8300 + number
            case .both, .unclear: 8500 + number
            }
        }

        /// First port of the side channel for KV transfers; every GPU may take one.
        var sidePort: Int { 5600 + 64 * number }
        /// Port at which a prefill worker tells others of itself: the same for all of its processes, and no
        /// other worker's.
        var bootstrapPort: Int { 8998 + worker }
    }

    let processes: [Process]

    var nodes: Int { (processes.map(\.node).max() ?? 0) + 1 }

    init(_ plan: ExportPlan) {
        let replicas = plan.workers.flatMap { workers in
            Array(repeating: workers, count: workers.replicas)
        }
        let ranks = replicas.flatMap { Array(repeating: $0.group.kind, count: $0.ranks) }
        let places = plan.planningCase.nodes(for: ranks)
        var (free, numbers) = ([Int: Int](), [Int: Int]())
        var (found, first) = ([Process](), 0)
        for (worker, workers) in replicas.enumerated() {
            let own = Array(places[first..<first + workers.ranks])
            first += workers.ranks
            let starts = own.indices.filter { $0 == 0 || own[$0] != own[$0 - 1] }
            for (part, start) in starts.enumerated() {
                let end = part + 1 < starts.count ? starts[part + 1] : own.count
                let (node, count) = (own[start], (end - start) * workers.tensor)
                let gpu = free[node, default: 0]
                free[node] = gpu + count
                found.append(
                    Process(
                        workers: workers, worker: worker, node: node,
                        gpus: Array(gpu..<gpu + count),
                        firstRank: start, ranks: end - start, part: part, parts: starts.count,
                        leaderNode: own[0], number: numbers[node, default: 0]))
                numbers[node, default: 0] += 1
            }
        }
        processes = found
    }
}
