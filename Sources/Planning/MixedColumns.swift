import ServingDomain

/// Columns of two kinds of workers in one phase that share its load in proportion to what each can take.
///
/// At a pressure z one replica of a kind takes 1/k of the load, where k is the least number of such replicas
/// that have no more than z together. So n of one and m of another kind have at most z where n/k + m/l is
/// at least 1, each with no more load than it was simulated with. Of these mixes only those are columns that
/// nothing can replace with as little pressure: the best layout is among them, the next best may lack mixes
/// that differ from better ones in nothing but more GPUs.
struct MixedColumns {
    /// What one kind of worker does, by increasing number of replicas.
    private struct Chain {
        let kind: WorkerKind
        var counts: [(replicas: Int, kvShare: Double)] = []
        /// Those that keep up alone.
        var steady: [(replicas: Int, pressure: Double)] = []

        /// The least number of replicas with no more than a pressure; nil where there is none.
        func replicas(at pressure: Double) -> Int? {
            steady.first { $0.pressure <= pressure }?.replicas
        }
    }

    private let columns: [LayoutColumn]
    private let bounds: LayoutBounds
    private let spare: Int

    /// - Parameters:
    ///   - columns: of one kind each, by increasing replicas of each kind.
    ///   - bounds: what a layout may take.
    ///   - spare: replicas of either kind that may be gone; the columns' figures are without as many.
    init(_ columns: [LayoutColumn], within bounds: LayoutBounds, spare: Int = 0) {
        self.columns = columns
        self.bounds = bounds
        self.spare = spare
    }

    /// Those of both phases.
    var all: [LayoutColumn] { Phase.allCases.flatMap(mixes) }

    private func mixes(_ phase: Phase) -> [LayoutColumn] {
        let chains = chains(phase)
        var found: [LayoutColumn] = []
        for (place, first) in chains.enumerated() {
            for second in chains[(place + 1)...]
            where first.kind.parallelism.data == second.kind.parallelism.data {
                found += mixes(first, second, phase)
            }
        }
        return best(of: found, phase)
    }

    private func chains(_ phase: Phase) -> [Chain] {
        columns.reduce(into: []) { chains, column in
            guard column.phase == phase, let group = column.groups.first else { return }
            if chains.last?.kind != group.kind { chains.append(Chain(kind: group.kind)) }
            let last = chains.count - 1
            chains[last].counts.append((group.replicas, column.kvShare))
            guard !column.isOverloaded else { return }
            chains[last].steady.append((group.replicas, column.pressure))
        }
    }

    private func mixes(_ first: Chain, _ second: Chain, _ phase: Phase) -> [LayoutColumn] {
        let levels = Set((first.steady + second.steady).map(\.pressure)).sorted()
            .map { Level($0, first, second) }
        let most = bounds.room(for: first.kind)
        var found: [LayoutColumn] = []
        for one in first.counts where one.replicas <= most {
            let own = WorkerGroup(first.kind, one.replicas)
            let room = bounds.room(for: second.kind, beside: [own])
            for other in second.counts where other.replicas <= room {
                let place = levels.indices.firstPlace { place in
                    suffices((one.replicas, other.replicas), levels[place])
                }
                guard place < levels.count, let rests = levels[place].rests(first, second, phase)
                else { continue }
                let groups = [own, WorkerGroup(second.kind, other.replicas)]
                found.append(
                    LayoutColumn(
                        phase: phase, groups: groups, pressure: levels[place].pressure,
                        kvShare: one.kvShare + other.kvShare, price: bounds.price(groups),
                        rests: rests))
            }
        }
        return found
    }

    /// How many replicas of either kind take the load alone with no more than a pressure.
    private struct Level {
        let pressure: Double
        let alone: (Int?, Int?)

        init(_ pressure: Double, _ first: Chain, _ second: Chain) {
            self.pressure = pressure
            alone = (first.replicas(at: pressure), second.replicas(at: pressure))
        }

        /// The columns that say so; nil where one kind has none.
        func rests(_ first: Chain, _ second: Chain, _ phase: Phase) -> [ReplicaColumn]? {
            guard let one = alone.0, let other = alone.1 else { return nil }
            return [
                ReplicaColumn(phase: phase, kind: first.kind, replicas: one),
                ReplicaColumn(phase: phase, kind: second.kind, replicas: other),
            ]
        }
    }

    /// Whether so many replicas take the whole load, with some of either kind gone.
    private func suffices(_ counts: (Int, Int), _ level: Level) -> Bool {
        // What one replica of either kind takes of the load.
        let (one, other) = (
            level.alone.0.map { 1 / Double($0 - spare) } ?? 0,
            level.alone.1.map { 1 / Double($0 - spare) } ?? 0
        )
        let whole = Double(counts.0) * one + Double(counts.1) * other
        return whole - Double(spare) * max(one, other) >= 1 - 1e-12
    }

    /// Those that nothing of a phase is as good as that could stand in their place.
    private func best(of mixes: [LayoutColumn], _ phase: Phase) -> [LayoutColumn] {
        var kept = columns.filter {
            $0.phase == phase && !$0.isOverloaded && LayoutSpace.isPossible($0, bounds)
        }
        .map { Footprint($0, bounds) }
        // The sort is stable: of equal ones the first stays.
        let ordered = mixes.map { Footprint($0, bounds) }.enumerated().sorted {
            ($0.element.pressure, $0.element.gpus, $0.offset)
                < ($1.element.pressure, $1.element.gpus, $1.offset)
        }
        return ordered.map(\.element).filter { mix in
            if kept.contains(where: { $0.replaces(mix, fillsBudget: bounds.fillsBudget) }) {
                return false
            }
            kept.append(mix)
            return true
        }
        .map(\.column)
    }
}

/// What a column takes, and what it lets stand beside it.
private struct Footprint {
    let column: LayoutColumn
    let gpus: Int
    /// GPUs of each pool, and for each degree that nodes hold no whole number of, what is taken of their room.
    private let taken: [Int]
    /// Degrees of the other phase that the engine refuses beside it.
    private let refused: Set<TensorParallelDegree>

    var pressure: Double { column.pressure }

    init(_ column: LayoutColumn, _ bounds: LayoutBounds) {
        self.column = column
        gpus = column.gpus
        taken = bounds.pools.flatMap { pool in
            let odd = TensorParallelDegree.all.filter {
                $0.value <= pool.cluster.gpusPerNode
                    && !pool.cluster.gpusPerNode.isMultiple(of: $0.value)
            }
            return [column.gpus(in: pool.name)]
                + odd.map { column.units(of: $0, in: pool.name) }
        }
        refused = Set(
            bounds.forbidden.filter {
                column.has(column.phase == .prefill ? $0.prefill : $0.decode)
            }
            .map { column.phase == .prefill ? $0.decode : $0.prefill })
    }

    /// Whether every layout with another column is as good with this one.
    func replaces(_ other: Self, fillsBudget: Bool) -> Bool {
        pressure <= other.pressure && refused.isSubset(of: other.refused)
            && (!fillsBudget || gpus == other.gpus)
            && zip(taken, other.taken).allSatisfy { $0 <= $1 }
    }
}

extension Range<Int> {
    /// The first place at which something holds that holds at all later ones too; the end where it holds
    /// nowhere.
    fileprivate func firstPlace(where holds: (Int) -> Bool) -> Int {
        var (low, high) = (lowerBound, upperBound)
        while low < high {
            let middle = (low + high) / 2
            if holds(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
