import DiscreteEvents

/// Workers that may begin something, each once.
struct BeginningWorkers: ~Copyable {
    private var prefill = Slab<Int32>()
    private var serving = Slab<Int32>()

    var isEmpty: Bool { prefill.isEmpty && serving.isEmpty }

    mutating func addPrefill(_ index: Int) { Self.add(index, to: &prefill) }
    mutating func addServing(_ index: Int) { Self.add(index, to: &serving) }

    /// The lowest number that waits.
    mutating func takePrefill() -> Int? { prefill.popLast().map(Int.init) }
    mutating func takeServing() -> Int? { serving.popLast().map(Int.init) }

    /// Keeps the numbers in falling order; there are seldom more than a few.
    private static func add(_ index: Int, to numbers: inout Slab<Int32>) {
        let number = Int32(index)
        guard let last = numbers.last, last <= number else { return numbers.append(number) }
        var place = numbers.count
        while place > 0, numbers[place - 1] <= number {
            if numbers[place - 1] == number { return }
            place -= 1
        }
        numbers.insert(number, at: place)
    }
}
