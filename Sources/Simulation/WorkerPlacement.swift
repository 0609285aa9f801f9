public import ServingDomain

/// Where the workers of a cluster stand, as far as their transfers can tell.
public enum WorkerPlacement: Hashable, Sendable {
    /// Every transfer takes a link of this class.
    case alike(LinkClass)
    /// Numbers of the nodes of the prefill workers and of the serving workers, by worker.
    case nodes(prefill: [Int], serving: [Int])
}

/// The class of link between every prefill worker and every serving worker.
struct WorkerLinks {
    private var prefill: ContiguousArray<Int32>
    private var serving: ContiguousArray<Int32>
    private let apart: LinkClass
    /// Prefill workers on each node, by its number; none where every link is alike.
    private var near: ContiguousArray<ContiguousArray<Int>> = []

    /// - Precondition: a placement by nodes has one for each worker.
    init(_ placement: WorkerPlacement, prefill prefillWorkers: Int, serving workers: Int) {
        switch placement {
        case .alike(let link):
            prefill = ContiguousArray(repeating: 0, count: prefillWorkers)
            serving = ContiguousArray(repeating: link == .intraNode ? 0 : 1, count: workers)
        case .nodes(let prefillNodes, let nodes):
            precondition(
                prefillNodes.count == prefillWorkers && nodes.count == workers,
                "a placement names the node of each worker")
            prefill = ContiguousArray(prefillNodes.map(Int32.init))
            serving = ContiguousArray(nodes.map(Int32.init))
        }
        if case .alike(let link) = placement { apart = link } else { apart = .interNode }
        let nodes = Set(prefill).union(serving)
        guard nodes.count > 1, case .nodes = placement else { return }
        near = ContiguousArray(repeating: [], count: Int(nodes.max() ?? 0) + 1)
        for (worker, node) in prefill.enumerated() { near[Int(node)].append(worker) }
    }

    /// The prefill workers on the node of a serving worker; none where every link is alike.
    func prefillWorkers(near home: Int) -> ContiguousArray<Int> {
        near.isEmpty ? [] : near[Int(serving[home])]
    }

    /// Whether a prefill worker is among those near a serving worker.
    func isNear(_ worker: Int, _ home: Int) -> Bool {
        !near.isEmpty && prefill[worker] == serving[home]
    }

    /// The link of an infinite server, which stands nowhere.
    var ofInfiniteServer: LinkClass { apart }

    func link(prefill worker: Int, serving home: Int) -> LinkClass {
        prefill[worker] == serving[home] ? .intraNode : .interNode
    }
}
