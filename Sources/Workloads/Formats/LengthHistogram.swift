import DiscreteEvents

/// A histogram of lengths in tokens as engines export it: how many requests had at most so many.
struct LengthHistogram {
    /// Requests of at most as many tokens as the key; infinity for all.
    var cumulative: [Double: Double] = [:]
    var sum: Double?
    var count: Double?

    /// Requests in it.
    var requests: Double { count ?? cumulative[.infinity] ?? cumulative.values.max() ?? 0 }

    /// Tokens of a request on average; nil where no sum is told.
    var mean: Double? { requests > 0 ? sum.map { $0 / requests } : nil }

    /// Upper bounds of the buckets with what is in each, the last one perhaps without a bound.
    var buckets: [(bound: Double, requests: Double)] {
        var before = 0.0
        var buckets = cumulative.sorted { $0.key < $1.key }.map { bound, total in
            defer { before = total }
            return (bound: bound, requests: total - before)
        }
        if cumulative[.infinity] == nil, let count, count > before {
            buckets.append((.infinity, count - before))
        }
        return buckets
    }

    /// Why this cannot be one; nil where it can.
    var fault: String? {
        if cumulative.isEmpty { return "no buckets" }
        if let bad = buckets.first(where: { $0.requests < 0 }) {
            return "a bucket up to \(bad.bound) with fewer requests than the one before"
        }
        if let mean, !(possibleMeans ~= mean) {
            return "a mean of \(mean) tokens, where the buckets allow \(possibleMeans)"
        }
        return nil
    }

    /// Between which tokens the mean of such buckets lies; a little more, since a scrape is not made in an
    /// instant.
    private var possibleMeans: ClosedRange<Double> {
        let spans = spans(openEnd: Self.longest)
        let all = max(1, spans.reduce(0) { $0 + $1.requests })
        let least = spans.reduce(0) { $0 + $1.requests * ($1.low + 1) } / all
        let most = spans.reduce(0) { $0 + $1.requests * $1.high } / all
        return 0.95 * least - 1...1.05 * most + 1
    }

    /// What came since an earlier state; nil where something became less.
    func since(_ earlier: Self) -> Self? {
        guard Set(cumulative.keys) == Set(earlier.cumulative.keys) else { return nil }
        var difference = Self()
        for (bound, total) in cumulative {
            guard let before = earlier.cumulative[bound], before <= total else { return nil }
            difference.cumulative[bound] = total - before
        }
        if let sum, let before = earlier.sum { difference.sum = sum - before }
        if let count, let before = earlier.count { difference.count = count - before }
        return difference
    }

    /// Both together; nil where their bounds differ.
    func adding(_ other: Self) -> Self? {
        guard Set(cumulative.keys) == Set(other.cumulative.keys) else { return nil }
        var total = Self()
        total.cumulative = cumulative.merging(other.cumulative, uniquingKeysWith: +)
        if let sum, let more = other.sum { total.sum = sum + more }
        if let count, let more = other.count { total.count = count + more }
        return total
    }

    /// So many lengths, in ascending order, of which as large a share lies in each bucket as here.
    ///
    /// Within all buckets they are placed alike, densest at one end, so that they have the mean that is
    /// told; without a sum, evenly. A last bucket without a bound goes to twice the one before, or as far
    /// as the mean takes.
    func lengths(_ wanted: Int) -> [Int] {
        let spans = spans()
        let all = spans.reduce(0) { $0 + $1.requests }
        guard all > 0 else { return [] }
        // The average place within buckets, from their lower ends on.
        let lows = spans.reduce(0) { $0 + $1.requests * ($1.low + 0.5) } / all
        let widths = spans.reduce(0) { $0 + $1.requests * ($1.high - $1.low) } / all
        let told = mean.map { widths > 0 ? ($0 - lows) / widths : 0.5 } ?? 0.5
        let exponent = 1 / min(max(told, 0.01), 0.99) - 1
        var lengths: [Int] = []
        var (span, before) = (0, 0.0)
        for index in 0..<wanted {
            let rank = (Double(index) + 0.5) / Double(wanted) * all
            while span < spans.count - 1, rank > before + spans[span].requests {
                before += spans[span].requests
                span += 1
            }
            let (low, high, requests) = spans[span]
            let share = min(1, (rank - before) / requests)
            let place =
                share > 0 ? DeterministicMath.exp(exponent * DeterministicMath.log(share)) : 0
            let length = (low + (high - low) * place).rounded(.up)
            lengths.append(Int(min(max(length, low + 1), high)))
        }
        return lengths
    }

    /// Buckets with requests, with whole numbers of tokens as their bounds; a last one without a bound
    /// goes as far as the sum takes it, or to a given end.
    private func spans(
        openEnd end: Double? = nil
    ) -> [(low: Double, high: Double, requests: Double)] {
        var low = 0.0
        var spans: [(low: Double, high: Double, requests: Double)] = []
        for bucket in buckets {
            let high = min(bucket.bound, Self.longest).rounded(.down)
            defer { low = max(low, high) }
            guard bucket.requests > 0 else { continue }
            // Only requests without a token lie in a bucket up to 0.
            let start = high < 1 ? -1 : low
            let end = bucket.bound == .infinity ? .infinity : max(high, start + 1)
            spans.append((start, end, bucket.requests))
        }
        guard let last = spans.last, last.high == .infinity else { return spans }
        spans[spans.count - 1].high =
            end ?? openEnd(above: last.low, last.requests, spans.dropLast())
        return spans
    }

    /// Where the last bucket ends: where all lie evenly in theirs, those in it have the rest of the sum.
    private func openEnd(
        above low: Double, _ requests: Double,
        _ others: ArraySlice<(low: Double, high: Double, requests: Double)>
    ) -> Double {
        let least = max(1, low)
        guard let sum else { return min(2 * least, Self.longest) }
        let rest = sum - others.reduce(0) { $0 + $1.requests * ($1.low + $1.high + 1) / 2 }
        let end = 2 * rest / requests - low
        return min(max(end, 1.1 * least).rounded(.up), Self.longest)
    }

    /// No length is longer, in tokens.
    private static let longest = Double(Int32.max)
}
