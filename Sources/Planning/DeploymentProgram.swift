public import IntegerProgramming
public import ServingDomain

/// One solution of the integer program.
public struct DeploymentChoice: Hashable, Sendable {
    public let deployment: Deployment
    /// 1 for the optimum.
    public let rank: Int
    /// Z: the larger of both phases' P95 over its target.
    public let value: Double
    /// Sum of both ratios: what breaks ties of Z.
    public let sum: Double
}

/// The best solutions of the integer program, with the solver's certificate.
public struct DeploymentSelection: Sendable {
    /// Best first; fewer than asked for where no more exist.
    public let choices: [DeploymentChoice]
    /// Least Z.
    public let objective: Double
    public let status: String
    public let bound: Double
    public let gap: Double
    /// The program as solved first, for `--write-lp`.
    public let program: IntegerProgram
    public let rejected: [Rejection]
}

/// The integer program (Eq 5 with load shares): degree and number of replicas for each phase.
///
/// One binary per (phase, degree, k) says that k replicas of this degree share the phase's load.
/// Minimise Z subject to
/// - Z ≥ Σ τ[phase, degree, k] · y[phase, degree, k] for each phase (C1, C2; one column is chosen,
///   so that the sum is its τ),
/// - Σ degree · k · y ≤ GPUs (C3), and for each degree d, counted in workers of d GPUs, no more
///   from the larger degrees than the nodes hold,
/// - exactly one column per phase, since τ holds only where k replicas share the whole load.
///
/// The paper prints Eq. 5 with one constant per degree, under which replica counts do not matter
/// (docs/decisions/0002-coefficients.md).
struct DeploymentProgram {
    private let columns: [LatencyCoefficient]
    private let cluster: Cluster
    /// Columns that cannot keep up and were left out because others can.
    private let overloaded: [LatencyCoefficient]

    /// Keeps overloaded columns only where a phase would have none without them.
    init(coefficients: [LatencyCoefficient], cluster: Cluster) {
        self.cluster = cluster
        let stable = coefficients.filter { !$0.overloaded }
        if Self.hasLayout(stable, cluster.gpus) {
            columns = stable
            overloaded = coefficients.filter(\.overloaded)
        } else {
            columns = coefficients
            overloaded = []
        }
    }

    /// The `count` best deployments in lexicographic order of Z and the sum of both ratios, each
    /// found by excluding those before it.
    func best(_ count: Int) throws(PlanningError) -> DeploymentSelection {
        let first = try Formulation(columns: columns, cluster: cluster, excluding: [])
            .leastPressure()
        var chosen: [Formulation.Pair] = []
        var choices: [DeploymentChoice] = []
        while choices.count < count {
            let formulation = Formulation(columns: columns, cluster: cluster, excluding: chosen)
            guard let pair = try formulation.best() else { break }
            chosen.append(pair)
            choices.append(choice(pair, rank: choices.count + 1))
        }
        guard let optimum = choices.first else {
            throw .solver("no pair of columns fits into \(cluster.gpus) GPUs")
        }
        return DeploymentSelection(
            choices: choices, objective: optimum.value, status: first.status, bound: first.bound,
            gap: first.gap, program: first.program, rejected: rejected)
    }

    /// One row per phase and degree for the replica counts that cannot keep up.
    private var rejected: [Rejection] {
        let chains = Dictionary(grouping: overloaded) { [$0.phase.rawValue, "\($0.degree)"] }
        return overloaded.compactMap { first -> Rejection? in
            let chain = chains[[first.phase.rawValue, "\(first.degree)"]] ?? []
            guard first == chain.first, let last = chain.last else { return nil }
            let letter = first.phase == .prefill ? "P" : "D"
            let name = "\(letter):\(first.degree)x"
            let counts =
                chain.count == 1 ? "\(first.replicas)" : "\(first.replicas)...\(last.replicas)"
            let reason =
                first.phase == .prefill
                ? "cannot keep up with its share of the prefill load"
                : "cannot keep up with its share of the decode load or waits for KV memory"
            return Rejection(layout: name + counts, reason: reason)
        }
    }

    private func choice(_ pair: Formulation.Pair, rank: Int) -> DeploymentChoice {
        func group(_ column: LatencyCoefficient) -> WorkerGroup {
            WorkerGroup(
                parallelism: Parallelism(tensor: column.degree), replicas: column.replicas)
        }
        let (prefill, decode) = (columns[pair.prefill], columns[pair.decode])
        return DeploymentChoice(
            deployment: .disaggregated(prefill: [group(prefill)], decode: [group(decode)]),
            rank: rank, value: max(prefill.ratio, decode.ratio),
            sum: prefill.ratio + decode.ratio)
    }

    private static func hasLayout(_ columns: [LatencyCoefficient], _ budget: GPUs) -> Bool {
        func least(_ phase: Phase) -> Int? {
            columns.filter { $0.phase == phase }.map(\.gpus.value).min()
        }
        guard let prefill = least(.prefill), let decode = least(.decode) else { return false }
        return prefill + decode <= budget.value
    }
}

extension LatencyCoefficient {
    /// GPUs that the column takes.
    var gpus: GPUs { GPUs(degree.value * replicas) }
}
