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

    private let columns: [LatencyCoefficient]
    private let program: IntegerProgram
    private let pressure: Variable
    private let choices: [Variable]

    init(columns: [LatencyCoefficient], cluster: Cluster, excluding found: [Pair]) {
        var program = IntegerProgram()
        let pressure = program.continuous("Z", from: 0, to: .infinity)
        let choices = columns.map { column in
            program.binary("y_\(column.phase.rawValue)_tp\(column.degree)_k\(column.replicas)")
        }
        for phase in Phase.allCases {
            let ofPhase = zip(columns, choices).filter { $0.0.phase == phase }
            program.subject(
                to: pressure >= ofPhase.map { $0.ratio * $1 }.sum(),
                named: "pressure_\(phase.rawValue)")
            program.subject(
                to: ofPhase.map(\.1).sum() == 1, named: "one_\(phase.rawValue)_column")
        }
        let gpus = zip(columns, choices).map { Double($0.gpus.value) * $1 }.sum()
        program.subject(to: gpus <= Double(cluster.gpus.value), named: "gpu_budget")
        for degree in Set(columns.map(\.degree)).sorted()
        where cluster.room(for: degree) * degree.value < cluster.gpus.value {
            let units = zip(columns, choices).filter { $0.0.degree >= degree }
                .map { Double($0.gpus.value / degree.value) * $1 }.sum()
            program.subject(
                to: units <= Double(cluster.room(for: degree)), named: "node_room_tp\(degree)")
        }
        for (index, pair) in found.enumerated() {
            program.subject(
                to: choices[pair.prefill] + choices[pair.decode] <= 1,
                named: "not_layout_\(index + 1)")
        }
        (self.columns, self.program) = (columns, program)
        (self.pressure, self.choices) = (pressure, choices)
    }

    /// Least Z alone.
    func leastPressure() throws(PlanningError) -> Certificate {
        var program = program
        program.minimise(pressure)
        let solution = try solve(program)
        return Certificate(
            program: program, status: solution.status.rawValue, bound: solution.bound,
            gap: solution.gap ?? 0)
    }

    /// Least Z, then the least sum of both ratios at that Z, then the fewest GPUs; nil where no
    /// layout is left.
    ///
    /// Z is fixed by leaving out every column above it, which is exact; the sum is fixed up to the
    /// solver's own tolerance.
    func best() throws(PlanningError) -> Pair? {
        var program = program
        program.minimise(pressure)
        guard let first = try pair(program) else { return nil }
        let least = max(columns[first.prefill].ratio, columns[first.decode].ratio)
        let above = zip(columns, choices).filter { $0.0.ratio > least }.map(\.1)
        program.subject(to: above.sum() <= 0, named: "least_pressure")
        let sum = zip(columns, choices).map { $0.ratio * $1 }.sum()
        program.minimise(sum)
        guard let second = try pair(program) else { return first }
        let leastSum = columns[second.prefill].ratio + columns[second.decode].ratio
        program.subject(to: sum <= leastSum * (1 + 1e-6), named: "least_sum")
        program.minimise(zip(columns, choices).map { Double($0.gpus.value) * $1 }.sum())
        return try pair(program) ?? second
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
            return try program.solve()
        } catch {
            throw .solver(error.description)
        }
    }
}
