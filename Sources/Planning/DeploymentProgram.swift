public import IntegerProgramming
public import ServingDomain

/// One solution of the integer program.
public struct DeploymentChoice: Hashable, Sendable {
    public let deployment: Deployment
    /// 1 for the optimum.
    public let rank: Int
    /// Z: the larger of both phases' P95 over its target, or in seconds, to a millionth.
    public let value: Double
    /// Sum of both: what breaks ties of Z.
    public let sum: Double
    /// Columns of one kind of worker whose figures these are.
    let rests: [ReplicaColumn]
}

/// The best solutions of the integer program, with the solver's certificate.
public struct DeploymentSelection: Sendable {
    /// Best first; fewer than asked for where no more exist.
    public let choices: [DeploymentChoice]
    /// The best value of what was looked for first: Z, or GPUs.
    public let objective: Double
    /// The solver's, or `enumerated` where it gave up and all layouts were looked at instead.
    public let status: String
    public let bound: Double
    public let gap: Double
    /// The program as solved first, for `--write-lp`; nil where it was not solved.
    public let program: IntegerProgram?
    /// Why the solver gave up; nil where it did not.
    public let solverFault: String?
    public let rejected: [Rejection]
}

/// The integer program (Eq 5 with load shares): degree and number of replicas for each phase.
///
/// One binary per (phase, kind, k) says that k replicas of this kind, a degree in a pool, share the phase's load.
/// Minimise Z subject to
/// - Z ≥ Σ τ[phase, kind, k] · y[phase, kind, k] for each phase (C1, C2; one column is chosen,
///   so that the sum is its τ),
/// - Σ GPUs of a worker · k · y ≤ GPUs (C3), the same for the GPUs of each pool and, where that is
///   asked for, for dollars; and in each pool for each degree d, counted in workers of d GPUs, no more
///   from the larger degrees than the nodes hold,
/// - for each pair of degrees that the engine refuses, at most one of its columns,
/// - exactly one column per phase, since τ holds only where k replicas share the whole load; workers of
///   two kinds in one phase are a column of their own (`MixedColumns`).
///
/// Layouts of equal Z are told apart by further aims, each a solve of its own (`LayoutOrder`). The paper
/// prints Eq. 5 with one constant per degree, under which replica counts do not matter
/// (docs/decisions/0002-coefficients.md).
struct DeploymentProgram {
    private let space: LayoutSpace
    private let solver: Formulation.Solver
    /// Columns that cannot keep up, where others can: they come last.
    private let overloaded: [LatencyCoefficient]
    /// Whether a layout meets every target as far as the coefficients tell, where as little as possible is
    /// spent.
    let meetsTargets: Bool

    /// Leaves out the columns that miss their targets where the fewest GPUs are looked for.
    init(
        coefficients: [LatencyCoefficient], within bounds: LayoutBounds, planning: Case.Planning,
        solver: @escaping Formulation.Solver = Formulation.glpk
    ) {
        self.solver = solver
        func space(
            _ objective: Case.Planning.Objective, meetingTargets: Bool = false
        ) -> LayoutSpace {
            var planning = planning
            planning.objective = objective
            return LayoutSpace(
                coefficients, within: bounds, planning: planning, meetingTargets: meetingTargets)
        }
        // Nobody asks for it elsewhere.
        let meeting =
            planning.objective.spendsLeast ? space(planning.objective, meetingTargets: true) : nil
        meetsTargets = meeting?.hasLayout ?? false
        self.space =
            switch (meeting, meetsTargets) {
            case (let meeting?, true): meeting
            case (_?, false): space(.slo)
            case (nil, _): space(planning.objective)
            }
        overloaded = self.space.hasSteadyLayout ? coefficients.filter(\.overloaded) : []
    }

    /// Whether there is a layout at all.
    var hasLayout: Bool { space.hasLayout }

    /// The place of a layout among all in the order of the program; nil where it has no such columns.
    func place(of layout: Deployment) -> Int? {
        guard let first = space.place(.prefill, layout.groups(of: .prefill)),
            let second = space.place(.decode, layout.groups(of: .decode))
        else { return nil }
        return space.place(of: Formulation.Pair(prefill: first, decode: second))
    }

    /// The `count` best deployments as far as the columns are known, by looking at all of them.
    func candidates(_ count: Int) -> [DeploymentChoice] {
        space.enumerated(count).enumerated().map { choice($0.element, rank: $0.offset + 1) }
    }

    /// The `count` best deployments, each found by excluding those before it.
    ///
    /// Where the solver gives up, all layouts are looked at instead, with the same answer.
    func best(_ count: Int) throws(PlanningError) -> DeploymentSelection {
        let answer: (certificate: Formulation.Certificate, pairs: [Formulation.Pair])
        do {
            answer = try solved(count)
        } catch .solver(let fault) {
            return try selection(space.enumerated(count), nil, fault: fault)
        }
        return try selection(answer.pairs, answer.certificate, fault: nil)
    }

    private func solved(
        _ count: Int
    ) throws(PlanningError) -> (Formulation.Certificate, [Formulation.Pair]) {
        let certificate = try Formulation(space, excluding: [], solver).certificate()
        var chosen: [Formulation.Pair] = []
        while chosen.count < count {
            guard let pair = try Formulation(space, excluding: chosen, solver).best() else { break }
            chosen.append(pair)
        }
        return (certificate, chosen)
    }

    private func selection(
        _ pairs: [Formulation.Pair], _ certificate: Formulation.Certificate?, fault: String?
    ) throws(PlanningError) -> DeploymentSelection {
        let choices = pairs.enumerated().map { choice($0.element, rank: $0.offset + 1) }
        guard let optimum = choices.first else {
            throw .solver("no pair of columns fits into \(space.bounds.budget.gpus) GPUs")
        }
        let objective: Double =
            switch space.order.aims.first {
            case .gpus: Double(optimum.deployment.gpus.value)
            case .price: space.bounds.price(optimum.deployment.allGroups)
            case .weighted(let weight): optimum.value + weight * optimum.sum
            default: optimum.value
            }
        return DeploymentSelection(
            choices: choices, objective: objective, status: certificate?.status ?? "enumerated",
            bound: certificate?.bound ?? objective, gap: certificate?.gap ?? 0,
            program: certificate?.program, solverFault: fault,
            rejected: rejected(using: pairs))
    }

    /// One row per phase and kind for the replica counts that cannot keep up and no layout uses.
    private func rejected(using pairs: [Formulation.Pair]) -> [Rejection] {
        let used = Set(
            pairs.flatMap { [$0.prefill, $0.decode] }.flatMap { space.columns[$0].rests })
        let overloaded = overloaded.filter { !used.contains($0.column) }
        let chains = Dictionary(grouping: overloaded) { [$0.phase.rawValue, "\($0.kind)"] }
        return overloaded.compactMap { first -> Rejection? in
            let chain = chains[[first.phase.rawValue, "\(first.kind)"]] ?? []
            guard first == chain.first, let last = chain.last else { return nil }
            let letter = first.phase == .prefill ? "P" : "D"
            let name = "\(letter):\(first.kind.parallelism)x"
            let pool = first.kind.pool == GPUPool.onlyName ? "" : "@" + first.kind.pool
            let counts =
                chain.count == 1 ? "\(first.replicas)" : "\(first.replicas)...\(last.replicas)"
            let reason =
                first.phase == .prefill
                ? "cannot keep up with its share of the prefill load"
                : "cannot keep up with its share of the decode load or waits for KV memory"
            return Rejection(layout: name + counts + pool, reason: reason)
        }
    }

    private func choice(_ pair: Formulation.Pair, rank: Int) -> DeploymentChoice {
        let (prefill, decode) = (space.columns[pair.prefill], space.columns[pair.decode])
        return DeploymentChoice(
            deployment: .disaggregated(prefill: prefill.groups, decode: decode.groups),
            rank: rank, value: max(prefill.pressure, decode.pressure),
            sum: prefill.pressure + decode.pressure, rests: prefill.rests + decode.rests)
    }
}

extension LatencyCoefficient {
    var column: ReplicaColumn {
        ReplicaColumn(phase: phase, kind: kind, replicas: replicas)
    }

    /// GPUs that the column takes.
    var gpus: GPUs { GPUs(kind.gpus * replicas) }
}
