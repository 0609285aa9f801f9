/// One row of numbers: the figures, then for each bin that is not empty how many were skipped and what it
/// counts. Nothing is lost.
extension LogHistogram: Codable {
    public func encode(to encoder: any Encoder) throws {
        var numbers = PackedNumbers()
        numbers.append(UInt64(count))
        numbers.append(UInt64(zeros))
        for figure in [sum, least, greatest] { numbers.append(figure) }
        numbers.append(UInt64(origin))
        numbers.append(UInt64(bins.count))
        var skipped: UInt64 = 0
        for bin in bins {
            guard bin > 0 else {
                skipped += 1
                continue
            }
            numbers.append(skipped)
            numbers.append(UInt64(bin))
            skipped = 0
        }
        try numbers.encode(to: encoder)
    }

    public init(from decoder: any Decoder) throws {
        var numbers = try PackedNumbers(from: decoder)
        guard let histogram = Self(&numbers) else { throw numbers.corrupted(decoder) }
        self = histogram
    }

    private init?(_ numbers: inout PackedNumbers) {
        guard let count = numbers.nextInt(), let zeros = numbers.nextInt(),
            let sum = numbers.nextDouble(),
            let least = numbers.nextDouble(), let greatest = numbers.nextDouble(),
            let origin = numbers.nextInt(),
            let size = numbers.nextInt(), size <= 1 << 22
        else { return nil }
        var bins = [Int](repeating: 0, count: size)
        var place = -1
        while !numbers.isAtEnd {
            guard let skipped = numbers.nextInt(), let value = numbers.nextInt(),
                skipped < size - place - 1
            else { return nil }
            place += skipped + 1
            bins[place] = value
        }
        self.init(
            count: count, zeros: zeros, sum: sum,
            least: least, greatest: greatest, bins: bins,
            origin: origin)
    }
}
