import DiscreteEvents

/// Takes starts of calls nearly in order, and keeps what `ArrivalFigures` says of them.
///
/// Starts that are out of order are put back while no more than `window` others lie between; those
/// that come later still are counted and left out of the gaps and bins.
struct ArrivalCounter: Hashable, Sendable {
    static let window = 1 << 16
    private static let bin: Int64 = 10_000_000_000

    private var waiting: [Int64] = []
    private var isSorted = true
    private var (first, last): (Int64?, Int64) = (nil, .min)
    private var (count, distinct, late, unsorted) = (0, 0, 0, 0)
    private var previous = Int64.min
    /// Of the gaps in seconds, by Welford's method.
    private var (gaps, mean, squares) = (0, 0.0, 0.0)
    /// The bin that is being filled, counted from the first start, and its calls.
    private var (place, filled): (Int64, Int) = (0, 0)
    /// Sums of the bins before it.
    private var (sum, sumOfSquares) = (0.0, 0.0)
    private var rates = RateProfile()

    mutating func add(_ start: Int64) {
        if start < previous { unsorted += 1 }
        if start < waiting.last ?? start { isSorted = false }
        previous = start
        waiting.append(start)
        guard waiting.count == 2 * Self.window else { return }
        if !isSorted { waiting.sort() }
        isSorted = true
        for start in waiting.prefix(Self.window) { take(start) }
        waiting.removeFirst(Self.window)
    }

    /// What is known when all have come; nil where there were none.
    func figures() -> ArrivalFigures? {
        var copy = self
        for start in copy.waiting.sorted() { copy.take(start) }
        copy.waiting = []
        return copy.result
    }

    private var result: ArrivalFigures? {
        guard let first else { return nil }
        let span = Double(last - first) / 1e9
        let bins = Double((last - first) / Self.bin)
        let meanOfBins = bins > 0 ? sum / bins : 0
        let variance = bins > 0 ? sumOfSquares / bins - meanOfBins * meanOfBins : 0
        return ArrivalFigures(
            count: count, span: span, rate: span > 0 ? Double(count) / span : nil,
            gapVariation: late == 0 && mean > 0
                ? (squares / Double(gaps)).squareRoot() / mean : nil,
            dispersion: late == 0 && meanOfBins > 0 ? variance / meanOfBins : nil,
            distinctStarts: distinct,
            unsorted: unsorted, late: late, rates: late == 0 ? rates : nil)
    }

    private mutating func take(_ start: Int64) {
        count += 1
        guard let first else {
            first = start
            (last, distinct, filled) = (start, 1, 1)
            return rates.add(at: 0)
        }
        guard start >= last else { return late += 1 }
        if start != last { distinct += 1 }
        let gap = Double(start - last) / 1e9
        last = start
        gaps += 1
        let difference = gap - mean
        mean += difference / Double(gaps)
        squares += difference * (gap - mean)
        rates.add(at: start - first)
        let bin = (start - first) / Self.bin
        if bin != place {
            sum += Double(filled)
            sumOfSquares += Double(filled) * Double(filled)
            (place, filled) = (bin, 0)
        }
        filled += 1
    }
}

/// How many calls came in equal stretches of time, at most `most` of them: ten seconds long, or as
/// often twice that as it takes.
public struct RateProfile: Hashable, Sendable {
    private static let most = 96

    /// Length of a stretch in seconds.
    public private(set) var seconds = 10
    public private(set) var counts: [Int] = []

    init() {}

    /// - Parameter time: nanoseconds from the first call.
    mutating func add(at time: Int64) {
        var place = Int(time / 1_000_000_000) / seconds
        while place >= Self.most {
            counts = stride(from: 0, to: counts.count, by: 2).map {
                counts[$0] + ($0 + 1 < counts.count ? counts[$0 + 1] : 0)
            }
            seconds *= 2
            place /= 2
        }
        while counts.count <= place { counts.append(0) }
        counts[place] += 1
    }
}
