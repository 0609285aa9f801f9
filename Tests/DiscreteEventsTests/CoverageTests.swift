import Foundation
import Testing

@testable import DiscreteEvents

/// 95 % intervals from few replications hold the truth in 93 to 97 % of independent experiments.
///
/// Latencies come from the waiting-time recursion of Lindley, quicker than any simulator, so that a
/// thousand experiments take seconds. 120 of them in every test run, 1,000 with AMPD_VERIFY.
@Suite("Coverage of confidence intervals")
struct CoverageTests {
    private static let experiments =
        ProcessInfo.processInfo.environment["AMPD_VERIFY"] == nil ? 120 : 1_000

    /// Room for 93 to 97 % of 1,000, and for three standard errors where there are fewer.
    private static var allowed: ClosedRange<Double> {
        let error = (0.95 * 0.05 / Double(experiments)).squareRoot()
        return experiments < 1_000 ? (0.95 - 0.02 - 2 * error)...1 : 0.93...0.97
    }

    @Test("M/M/1: mean and P95 of the response time", arguments: [0.3, 0.8])
    func exponentialService(load: Double) {
        let queue = LindleyQueue(load: load, service: .exponential(mean: 1))
        let truth = Truth(mean: 1 / (1 - load), p95: log(20) / (1 - load))
        expectCoverage(queue, truth, replications: 10, customers: load < 0.5 ? 1_000 : 5_000)
    }

    /// Lengths with a Hill index of 1.5 over two and a half decades, as a context limit leaves them.
    @Test("M/G/1 with heavy-tailed, bounded service", arguments: [0.3, 0.8])
    func heavyTails(load: Double) throws {
        let queue = LindleyQueue(load: load, service: .boundedPareto)
        expectCoverage(queue, queue.longRun(), replications: 10, customers: 10_000)
    }

    @Test("few short runs at low load are enough")
    func shortRuns() {
        let queue = LindleyQueue(load: 0.3, service: .exponential(mean: 1))
        let truth = Truth(mean: 1 / 0.7, p95: log(20) / 0.7)
        expectCoverage(queue, truth, replications: 5, customers: 1_000)
    }

    private struct Coverage {
        var mean = 0
        var p95 = 0
    }

    private func expectCoverage(
        _ queue: LindleyQueue, _ truth: Truth, replications: Int, customers: Int
    ) {
        var held = Coverage()
        for experiment in 0..<Self.experiments {
            let runs = (0..<replications).map {
                queue.responses(seed: UInt64(experiment * replications + $0), customers)
            }
            let totals = runs.map { ReplicationTotal(amount: $0.sum, units: Double($0.count)) }
            if let mean = ConfidenceInterval.ratio(of: totals), mean.holds(truth.mean) {
                held.mean += 1
            }
            if let p95 = ConfidenceInterval.percentile(95, of: runs), p95.holds(truth.p95) {
                held.p95 += 1
            }
        }
        let (mean, p95) = (share(held.mean), share(held.p95))
        #expect(Self.allowed.contains(mean), "mean: \(mean)")
        #expect(Self.allowed.contains(p95), "P95: \(p95)")
    }

    private func share(_ held: Int) -> Double { Double(held) / Double(Self.experiments) }
}

/// What the intervals should hold.
private struct Truth {
    let mean: Double
    let p95: Double
}

extension ConfidenceInterval {
    fileprivate func holds(_ truth: Double) -> Bool { low <= truth && truth <= high }
}

extension Distribution {
    /// Pareto with index 1.5 from 1 to 256, scaled to a mean of 1, at 20,000 equal probabilities.
    fileprivate static let boundedPareto: Distribution = {
        let (index, most) = (1.5, 256.0)
        let values = (0..<20_000).map { (step: Int) -> Double in
            let u = (Double(step) + 0.5) / 20_000
            return pow(1 - u * (1 - pow(most, -index)), -1 / index)
        }
        let mean = values.reduce(0, +) / 20_000
        return .empirical(values.map { $0 / mean })
    }()
}

/// One server, Poisson arrivals, first come first served: W' = max(0, W + S − A).
private struct LindleyQueue {
    let load: Double
    let service: Distribution
    private let warmUp = 3_000

    init(load: Double, service: Distribution) {
        self.load = load
        self.service = service
    }

    /// Response times of `customers` that come after the queue has settled.
    func responses(seed: UInt64, _ customers: Int) -> LogHistogram {
        var random = RandomSequence(seed: seed, named: "coverage")
        let gaps = Distribution.exponential(mean: 1 / load)
        var (wait, histogram) = (0.0, LogHistogram())
        for customer in 0..<(warmUp + customers) {
            let duration = service.sample(unit: random.unit())
            if customer >= warmUp { histogram.record(wait + duration) }
            wait = max(0, wait + duration - gaps.sample(unit: random.unit()))
        }
        return histogram
    }

    /// A run that is 10,000 times longer than one of an experiment would be with AMPD_VERIFY.
    func longRun() -> Truth {
        var all = LogHistogram()
        let parts = ProcessInfo.processInfo.environment["AMPD_VERIFY"] == nil ? 10 : 100
        for part in 0..<parts { all.merge(responses(seed: 1 << 40 + UInt64(part), 1_000_000)) }
        return Truth(mean: all.mean ?? 0, p95: all.percentile(95) ?? 0)
    }
}
