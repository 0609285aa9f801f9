import IntegerProgramming
import ServingDomain

/// The integer program over given columns, without the layouts already found.
struct Formulation {
    /// Indices of the two chosen columns.
    struct Pair: Hashable {
        let prefill: Int
        let decode: Int
    }

    /// The first, single-objective solve with its certificate.
    struct Certificate {
        let program: IntegerProgram
        let status: String
        let bound: Double
        let gap: Double
    }

    /// Finds the optimum of a program.
    typealias Solver = (IntegerProgram) throws(SolverError) -> Solution

    static let glpk: @Sendable (IntegerProgram) throws(SolverError) -> Solution = {
        (program) throws(SolverError) in try program.solve()
    }

    private let solver: Solver
    private let columns: [LayoutColumn]
    private let order: LayoutOrder
    private let program: IntegerProgram
    private let pressure: Variable
    private let choices: [Variable]
    private let hasSteadyLayout: Bool

    init(_ space: LayoutSpace, excluding found: [Pair], _ solver: @escaping Solver) {
        self.solver = solver
        var program = IntegerProgram()
        let (columns, bounds) = (space.columns, space.bounds)
        let pressure = program.continuous("Z", from: 0, to: .infinity)
        let choices = columns.map { column in
            program.binary(column.name(in: bounds))
        }
        for phase in Phase.allCases {
            let ofPhase = zip(columns, choices).filter { $0.0.phase == phase }
            program.subject(
                to: pressure >= ofPhase.map { $0.pressure * $1 }.sum(),
                named: "pressure_\(phase.rawValue)")
            program.subject(
                to: ofPhase.map(\.1).sum() == 1, named: "one_\(phase.rawValue)_column")
        }
        Self.limit(&program, columns, choices, bounds)
        for pair in bounds.forbidden.sorted() {
            let ofPair = zip(columns, choices).filter { column, _ in
                column.has(column.phase == .prefill ? pair.prefill : pair.decode)
            }
            program.subject(
                to: ofPair.map(\.1).sum() <= 1,
                named: "engine_refuses_tp\(pair.prefill)_tp\(pair.decode)")
        }
        for (index, pair) in found.enumerated() {
            program.subject(
                to: choices[pair.prefill] + choices[pair.decode] <= 1,
                named: "not_layout_\(index + 1)")
        }
        (self.columns, order, self.program) = (columns, space.order, program)
        (self.pressure, self.choices) = (pressure, choices)
        hasSteadyLayout = found.isEmpty && space.hasSteadyLayout
    }

    /// GPUs, dollars and the room on nodes.
    private static func limit(
        _ program: inout IntegerProgram, _ columns: [LayoutColumn], _ choices: [Variable],
        _ bounds: LayoutBounds
    ) {
        let budget = bounds.budget
        let gpus = zip(columns, choices).map { Double($0.gpus) * $1 }.sum()
        program.subject(to: gpus <= Double(budget.gpus), named: "gpu_budget")
        if bounds.fillsBudget {
            program.subject(to: gpus >= Double(budget.gpus), named: "every_gpu")
        }
        if let dollars = budget.usdPerHour {
            let price = zip(columns, choices).map { $0.price * $1 }.sum()
            program.subject(
                to: price <= dollars + LayoutBounds.priceStep / 2, named: "usd_budget")
        }
        for (place, pool) in bounds.pools.enumerated() {
            let mark = bounds.pools.count > 1 ? "_pool\(place + 1)" : ""
            let most = pool.cluster.gpus.value
            if bounds.pools.count > 1, most < budget.gpus {
                let own = zip(columns, choices).map { Double($0.gpus(in: pool.name)) * $1 }
                program.subject(to: own.sum() <= Double(most), named: "gpus\(mark)")
            }
            let groups = columns.flatMap(\.groups).filter { $0.pool == pool.name }
            for degree in Set(groups.map(\.degree)).sorted()
            where pool.cluster.room(for: degree) * degree.value < budget.gpus {
                let units = zip(columns, choices).map { column, choice in
                    Double(column.units(of: degree, in: pool.name)) * choice
                }
                program.subject(
                    to: units.sum() <= Double(pool.cluster.room(for: degree)),
                    named: "node_room\(mark)_tp\(degree)")
            }
        }
    }

    /// The first aim of the order alone, among layouts that keep up where there are some.
    func certificate() throws(PlanningError) -> Certificate {
        var program = program
        if hasSteadyLayout { leaveOut(&program, "steady", where: \.isOverloaded) }
        program.minimise(expression(of: order.aims[0]))
        let solution = try solve(program)
        return Certificate(
            program: program, status: solution.status.rawValue, bound: solution.bound,
            gap: solution.gap ?? 0)
    }

    /// The best layout in the order; nil where none is left.
    ///
    /// Each aim is a further solve, with what the aims before it reached held by constraints that are
    /// exact: figures lie on a grid, and the constraint is half a step above the best one.
    func best() throws(PlanningError) -> Pair? {
        for most in 0...Phase.allCases.count {
            if let found = try best(overloadedPhases: most) { return found }
            // Where all columns keep up, there is no more.
            if !columns.contains(where: \.isOverloaded) { return nil }
        }
        return nil
    }

    /// The best layout with at most so many phases that cannot keep up.
    private func best(overloadedPhases most: Int) throws(PlanningError) -> Pair? {
        var program = program
        if most == 0 {
            leaveOut(&program, "steady", where: \.isOverloaded)
        } else {
            let overloaded = zip(columns, choices).filter(\.0.isOverloaded).map(\.1)
            program.subject(to: overloaded.sum() <= Double(most), named: "overloaded_phases")
        }
        var best: Pair?
        for aim in order.aims {
            program.minimise(expression(of: aim))
            guard let found = try pair(program) else { return best }
            best = found
            hold(aim, at: found, &program)
        }
        return best
    }

    private func expression(of aim: LayoutOrder.Aim) -> LinearExpression {
        switch aim {
        case .pressure: 1 * pressure
        case .weighted(let weight):
            1 * pressure + weight * expression(of: .sum)
        case .sum: sum(\.pressure)
        case .price: sum(\.price)
        case .gpus: sum { Double($0.gpus) }
        case .replicas: sum { Double($0.replicas) }
        case .kvRoom: -1 * sum(\.kvShare)
        }
    }

    private func sum(_ figure: (LayoutColumn) -> Double) -> LinearExpression {
        zip(columns, choices).map { figure($0) * $1 }.sum()
    }

    /// Keeps what an aim has reached.
    private func hold(_ aim: LayoutOrder.Aim, at pair: Pair, _ program: inout IntegerProgram) {
        let (prefill, decode) = (columns[pair.prefill], columns[pair.decode])
        switch aim {
        case .pressure:
            // Without the columns above it.
            let most = max(prefill.pressure, decode.pressure)
            leaveOut(&program, "least_pressure") { $0.pressure > most }
        case .kvRoom:
            leaveOut(&program, "most_kv_room") {
                $0.phase == .decode && $0.kvShare < decode.kvShare
            }
        case .sum:
            let least = prefill.pressure + decode.pressure
            program.subject(
                to: expression(of: aim) <= least + LayoutColumn.step / 2, named: "least_sum")
        case .weighted(let weight):
            let least =
                max(prefill.pressure, decode.pressure)
                + weight * (prefill.pressure + decode.pressure)
            program.subject(
                to: expression(of: aim) <= least + LayoutColumn.step / 2, named: "least_weighted")
        case .price:
            program.subject(
                to: expression(of: aim) <= prefill.price + decode.price
                    + LayoutBounds.priceStep / 2, named: "least_price")
        case .gpus:
            program.subject(
                to: expression(of: aim) <= Double(prefill.gpus + decode.gpus) + 0.5,
                named: "fewest_gpus")
        case .replicas:
            program.subject(
                to: expression(of: aim) <= Double(prefill.replicas + decode.replicas) + 0.5,
                named: "fewest_replicas")
        }
    }

    private func leaveOut(
        _ program: inout IntegerProgram, _ name: String, where isOut: (LayoutColumn) -> Bool
    ) {
        let out = zip(columns, choices).filter { isOut($0.0) }.map(\.1)
        if !out.isEmpty { program.subject(to: out.sum() <= 0, named: name) }
    }

    private func pair(_ program: IntegerProgram) throws(PlanningError) -> Pair? {
        let solution = try solve(program)
        guard let prefill = index(.prefill, solution), let decode = index(.decode, solution) else {
            return nil
        }
        return Pair(prefill: prefill, decode: decode)
    }

    private func index(_ phase: Phase, _ solution: Solution) -> Int? {
        columns.indices.first { columns[$0].phase == phase && solution.isOne(choices[$0]) }
    }

    private func solve(_ program: IntegerProgram) throws(PlanningError) -> Solution {
        do {
            return try solver(program)
        } catch {
            throw .solver(error.description)
        }
    }
}

extension LayoutColumn {
    /// Name of the choice of the column: phase, and of each kind degrees, pool where there are several, and
    /// replicas.
    fileprivate func name(in bounds: LayoutBounds) -> String {
        let parts = groups.map { group in
            let place = bounds.pools.firstIndex { $0.name == group.pool } ?? 0
            let pool = bounds.pools.count > 1 ? "_pool\(place + 1)" : ""
            return "_tp\(group.parallelism)\(pool)_k\(group.replicas)"
        }
        return "y_\(phase.rawValue)" + parts.joined()
    }
}
