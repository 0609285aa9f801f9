import IntegerProgramming

/// A random knapsack: which items to take for the greatest value within the capacities.
struct Knapsack {
    let values: [Int]
    /// One row of weights per capacity.
    let weights: [[Int]]
    let capacities: [Int]

    init(seed: UInt64, items: Int, capacities count: Int, numbers: ClosedRange<Int> = 1...40) {
        var random = SplitMix64(seed: seed)
        values = (0..<items).map { _ in random.whole(numbers) }
        let weights = (0..<count).map { _ in (0..<items).map { _ in random.whole(numbers) } }
        self.weights = weights
        capacities = weights.map { $0.reduce(0, +) / 2 }
    }

    var program: IntegerProgram {
        var program = IntegerProgram()
        let items = values.indices.map { program.binary("item_\($0)") }
        for (index, row) in weights.enumerated() {
            let weight = zip(row, items).map { Double($0) * $1 }.sum()
            program.subject(to: weight <= Double(capacities[index]), named: "capacity_\(index)")
        }
        program.minimise(-zip(values, items).map { Double($0) * $1 }.sum())
        return program
    }

    /// Greatest value by trying every choice.
    var bestByEnumeration: Int {
        (0..<(1 << values.count)).reduce(0) { best, choice in
            let taken = values.indices.filter { choice >> $0 & 1 == 1 }
            let fits = zip(weights, capacities).allSatisfy { row, capacity in
                taken.reduce(0) { $0 + row[$1] } <= capacity
            }
            return fits ? max(best, taken.reduce(0) { $0 + values[$1] }) : best
        }
    }
}
