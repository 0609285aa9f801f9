import ServingDomain
import Simulation

/// Coefficients of one case, simulated as far as anybody asks.
///
/// More replicas never see more load each. So a column has at least the figures of the next larger one
/// that was simulated; all below one that cannot keep up cannot either; and between two that differ by
/// less than half a per cent there is nothing to simulate. With lower bounds for the others, a best
/// layout whose own columns are known is the best: each search simulates what its answer rests on, by
/// halving the gap that a column lies in.
struct CoefficientTable {
    private let simulation: ReplicaSimulation
    private let jobs: Int
    private let progress: ProgressReport
    private var chains: [Chain]
    /// Replicas of a column that may be gone, so that the others share its load.
    private let spare: Int

    /// The columns of all layouts within a budget, of which none is known.
    init(
        _ simulation: ReplicaSimulation, within bounds: LayoutBounds, spare: Int = 0,
        mixes: Bool = false, jobs: Int, progress: ProgressReport = .none
    ) {
        self.spare = spare
        self.progress = progress
        self.simulation = simulation
        self.jobs = jobs
        let candidates = simulation.candidates
        chains = Phase.allCases.flatMap { phase in
            let others = candidates.kinds(of: phase == .prefill ? .decode : .prefill)
            let least = others.map(\.gpus).min() ?? 1
            return candidates.kinds(of: phase).map { kind in
                // Some workers beside others may have less load than as many as fit alone.
                let alone = min(
                    bounds.room(for: kind), (bounds.budget.gpus - least) / kind.gpus)
                let most =
                    mixes ? max(alone, min(4096, 8 * bounds.budget.gpus / kind.gpus)) : alone
                return Chain(
                    Self.replicaCounts(upTo: most).map {
                        ReplicaColumn(phase: phase, kind: kind, replicas: $0)
                    })
            }
        }
    }

    /// Every count up to 64, then steps of a sixteenth, and the largest.
    static func replicaCounts(upTo most: Int) -> [Int] {
        var counts = Array(1..<(max(0, min(most, 64)) + 1))
        while let last = counts.last, last < most { counts.append(min(most, last + last / 16)) }
        return counts
    }

    /// How many columns there are.
    var count: Int { chains.reduce(0) { $0 + $1.columns.count } }

    /// What is known of every column, once `begin` has been called.
    ///
    /// With spare replicas each has the figures of as many less, and those with no more than that are left
    /// out.
    var columns: [LatencyCoefficient] { chains.flatMap { $0.figures(without: spare) } }

    /// Those that are no bounds.
    var known: [LatencyCoefficient] { columns.filter { !$0.isBound } }

    /// Simulates the largest number of replicas of each kind.
    mutating func begin() async {
        await simulate(chains.indices.map { Place(chain: $0, index: chains[$0].columns.count - 1) })
    }

    /// Simulates what halves the gaps that columns lie in.
    ///
    /// - Returns: false where the figures of all of them are known.
    mutating func refine(_ columns: [ReplicaColumn]) async -> Bool {
        await simulate(columns.compactMap(open))
    }

    /// Simulates whatever is not known.
    mutating func complete() async {
        repeat {
            let places = chains.indices.flatMap { chain in
                chains[chain].openMiddles.map { Place(chain: chain, index: $0) }
            }
            guard await simulate(places) else { return }
        } while true
    }

    /// The larger of both phases' P95 over its target, as far as it is known, each from the next smaller
    /// number of replicas that has a column; infinite for co-located workers.
    func pressure(_ layout: Deployment) -> Double {
        guard layout.homogeneousPair != nil else { return .infinity }
        let pressures = Phase.allCases.flatMap { phase in
            layout.groups(of: phase).map { group in
                chains.first { $0.holds(phase, group.kind) }?.figures
                    .last { $0.replicas <= group.replicas - spare }?.ratio ?? .infinity
            }
        }
        return pressures.max() ?? .infinity
    }

    // MARK: Simulating

    private struct Place: Hashable {
        let chain: Int
        let index: Int
    }

    /// The place to simulate for workers that are not known; nil where they are.
    private func open(_ column: ReplicaColumn) -> Place? {
        guard let chain = chains.firstIndex(where: { $0.holds(column.phase, column.kind) }),
            let index = chains[chain].place(of: column.replicas - spare)
        else { return nil }
        return chains[chain].middle(around: index).map { Place(chain: chain, index: $0) }
    }

    @discardableResult
    private mutating func simulate(_ places: [Place]) async -> Bool {
        var wanted: [Place] = []
        for place in places where place.index >= 0 && !wanted.contains(place) {
            wanted.append(place)
        }
        guard !wanted.isEmpty else { return false }
        progress(.coefficients)
        let found = await simulation.coefficients(
            wanted.map { chains[$0.chain].columns[$0.index] }, jobs: jobs)
        for (place, coefficient) in zip(wanted, found) {
            chains[place.chain].simulated[place.index] = coefficient
        }
        return true
    }
}

/// The columns of one phase and kind of worker, by increasing number of replicas.
private struct Chain {
    let columns: [ReplicaColumn]
    var simulated: [LatencyCoefficient?]

    /// Differences of figures that are worth no simulation.
    private static let level = 1.005

    init(_ columns: [ReplicaColumn]) {
        self.columns = columns
        simulated = columns.map { _ in nil }
    }

    func holds(_ phase: Phase, _ kind: WorkerKind) -> Bool {
        columns.first.map { $0.phase == phase && $0.kind == kind } ?? false
    }

    /// The last column with so many replicas at most.
    func place(of replicas: Int) -> Int? { columns.lastIndex { $0.replicas <= replicas } }

    /// What is known of each column with some of its replicas gone.
    func figures(without spare: Int) -> [LatencyCoefficient] {
        let figures = figures
        guard spare > 0, figures.count == columns.count else { return figures }
        return columns.indices.compactMap { index in
            guard let left = place(of: columns[index].replicas - spare) else { return nil }
            var figure = figures[left]
            figure.replicas = columns[index].replicas
            figure.kvTokens = figures[index].kvTokens
            return figure
        }
    }

    /// What is known of each column, or a bound.
    var figures: [LatencyCoefficient] {
        var figures: [LatencyCoefficient] = []
        var above: LatencyCoefficient?
        for index in columns.indices.reversed() {
            if let own = simulated[index] {
                above = own
                figures.append(own)
            } else if let above {
                var figure = above.carried(to: columns[index].replicas)
                figure.isBound = middle(around: index) != nil
                figures.append(figure)
            }
        }
        return figures.reversed()
    }

    /// The middle of the gap that a column lies in; nil where its figures are known.
    func middle(around index: Int) -> Int? {
        guard simulated[index] == nil,
            let above = simulated[index...].firstIndex(where: { $0 != nil }),
            let next = simulated[above], !next.overloaded
        else { return nil }
        let below = simulated[..<index].lastIndex { $0 != nil }
        if let below, let previous = simulated[below], !previous.overloaded,
            previous.ratio <= Self.level * next.ratio
        {
            return nil
        }
        return ((below ?? -1) + above) / 2
    }

    /// The middle of each gap.
    var openMiddles: [Int] {
        columns.indices.compactMap { middle(around: $0) }
    }
}

extension Deployment {
    /// Separate workers of a phase; none of co-located layouts.
    func groups(of phase: Phase) -> [WorkerGroup] {
        guard case .disaggregated(let prefill, let decode) = self else { return [] }
        return phase == .prefill ? prefill : decode
    }

    /// Prefill and decode workers of one kind each; nil for other layouts.
    var homogeneousPair: (prefill: WorkerGroup, decode: WorkerGroup)? {
        let (prefill, decode) = (groups(of: .prefill), groups(of: .decode))
        guard prefill.count == 1, decode.count == 1 else { return nil }
        return (prefill[0], decode[0])
    }
}
