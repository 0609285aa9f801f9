import ServingDomain

/// One column as the search sees it: figures on grids, so that sums and comparisons of them are exact.
struct LayoutColumn: Hashable {
    /// Pressures are multiples of this, about a millionth.
    static let step = 0x1p-20

    let phase: Phase
    let degree: TensorParallelDegree
    let replicas: Int
    /// What both phases are compared by: a ratio to the target, or seconds.
    let pressure: Double
    /// KV memory of its replicas over the largest of any column (decode only).
    let kvShare: Double
    /// Whether it cannot keep up as far as single replicas tell.
    var isOverloaded = false

    var gpus: Int { degree.value * replicas }

    var column: ReplicaColumn { ReplicaColumn(phase: phase, degree: degree, replicas: replicas) }
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
        /// Fewer GPUs, and so a lower price.
        case gpus
        /// More KV memory on the decode workers.
        case kvRoom
        /// Fewer replicas.
        case replicas
    }

    let aims: [Aim]

    init(_ planning: Case.Planning) {
        let first: [Aim] = planning.tieWeight.map { [.weighted($0)] } ?? [.pressure, .sum]
        // Where every GPU is taken, their number says nothing; the solver needs not be asked.
        let gpus: [Aim] = planning.fillsBudget ? [] : [.gpus]
        let last: [Aim] = [.kvRoom, .replicas]
        aims =
            planning.objective.spendsLeast
            ? [.gpus] + first + last : first + gpus + last
    }
}

/// Degrees of a prefill and a decode worker.
struct DegreePair: Hashable, Comparable {
    let prefill: TensorParallelDegree
    let decode: TensorParallelDegree

    static func < (a: Self, b: Self) -> Bool {
        (a.prefill, a.decode) < (b.prefill, b.decode)
    }
}

extension Case {
    /// Pairs of these degrees that the engine refuses; none where its rules are ignored.
    func forbiddenPairs(among degrees: [TensorParallelDegree]) -> Set<DegreePair> {
        Set(
            degrees.flatMap { prefill in
                degrees.map { DegreePair(prefill: prefill, decode: $0) }
            }.filter { !allows(prefill: $0.prefill, decode: $0.decode) })
    }
}

/// All layouts of one column per phase that the search may choose from.
struct LayoutSpace {
    let columns: [LayoutColumn]
    let cluster: Cluster
    /// Most GPUs of a layout, and whether it must take all of them.
    let budget: Int
    let fillsBudget: Bool
    let order: LayoutOrder
    /// Degrees of prefill and decode workers that may not stand beside each other.
    let forbidden: Set<DegreePair>

    init(
        _ coefficients: [LatencyCoefficient], cluster: Cluster, planning: Case.Planning,
        forbidding forbidden: Set<DegreePair> = []
    ) {
        self.forbidden = forbidden
        self.cluster = cluster
        budget = min(cluster.gpus.value, planning.gpuBudget?.value ?? .max)
        fillsBudget = planning.fillsBudget
        order = LayoutOrder(planning)
        let room = Double(max(1, coefficients.map(\.kvTokens).max() ?? 1))
        let constants = Self.constants(coefficients)
        columns = coefficients.map { column in
            let pressure =
                switch planning.objective {
                case .slo, .minGPUs, .minCost, .maxRate: column.ratio
                case .seconds: column.seconds
                case .paper: constants[column.phase]?[column.degree] ?? column.seconds
                }
            return LayoutColumn(
                phase: column.phase, degree: column.degree, replicas: column.replicas,
                pressure: (min(pressure, 1e6) / LayoutColumn.step).rounded() * LayoutColumn.step,
                kvShare: Double(column.kvTokens) / room, isOverloaded: column.overloaded)
        }
    }

    /// Seconds of each phase and degree whatever the replicas: with the smallest share of the load that
    /// was simulated, which is nearest to none.
    private static func constants(
        _ coefficients: [LatencyCoefficient]
    ) -> [Phase: [TensorParallelDegree: Double]] {
        var constants: [Phase: [TensorParallelDegree: Double]] = [:]
        for column in coefficients.sorted(by: { $0.replicas < $1.replicas }) {
            constants[column.phase, default: [:]][column.degree] = column.seconds
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
        for prefill in places(of: .prefill) {
            for decode in decodes where columns[prefill].gpus + columns[decode].gpus <= budget {
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
    func place(_ phase: Phase, _ group: WorkerGroup) -> Int? {
        columns.firstIndex {
            $0.phase == phase && $0.degree == group.degree && $0.replicas == group.replicas
        }
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
        let both = [columns[pair.prefill], columns[pair.decode]]
        if forbidden.contains(DegreePair(prefill: both[0].degree, decode: both[1].degree)) {
            return false
        }
        let gpus = both[0].gpus + both[1].gpus
        guard gpus <= budget, !fillsBudget || gpus == budget else { return false }
        return cluster.holds(
            both.map {
                WorkerGroup(parallelism: Parallelism(tensor: $0.degree), replicas: $0.replicas)
            })
    }

    /// What the aims of the order come to, then the place among the columns.
    private struct Rank: Comparable {
        /// Overloaded phases, the aims, and both places, with zeros between.
        private var figures = SIMD8<Double>(repeating: 0)

        init(_ space: LayoutSpace, _ pair: Formulation.Pair) {
            let (prefill, decode) = (space.columns[pair.prefill], space.columns[pair.decode])
            let (most, sum) = (
                max(prefill.pressure, decode.pressure), prefill.pressure + decode.pressure
            )
            figures[0] = (prefill.isOverloaded ? 1 : 0) + (decode.isOverloaded ? 1 : 0)
            for (place, aim) in space.order.aims.enumerated() {
                figures[1 + place] =
                    switch aim {
                    case .pressure: most
                    case .weighted(let weight): most + weight * sum
                    case .sum: sum
                    case .gpus: Double(prefill.gpus + decode.gpus)
                    case .kvRoom: -decode.kvShare
                    case .replicas: Double(prefill.replicas + decode.replicas)
                    }
            }
            figures[6] = Double(pair.prefill)
            figures[7] = Double(pair.decode)
        }

        static func < (a: Self, b: Self) -> Bool {
            for place in 0..<8 where a.figures[place] != b.figures[place] {
                return a.figures[place] < b.figures[place]
            }
            return false
        }
    }
}
