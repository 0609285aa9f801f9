import DiscreteEvents
import ServingDomain

/// Arrival times drawn from a law; another rate only stretches them.
struct DrawnArrivals {
    private let stream: RandomStream

    init(seed: UInt64) { stream = RandomStream(seed: seed, named: "arrivals") }

    /// Nanoseconds of the first `count` arrivals, the first one gap after the start.
    func times(_ count: Int, _ rate: Rate, _ law: ArrivalLaw) -> [Int64] {
        let sessions = 0..<max(0, count)
        let gap = rate.sessionsPerSecond > 0 ? 1e9 / rate.sessionsPerSecond : .infinity
        switch law {
        case .poisson: return sum(sessions.map { exponential(mean: gap, $0, 0) })
        case .everyKth(let k): return sum(sessions.map { erlang(max(1, k), mean: gap, $0) })
        case .deterministic: return sessions.map { Nanoseconds.rounding(Double($0 + 1) * gap) }
        }
    }

    private func sum(_ gaps: [Double]) -> [Int64] {
        var now: Int64 = 0
        return gaps.map { gap in
            now = Nanoseconds.sum(now, Nanoseconds.rounding(gap))
            return now
        }
    }

    private func erlang(_ k: Int, mean: Double, _ session: Int) -> Double {
        (0..<k).reduce(0) { $0 + exponential(mean: mean / Double(k), session, $1) }
    }

    private func exponential(mean: Double, _ session: Int, _ part: Int) -> Double {
        Distribution.exponential(mean: mean).sample(unit: stream.unit(session, part))
    }
}
