import DiscreteEvents
import ServingDomain

/// Which serving worker a session or a round is bound to.
extension RunningCluster {
    /// A serving worker for a session or round that needs `blocks` at most, among those that can
    /// ever hold them; nil where none can.
    mutating func bind(_ slot: Int, _ blocks: Int) -> Int? {
        switch dispatcher.rule {
        case .leastUsedMemory: bind(blocks) { -$0.freeBlocks }
        case .leastLoaded, .sessionSticky, .prefixAware: bind(blocks) { Int($0.unfinished) }
        case .roundRobin:
            dispatcher.inTurn { blocks <= workers[$0].pool.capacity }
        case .weightedRoundRobin:
            dispatcher.inWeightedTurn { blocks <= workers[$0].pool.capacity }
        case .random:
            dispatcher.drawn(slots[slot].session, Int(slots[slot].round)) {
                blocks <= workers[$0].pool.capacity
            }
        }
    }

    /// The worker of least load, the lowest index at a tie.
    @inline(__always)
    private mutating func bind(_ blocks: Int, by load: (WorkerFace) -> Int) -> Int? {
        var best: (worker: Int, load: Int)?
        for index in workers.indices where blocks <= workers[index].pool.capacity {
            let load = load(servingBoard.face(of: index, at: now))
            if best.map({ load < $0.load }) ?? true { best = (index, load) }
        }
        return best?.worker
    }
}
