import DiscreteEvents
import ServingDomain

/// Arrival times drawn from a law; another rate only stretches them.
struct DrawnArrivals {
    private let law: Workload.Arrivals
    private let stream: RandomStream
    private let thinning: Thinning
    private let bursts: RandomStream

    init(_ law: Workload.Arrivals, seed: UInt64) {
        self.law = law
        bursts = RandomStream(seed: seed, named: "bursts")
        stream = RandomStream(seed: seed, named: "arrivals")
        thinning = Thinning(seed: seed)
    }

    /// Nanoseconds of the first `count` arrivals that are seen, the first one gap after the start.
    func times(_ count: Int, _ rate: Rate, _ seen: ArrivalLaw) -> [Int64] {
        let sessions = 0..<max(0, count)
        let gap = rate.sessionsPerSecond > 0 ? 1e9 / rate.sessionsPerSecond : .infinity
        switch law {
        case .closed: return sessions.map { _ in 0 }
        case .poisson, .replay: return sum(sessions.map { poisson($0, gap, seen) })
        case .gamma(let cv):
            return sum(sessions.map { gamma($0, cv, gap, seen) })
        case .weibull(let cv):
            let law = WeibullLaw(coefficientOfVariation: cv, mean: gap / Double(seen.streams))
            return sum(sessions.map { weibull($0, law, seen) })
        case .markovModulated(let law):
            return modulated(sessions, rate, seen, RateClock(law, bursts))
        case .profile(let cycle): return modulated(sessions, rate, seen, RateClock(cycle))
        case .deterministic:
            var passed = 0
            return sessions.map { session in
                passed += thinning.steps(session, seen)
                return Nanoseconds.rounding(Double(passed) * (gap / Double(seen.streams)))
            }
        }
    }

    private func sum(_ gaps: [Double]) -> [Int64] {
        var now: Int64 = 0
        return gaps.map { gap in
            now = Nanoseconds.sum(now, Nanoseconds.rounding(gap))
            return now
        }
    }

    /// Arrivals of Poisson's at a rate of 1, put where the changing rate has added up to their times.
    private func modulated(
        _ sessions: Range<Int>, _ rate: Rate, _ seen: ArrivalLaw, _ clock: RateClock
    ) -> [Int64] {
        var (clock, passed) = (clock, 0.0)
        return sessions.map { session in
            passed += poisson(session, 1, seen)
            guard rate.sessionsPerSecond > 0 else { return .max }
            return Nanoseconds.rounding(clock.time(of: passed / rate.sessionsPerSecond) * 1e9)
        }
    }

    /// A thinned Poisson process is one again.
    private func poisson(_ session: Int, _ gap: Double, _ seen: ArrivalLaw) -> Double {
        guard case .everyKth = seen else { return exponential(mean: gap, session, 0) }
        let k = seen.streams
        return (0..<k).reduce(0) { $0 + exponential(mean: gap / Double(k), session, $1) }
    }

    private func exponential(mean: Double, _ session: Int, _ part: Int) -> Double {
        Distribution.exponential(mean: mean).sample(unit: stream.unit(session, part))
    }

    /// The sum of n gaps is of the gamma law again, with n times the shape.
    private func gamma(
        _ session: Int, _ cv: Double, _ gap: Double, _ seen: ArrivalLaw
    ) -> Double {
        let gaps = Double(thinning.steps(session, seen))
        let law = GammaLaw(
            shape: gaps / (cv * cv), mean: gaps * (gap / Double(seen.streams)))
        return law.quantile(stream.unit(session))
    }
}

extension DrawnArrivals {
    /// Sums of Weibull gaps are of no law with a name: each gap is drawn.
    private func weibull(_ session: Int, _ law: WeibullLaw, _ seen: ArrivalLaw) -> Double {
        (0..<thinning.steps(session, seen)).reduce(0) {
            $0 + law.quantile(stream.unit(session, $1))
        }
    }
}

/// How far apart in a stream the arrivals are that are seen.
struct Thinning {
    private let stream: RandomStream

    init(seed: UInt64) { stream = RandomStream(seed: seed, named: "thinning") }

    /// Arrivals of the stream from the one seen before a session's to its own.
    func steps(_ session: Int, _ seen: ArrivalLaw) -> Int {
        guard case .thinned(let k) = seen, k > 1 else { return seen.streams }
        let law = Distribution.geometric(mean: Double(seen.streams))
        return Int(law.sample(unit: stream.unit(session)))
    }
}
