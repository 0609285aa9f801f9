import DiscreteEvents
import ServingDomain

/// The time at which a rate that changes, with a mean of 1, has added up to a number of seconds.
///
/// When the rate changes is fixed in seconds, so that another mean rate moves arrivals and no changes.
struct RateClock {
    private enum Course {
        case cycle(Workload.RateCycle, mean: Double)
        case bursts(Workload.Bursts, RandomStream, beginsInBurst: Bool)
    }

    private let course: Course
    /// The stretch of equal rate that is looked at: its number, beginning, length and rate.
    private var (place, start, length, rate) = (0, 0.0, 0.0, 0.0)
    /// What the rate has added up to before it.
    private var passed = 0.0

    init(_ cycle: Workload.RateCycle) {
        course = .cycle(
            cycle, mean: cycle.rates.reduce(0, +) / Double(max(1, cycle.rates.count)))
        begin(0)
    }

    init(_ bursts: Workload.Bursts, _ stream: RandomStream) {
        course = .bursts(bursts, stream, beginsInBurst: stream.unit(0, 1) < bursts.share)
        begin(0)
    }

    /// Seconds at which the sum is reached; sums must not decrease.
    mutating func time(of sum: Double) -> Double {
        guard sum < .infinity else { return .infinity }
        skipCycles(before: sum)
        while passed + length * rate < sum {
            passed += length * rate
            start += length
            begin(place + 1)
        }
        return rate > 0 ? start + (sum - passed) / rate : start
    }

    /// Passes over whole cycles at once: those of a profile, and bursts of which ten thousand lie before
    /// the sum, where one is worth no more than another.
    private mutating func skipCycles(before sum: Double) {
        let (cycle, parts, fewest) =
            switch course {
            case .cycle(let cycle, _): (cycle.period, cycle.rates.count, 1.0)
            case .bursts(let bursts, _, _): (bursts.duration / bursts.share, 2, 10_000.0)
            }
        let count = ((sum - passed) / cycle).rounded(.down) - 1
        guard count >= fewest else { return }
        passed += count * cycle
        start += count * cycle
        let next = count * Double(parts) + Double(place)
        // Numbers beyond these are not told apart any more.
        begin(next < 1e15 ? Int(next) : place % parts)
    }

    private mutating func begin(_ number: Int) {
        place = number
        switch course {
        case .cycle(let cycle, let mean):
            length = cycle.period / Double(cycle.rates.count)
            rate = cycle.rates[number % cycle.rates.count] / mean
        case .bursts(let bursts, let stream, let beginsInBurst):
            let isBurst = beginsInBurst == number.isMultiple(of: 2)
            let low = 1 / (1 + bursts.share * (bursts.ratio - 1))
            let pause = bursts.duration * (1 - bursts.share) / bursts.share
            rate = isBurst ? low * bursts.ratio : low
            length = Distribution.exponential(mean: isBurst ? bursts.duration : pause)
                .sample(unit: stream.unit(number))
        }
    }
}
