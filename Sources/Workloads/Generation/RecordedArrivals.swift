public import ServingDomain

/// The arrival pattern of a recorded table, repeated for ever and stretched to any rate.
struct RecordedArrivals {
    private let offsets: [Int64]
    /// Time after which the pattern starts over: the span plus one mean gap, in nanoseconds.
    private let period: Double
    private let thinning: Thinning
    /// Sessions that arrive in so many nanoseconds at the rate that the pattern was made for.
    private let pace: (sessions: Double, time: Double)

    /// `nil` where all sessions arrive at one instant, which says nothing about a pattern.
    init?(_ table: SessionTable, _ thinning: Thinning) {
        let arrivals = table.jobArrivals
        guard let first = arrivals.first, let last = arrivals.last, first < last else { return nil }
        self.thinning = thinning
        offsets = arrivals.map { $0 - first }
        period = Double(last - first) * Double(arrivals.count) / Double(arrivals.count - 1)
        pace =
            table.nominalRate.map { ($0.sessionsPerSecond, 1e9) }
            ?? (Double(arrivals.count), period)
    }

    /// Nanoseconds of `count` arrivals that are seen, from the recorded one at `start` on; that one
    /// comes at 0.
    func times(
        _ count: Int, _ rate: Rate, _ seen: ArrivalLaw, startingAt start: Int
    ) -> [Int64] {
        let gap = rate.sessionsPerSecond > 0 ? 1e9 / rate.sessionsPerSecond : .infinity
        let meanGap = gap / Double(seen.streams)
        let begin = time(start, meanGap: meanGap)
        var place = start
        return (0..<max(0, count)).map { session in
            defer { place += thinning.steps(session, seen) }
            return time(place, meanGap: meanGap) - begin
        }
    }

    private func time(_ session: Int, meanGap: Double) -> Int64 {
        let (lap, index) = session.quotientAndRemainder(dividingBy: offsets.count)
        let position = Double(lap) * period + Double(offsets[index])
        return Nanoseconds.rounding(position * (meanGap * pace.sessions / pace.time))
    }
}

extension SessionTable {
    /// Rate of the arrivals, the one they were made for or their mean; `nil` where all are at one
    /// instant.
    public var meanRate: Rate? {
        if let nominalRate { return nominalRate }
        guard let first = arrivals.first, let last = arrivals.last, first < last else { return nil }
        return Rate(sessionsPerSecond: Double(jobCount - 1) / Double(last - first) * 1e9)
    }
}
