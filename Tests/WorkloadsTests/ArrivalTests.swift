import Foundation
import ServingDomain
import Testing

@testable import Workloads

@Suite("Arrivals")
struct ArrivalTests {
    struct Stream: Sendable, CustomTestStringConvertible {
        let law: Workload.Arrivals
        let seen: ArrivalLaw
        /// Of the gaps: variance over the square of the mean.
        let squaredVariation: Double

        var testDescription: String { "\(law), \(seen)" }
    }

    /// k gaps with squared variation c have c / k; a geometric number of mean k has (c + k - 1) / k.
    static let streams = [
        Stream(law: .poisson, seen: .whole, squaredVariation: 1),
        Stream(law: .poisson, seen: .thinned(7), squaredVariation: 1),
        Stream(law: .poisson, seen: .everyKth(1), squaredVariation: 1),
        Stream(law: .poisson, seen: .everyKth(16), squaredVariation: 1 / 16.0),
        Stream(law: .deterministic, seen: .whole, squaredVariation: 0),
        Stream(law: .deterministic, seen: .everyKth(3), squaredVariation: 0),
        Stream(law: .deterministic, seen: .thinned(4), squaredVariation: 3 / 4.0),
        Stream(law: .gamma(cv: 0.5), seen: .whole, squaredVariation: 0.25),
        Stream(law: .gamma(cv: 2), seen: .whole, squaredVariation: 4),
        Stream(law: .gamma(cv: 2), seen: .everyKth(4), squaredVariation: 1),
        Stream(law: .gamma(cv: 2), seen: .thinned(4), squaredVariation: 7 / 4.0),
        Stream(law: .weibull(cv: 0.5), seen: .whole, squaredVariation: 0.25),
        Stream(law: .weibull(cv: 1.5), seen: .everyKth(4), squaredVariation: 9 / 16.0),
        Stream(law: .weibull(cv: 1.5), seen: .thinned(4), squaredVariation: 5.25 / 4),
        // A rate that does not change is Poisson's.
        Stream(
            law: .markovModulated(.init(ratio: 1, share: 0.4, duration: 3)), seen: .whole,
            squaredVariation: 1),
        Stream(
            law: .profile(.init(rates: [2, 2], period: 9)), seen: .thinned(3), squaredVariation: 1),
    ]

    @Test("every law keeps the rate and has its coefficient of variation", arguments: streams)
    func moments(_ stream: Stream) {
        let n = 60_000
        let gaps = gaps(stream, count: n)
        let mean = gaps.reduce(0, +) / Double(n)
        let squares = gaps.map { ($0 - mean) * ($0 - mean) }
        let variance = squares.reduce(0, +) / Double(n)
        let fourth = squares.reduce(0) { $0 + $1 * $1 } / Double(n)
        // Four standard errors of the mean, and of the variance from the fourth moment.
        let error = 4 * 0.5 * (stream.squaredVariation / Double(n)).squareRoot()
        #expect((mean - 0.5).magnitude <= error + 1e-9)
        let spread = 4 * ((fourth - variance * variance) / Double(n)).squareRoot() / (mean * mean)
        #expect(
            (variance / (mean * mean) - stream.squaredVariation).magnitude
                <= spread + 2 * stream.squaredVariation * error / 0.5 + 1e-7)
    }

    @Test(
        "gaps of one stream are not correlated",
        arguments: streams.filter { $0.squaredVariation > 0 })
    func independence(_ stream: Stream) {
        let n = 60_000
        let gaps = gaps(stream, count: n)
        let mean = gaps.reduce(0, +) / Double(n)
        let deviations = gaps.map { $0 - mean }
        let variance = deviations.reduce(0) { $0 + $1 * $1 }
        let lagged = zip(deviations, deviations.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
        // The standard error of a correlation of independent numbers is 1 / square root of n.
        #expect((lagged / variance).magnitude < 4 / Double(n).squareRoot())
    }

    /// Variance over mean of the arrivals in windows of that many seconds.
    private func dispersion(_ arrivals: [Int64], window: Double) -> Double {
        var counts: [Int: Int] = [:]
        for arrival in arrivals { counts[Int(Double(arrival) / 1e9 / window), default: 0] += 1 }
        let last = counts.keys.max() ?? 0
        let all = (0..<last).map { Double(counts[$0] ?? 0) }
        let mean = all.reduce(0, +) / Double(all.count)
        return all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(all.count) / mean
    }

    @Test("bursts have the rate that was asked for and the dispersion of their theory")
    func bursts() {
        let (rate, share, ratio, duration) = (5.0, 0.2, 6.0, 4.0)
        let law = Workload.Arrivals.markovModulated(
            .init(ratio: ratio, share: share, duration: duration))
        let arrivals = table(law, rate: rate, count: 400_000).arrivals
        let span = Double(arrivals.last ?? 0) / 1e9
        #expect((Double(arrivals.count) / span / rate - 1).magnitude < 0.02)
        // The variance of the rate, and how fast it is forgotten (Fischer and Meier-Hellstern, 1993).
        let low = rate / (1 + share * (ratio - 1))
        let variance = (low * (ratio - 1)) * (low * (ratio - 1)) * share * (1 - share)
        let change = 1 / duration + share / (duration * (1 - share))
        for window in [2.0, 10, 60] {
            let faded = (1 - exp(-change * window)) / (change * window)
            let expected = 1 + 2 * variance / (rate * change) * (1 - faded)
            // Four standard errors of a variance, as long as windows depend little on each other.
            let error = 4 * (2 * window / span).squareRoot() + 0.03
            #expect((dispersion(arrivals, window: window) / expected - 1).magnitude < error)
        }
    }

    @Test("bursts lie where they are at every rate, and short ones beside long gaps average out")
    func burstsAtRates() {
        let law = Workload.Arrivals.markovModulated(.init(ratio: 50, share: 0.1, duration: 20))
        func busy(_ rate: Double) -> Set<Int> {
            let arrivals = table(law, rate: rate, count: Int(400 * rate)).arrivals
            var counts: [Int: Int] = [:]
            for arrival in arrivals { counts[Int(arrival / 10_000_000_000), default: 0] += 1 }
            return Set(counts.filter { Double($0.value) > 20 * rate }.keys)
        }
        let (slow, fast) = (busy(50), busy(200))
        #expect(!slow.isEmpty)
        #expect(slow.symmetricDifference(fast).count <= max(2, slow.count / 4))
        let short = Workload.Arrivals.markovModulated(.init(ratio: 9, share: 0.5, duration: 1e-6))
        let arrivals = table(short, rate: 0.01, count: 2_000).arrivals
        #expect((Double(arrivals.last ?? 0) / 1e9 / 200_000 - 1).magnitude < 0.1)
    }

    @Test("a profile has its share of arrivals in every part of the cycle, again and again")
    func profile() {
        let law = Workload.Arrivals.profile(.init(rates: [1, 0, 3], period: 30))
        let arrivals = table(law, rate: 8, count: 60_000).arrivals
        var parts = [0.0, 0, 0]
        for arrival in arrivals { parts[Int(arrival / 10_000_000_000) % 3] += 1 }
        #expect(parts[1] == 0)
        // Four standard deviations of a binomial share.
        #expect((parts[0] / 60_000 - 0.25).magnitude < 4 * (0.25 * 0.75 / 60_000).squareRoot())
        #expect((Double(arrivals.last ?? 0) / 1e9 / 7_500 - 1).magnitude < 0.03)
        // Whole cycles between two arrivals are passed over exactly.
        let rare = table(law, rate: 0.001, count: 300).arrivals
        #expect(rare.allSatisfy { Int($0 / 10_000_000_000) % 3 != 1 })
        #expect((Double(rare.last ?? 0) / 1e9 / 300_000 - 1).magnitude < 0.25)
    }

    @Test("another rate stretches gamma arrivals")
    func stretches() {
        let slow = table(.gamma(cv: 3), rate: 1, count: 200).arrivals
        let fast = table(.gamma(cv: 3), rate: 4, count: 200).arrivals
        for (a, b) in zip(slow, fast) { #expect((a - 4 * b).magnitude <= 1_000) }
    }

    @Test("in a closed loop all wait from the start, and a replica has its share of the places")
    func closed() {
        let table = table(.closed, rate: .infinity, count: 5, concurrency: 10)
        #expect(table.arrivals == [0, 0, 0, 0, 0] && table.concurrency == 10)
        #expect(
            self.table(.closed, rate: .infinity, count: 5, concurrency: 10, seen: .thinned(4))
                .concurrency == 3)
        #expect(
            self.table(.poisson, rate: 1, count: 5, concurrency: 2, seen: .everyKth(4))
                .concurrency == 1)
    }

    @Test("a recorded pattern may give way to a law")
    func recordedByLaw() {
        var recorded = SessionTable()
        for arrival in [0, 1, 5] as [Int64] {
            recorded.append(
                arrival: arrival * 1_000_000_000,
                rounds: [RoundScript(newTokens: 5, outputTokens: 5, delayAfter: 0)])
        }
        let rate = Rate(sessionsPerSecond: 0.5)
        func arrivals(_ law: Workload.Arrivals?) -> [Int64] {
            let workload = Workload(sessions: .recorded(recorded), rate: rate, arrivals: law)
            return SessionGenerator(workload: workload, seed: 1)
                .sessions(count: 3, rate: rate).arrivals
        }
        #expect(arrivals(nil) == arrivals(.replay))
        #expect(arrivals(.deterministic) == [2, 4, 6].map { $0 * 1_000_000_000 })
        #expect(arrivals(.poisson) == table(.poisson, rate: 0.5, count: 3).arrivals)
    }

    @Test("one of k replicas sees of a recorded pattern what falls to it")
    func thinnedPattern() {
        var recorded = SessionTable()
        for arrival in 0..<100 as Range<Int64> {
            recorded.append(
                arrival: arrival * 1_000_000,
                rounds: [RoundScript(newTokens: 5, outputTokens: 5, delayAfter: 0)])
        }
        let rate = Rate(sessionsPerSecond: 250)
        let arrivals = SessionGenerator(
            workload: Workload(sessions: .recorded(recorded), rate: rate), seed: 1
        ).sessions(count: 2_000, rate: rate, arrivals: .thinned(4)).arrivals
        // Whole milliseconds of the stream at 1,000 per second; a geometric number of mean 4.
        let steps = zip(arrivals, arrivals.dropFirst()).map { Double($1 - $0) / 1e6 }
        #expect(steps.allSatisfy { ($0 - $0.rounded()).magnitude < 1e-4 && $0 > 0.5 })
        let mean = steps.reduce(0, +) / Double(steps.count)
        // Four standard errors; the variance of that number is 12.
        #expect((mean - 4).magnitude < 4 * (12.0 / Double(steps.count)).squareRoot())
    }

    private func gaps(_ stream: Stream, count: Int) -> [Double] {
        let arrivals = table(stream.law, rate: 2, count: count, seen: stream.seen).arrivals
        let times = [0] + arrivals.map { Double($0) / 1e9 }
        return zip(times, times.dropFirst()).map { $1 - $0 }
    }

    private func table(
        _ law: Workload.Arrivals, rate: Double, count: Int, concurrency: Int? = nil,
        seen: ArrivalLaw = .whole
    ) -> SessionTable {
        let rate = Rate(sessionsPerSecond: rate)
        let laws = Workload.Synthetic(
            rounds: .constant(1), reading: .perRound, prefillTokens: .constant(5),
            decodeTokens: .constant(5), environmentDelay: .constant(0))
        let workload = Workload(
            sessions: .synthetic(laws), rate: rate, arrivals: law, concurrency: concurrency)
        return SessionGenerator(workload: workload, seed: 1)
            .sessions(count: count, rate: rate, arrivals: seen)
    }
}
