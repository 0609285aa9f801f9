import DiscreteEvents
public import ServingDomain

/// How the sessions of a trace follow each other.
public struct ArrivalFit: Hashable, Sendable {
    /// Sessions per second over the span of the trace.
    public let rate: Rate
    public let arrivals: Workload.Arrivals
    /// Sentence that says what the law was chosen by.
    public let reason: String

    /// A coefficient of variation this near to 1 is taken for Poisson's.
    private static let poissonMargin = 0.05
    /// Counts that vary by so much more than the gaps tell are those of a rate that changes.
    private static let burstMargin = 1.3
    /// And so are those that vary by so much less: long times of nothing are among the gaps.
    private static let pauseMargin = 4.0

    /// The rate where a workload file may state it, which is from 10⁻⁶ to 10⁶ sessions per second.
    public var statedRate: Rate? {
        1e-6...1e6 ~= rate.sessionsPerSecond ? rate : nil
    }

    /// Of all sessions of a trace; nil where it has no times, or too few.
    init?(_ statistics: TraceStatistics) { self.init(statistics.sessionArrivals) }

    /// Of sessions that arrive by themselves; nil where they have no times, or too few.
    init?(jobsOf table: SessionTable) {
        var counter = ArrivalCounter()
        for arrival in table.jobArrivals { counter.add(arrival) }
        self.init(counter.figures())
    }

    private init?(_ figures: ArrivalFigures?) {
        guard let figures, let perSecond = figures.rate, figures.count > 1, perSecond > 0
        else { return nil }
        rate = Rate(sessionsPerSecond: perSecond)
        // Where a clock is coarse, gaps say nothing, and counts still do.
        let counts = figures.dispersion.map { $0.squareRoot() }
        let gaps = figures.isCoarse ? nil : figures.gapVariation
        let squared = gaps.map { $0 * $0 } ?? 1
        if let dispersion = figures.dispersion, dispersion > Self.burstMargin,
            dispersion > Self.burstMargin * squared || squared > Self.pauseMargin * dispersion,
            let bursts = BurstFit(figures, dispersion, perSecond)?.bursts
        {
            arrivals = .markovModulated(bursts)
            reason =
                "counts in 10 s and in longer stretches vary more than independent gaps would let them"
            return
        }
        if let gaps, gaps < 0.005, figures.count > 2 {
            arrivals = .deterministic
            reason = "all gaps between sessions are alike"
            return
        }
        guard let cv = gaps ?? counts, cv > 0 else {
            arrivals = .poisson
            reason = "the trace does not tell how arrivals vary"
            return
        }
        let source =
            gaps == nil
            ? "the root of the dispersion of counts in 10 s, because many sessions share a timestamp"
            : "the gaps between sessions"
        if (cv - 1).magnitude < Self.poissonMargin {
            arrivals = .poisson
            reason =
                "a coefficient of variation of \(cv.rounded(toDigits: 3)), from \(source), is near 1"
        } else {
            arrivals = .gamma(cv: min(100, max(0.01, cv.rounded(toDigits: 4))))
            reason = "a coefficient of variation from \(source)"
        }
    }
}

/// The bursts that explain how counts of arrivals vary in stretches of two lengths.
///
/// In stretches of t seconds the index of dispersion is 1 + A (1 − (1 − e^−rt) / rt): r is how fast a
/// burst is forgotten, and A twice the variance of the rate over the rate and r (Fischer and
/// Meier-Hellstern, "The Markov-modulated Poisson process cookbook", Performance Evaluation 18, 1993).
private struct BurstFit {
    /// Stretches of each length that tell enough of their variance.
    private static let fewest = 20

    let bursts: Workload.Bursts

    init?(_ figures: ArrivalFigures, _ dispersion: Double, _ rate: Double) {
        guard let profile = figures.rates, profile.seconds > 10,
            profile.counts.count > Self.fewest
        else { return nil }
        // The last stretch is not whole.
        let counts = profile.counts.dropLast().map(Double.init)
        let mean = counts.reduce(0, +) / Double(counts.count)
        let variance =
            counts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(counts.count)
        guard mean > 0, variance / mean > dispersion else { return nil }
        let (short, long) = (10.0, Double(profile.seconds))
        let growth = (variance / mean - 1) / (dispersion - 1)
        // Growth falls from long / short, where nothing is forgotten, to 1.
        guard growth < 0.98 * long / short else { return nil }
        let forgetting = MaximumLikelihood.root(between: 1e-6, 10) { r in
            growth - Self.faded(r * long) / Self.faded(r * short)
        }
        let scale = (dispersion - 1) / Self.faded(forgetting * short)
        // Standard deviation of the rate over the rate.
        let variation = (scale * forgetting / (2 * rate)).squareRoot()
        // Half of the time, or as much as bursts can take that make so much of a difference.
        let share = min(0.5, 0.9 / (1 + variation * variation))
        let excess = variation / ((share * (1 - share)).squareRoot() - variation * share)
        let duration = 1 / (forgetting * (1 - share))
        guard excess > 0, excess < 9_999, duration < 1e6 else { return nil }
        bursts = Workload.Bursts(
            ratio: (1 + excess).rounded(toDigits: 4), share: share.rounded(toDigits: 4),
            duration: duration.rounded(toDigits: 4))
    }

    private static func faded(_ x: Double) -> Double {
        x < 1e-4 ? x / 2 : 1 - (1 - DeterministicMath.exp(-x)) / x
    }
}
