import DiscreteEvents

/// One row of numbers: the figures, then what each group adds up to.
extension ArrivalSeries: Codable {
    func encode(to encoder: any Encoder) throws {
        var numbers = PackedNumbers()
        for number in [groupSize, filling, counts.count] + counts { numbers.append(UInt64(number)) }
        for sum in sums { numbers.append(sum) }
        try numbers.encode(to: encoder)
    }

    init(from decoder: any Decoder) throws {
        var numbers = try PackedNumbers(from: decoder)
        guard let groupSize = numbers.nextInt(), let filling = numbers.nextInt(),
            let size = numbers.nextInt(), size <= Self.most
        else { throw numbers.corrupted(decoder) }
        let counts = (0..<size).compactMap { _ in numbers.nextInt() }
        let sums = (0..<size).compactMap { _ in numbers.nextDouble() }
        guard counts.count == size, sums.count == size, groupSize > 0 else {
            throw numbers.corrupted(decoder)
        }
        self.init(groupSize: groupSize, filling: filling, sums: sums, counts: counts)
    }
}
