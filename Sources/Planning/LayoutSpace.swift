import ServingDomain

/// One column as the search sees it: figures on grids, so that sums and comparisons of them are exact.
struct LayoutColumn: Hashable {
    /// Pressures are multiples of this, about a millionth.
    static let step = 0x1p-20

    let phase: Phase
    /// One group, or two of different kinds that share the load of the phase.
    let groups: [WorkerGroup]
    /// What both phases are compared by: a ratio to the target, or seconds.
    let pressure: Double
    /// KV memory of its replicas over the largest of any column (decode only).
    let kvShare: Double
    /// Whether it cannot keep up as far as single replicas tell.
    var isOverloaded = false
    /// US dollars an hour; 0 where prices do not tell pools apart.
    var price = 0.0
    /// Columns of one kind that its pressure was told from.
    let rests: [ReplicaColumn]

    var gpus: Int { groups.reduce(0) { $0 + $1.gpus.value } }
    var replicas: Int { groups.reduce(0) { $0 + $1.replicas } }

    func gpus(in pool: String) -> Int {
        groups.reduce(0) { $0 + ($1.pool == pool ? $1.gpus.value : 0) }
    }

    /// GPUs of a pool that workers of at least a degree take, in units of it.
    func units(of degree: TensorParallelDegree, in pool: String) -> Int {
        groups.reduce(0) { units, group in
            group.pool == pool && group.degree >= degree
                ? units + group.gpus.value / degree.value : units
        }
    }

    func has(_ degree: TensorParallelDegree) -> Bool { groups.contains { $0.degree == degree } }
}

/// By what layouts are compared, the first aim first.
///
/// Before all of them go the phases that cannot keep up: layouts with fewer of them come first.
struct LayoutOrder: Hashable {
    enum Aim: Hashable {
        /// The larger of both phases' pressures.
        case pressure
        /// The same and so many times their sum.
        case weighted(Double)
        /// The sum of both pressures.
        case sum
        /// A lower price, where pools differ in it.
        case price
        /// Fewer GPUs, and so a lower price where they do not.
        case gpus
        /// More KV memory on the decode workers.
        case kvRoom
        /// Fewer replicas.
        case replicas
    }

    let aims: [Aim]

    init(_ planning: Case.Planning, hasPrices: Bool = false) {
        let first: [Aim] = planning.tieWeight.map { [.weighted($0)] } ?? [.pressure, .sum]
        let price: [Aim] = hasPrices ? [.price] : []
        // Where every GPU is taken, their number says nothing; the solver needs not be asked.
        let gpus: [Aim] = planning.fillsBudget ? [] : [.gpus]
        let last: [Aim] = [.kvRoom, .replicas]
        aims =
            switch planning.objective {
            case .minCost where hasPrices: price + first + gpus + last
            case .minGPUs, .minCost: [.gpus] + first + price + last
            default: first + price + gpus + last
            }
    }
}

/// All layouts of one column per phase that the search may choose from.
struct LayoutSpace {
    let columns: [LayoutColumn]
    let bounds: LayoutBounds
    let order: LayoutOrder
    /// Of each column; looked at for every pair of them.
    private let figures: [Figures]

    /// - Parameters:
    ///   - coefficients: by phase and kind, by increasing replicas.
    ///   - bounds: what layouts may take.
    ///   - planning: what is looked for.
    ///   - meetingTargets: whether columns that miss their targets are left out.
    init(
        _ coefficients: [LatencyCoefficient], within bounds: LayoutBounds,
        planning: Case.Planning, meetingTargets: Bool = false
    ) {
        self.bounds = bounds
        order = LayoutOrder(planning, hasPrices: bounds.hasPrices)
        let room = Double(max(1, coefficients.map(\.kvTokens).max() ?? 1))
        let constants = Self.constants(coefficients)
        let pure = coefficients.map { column in
            let pressure =
                switch planning.objective {
                case .slo, .minGPUs, .minCost, .maxRate: column.ratio
                case .seconds: column.seconds
                case .paper: constants[column.phase]?[column.kind] ?? column.seconds
                }
            return LayoutColumn(
                phase: column.phase, groups: [WorkerGroup(column.kind, column.replicas)],
                pressure: (min(pressure, 1e6) / LayoutColumn.step).rounded() * LayoutColumn.step,
                kvShare: Double(column.kvTokens) / room, isOverloaded: column.overloaded,
                price: bounds.price(column.kind, column.replicas), rests: [column.column])
        }
        let mixed =
            planning.mixesWorkers && planning.objective != .paper
            ? MixedColumns(pure, within: bounds, spare: planning.survivedLosses).all : []
        let usable = zip(coefficients, pure).filter { coefficient, column in
            let meets = !coefficient.overloaded && coefficient.ratio <= 1
            return (meets || !meetingTargets) && Self.isPossible(column, bounds)
        }
        columns = usable.map(\.1) + mixed.filter { !meetingTargets || $0.pressure <= 1 }
        figures = columns.map(Figures.init)
    }

    /// Whether there is room for a column of one kind, and for a worker of the other phase beside it.
    static func isPossible(_ column: LayoutColumn, _ bounds: LayoutBounds) -> Bool {
        column.gpus < bounds.budget.gpus
            && column.groups.allSatisfy { $0.replicas <= bounds.room(for: $0.kind) }
    }

    /// Seconds of each phase and kind of worker whatever the replicas: with the smallest share of the load that
    /// was simulated, which is nearest to none.
    private static func constants(
        _ coefficients: [LatencyCoefficient]
    ) -> [Phase: [WorkerKind: Double]] {
        var constants: [Phase: [WorkerKind: Double]] = [:]
        for column in coefficients.sorted(by: { $0.replicas < $1.replicas }) {
            constants[column.phase, default: [:]][column.kind] = column.seconds
        }
        return constants
    }

    /// Every layout within budget and nodes in the order, by looking at all of them.
    ///
    /// - Parameter count: how many are wanted.
    /// - Returns: the best ones, best first.
    func enumerated(_ count: Int) -> [Formulation.Pair] {
        var best: [(rank: Rank, pair: Formulation.Pair)] = []
        let decodes = places(of: .decode)
        let budget = Double(bounds.budget.gpus)
        for prefill in places(of: .prefill) {
            for decode in decodes
            where figures[prefill].gpus + figures[decode].gpus <= budget {
                let pair = Formulation.Pair(prefill: prefill, decode: decode)
                let rank = Rank(self, pair)
                if best.count == count, let last = best.last, !(rank < last.rank) { continue }
                guard holds(pair) else { continue }
                let place = best.firstIndex { rank < $0.rank } ?? best.count
                best.insert((rank, pair), at: place)
                if best.count > count { best.removeLast() }
            }
        }
        return best.map(\.pair)
    }

    /// A prefill and a decode column each, within the budget or not.
    private var pairs: [Formulation.Pair] {
        let (prefills, decodes) = (places(of: .prefill), places(of: .decode))
        return prefills.flatMap { prefill in
            decodes.map { Formulation.Pair(prefill: prefill, decode: $0) }
        }
    }

    private func places(of phase: Phase) -> [Int] {
        columns.indices.filter { columns[$0].phase == phase }
    }

    /// The column of these workers in a phase; nil where there is none.
    func place(_ phase: Phase, _ groups: [WorkerGroup]) -> Int? {
        columns.firstIndex { $0.phase == phase && $0.groups == groups }
    }

    /// How many layouts within budget and nodes come before a pair in the order, and one.
    func place(of pair: Formulation.Pair) -> Int {
        let own = Rank(self, pair)
        return 1 + pairs.count { holds($0) && Rank(self, $0) < own }
    }

    /// Whether there is a layout at all.
    var hasLayout: Bool { holdsAny { _ in true } }

    /// Whether there is one that keeps up, as far as single replicas tell.
    var hasSteadyLayout: Bool { holdsAny { !$0.isOverloaded } }

    private func holdsAny(_ isEligible: (LayoutColumn) -> Bool) -> Bool {
        let decodes = places(of: .decode).filter { isEligible(columns[$0]) }
        return places(of: .prefill).filter { isEligible(columns[$0]) }.contains { prefill in
            decodes.contains { holds(Formulation.Pair(prefill: prefill, decode: $0)) }
        }
    }

    private func holds(_ pair: Formulation.Pair) -> Bool {
        let (prefill, decode) = (columns[pair.prefill], columns[pair.decode])
        return prefill.groups.allSatisfy { first in
            decode.groups.allSatisfy { bounds.allows(prefill: first.kind, decode: $0.kind) }
        } && bounds.holds(prefill.groups + decode.groups)
    }

    /// What a column adds to the aims.
    private struct Figures: BitwiseCopyable {
        let pressure, kvShare, price, gpus, replicas: Double
        /// 1 where it cannot keep up.
        let overloaded: Double

        init(_ column: LayoutColumn) {
            (pressure, kvShare, price) = (column.pressure, column.kvShare, column.price)
            (gpus, replicas) = (Double(column.gpus), Double(column.replicas))
            overloaded = column.isOverloaded ? 1 : 0
        }
    }

    /// What the aims of the order come to, then the place among the columns.
    private struct Rank: Comparable {
        /// Overloaded phases, at most six aims with zeros behind them, and both places in one number.
        private var figures = SIMD8<Double>(repeating: 0)

        init(_ space: LayoutSpace, _ pair: Formulation.Pair) {
            let (prefill, decode) = (space.figures[pair.prefill], space.figures[pair.decode])
            let (most, sum) = (
                max(prefill.pressure, decode.pressure), prefill.pressure + decode.pressure
            )
            figures[0] = prefill.overloaded + decode.overloaded
            for (place, aim) in space.order.aims.enumerated() {
                figures[1 + place] =
                    switch aim {
                    case .pressure: most
                    case .weighted(let weight): most + weight * sum
                    case .sum: sum
                    case .price: prefill.price + decode.price
                    case .gpus: prefill.gpus + decode.gpus
                    case .kvRoom: -decode.kvShare
                    case .replicas: prefill.replicas + decode.replicas
                    }
            }
            figures[7] = Double(pair.prefill * space.columns.count + pair.decode)
        }

        static func < (a: Self, b: Self) -> Bool {
            for place in 0..<8 where a.figures[place] != b.figures[place] {
                return a.figures[place] < b.figures[place]
            }
            return false
        }
    }
}
