import DiscreteEvents
import ServingDomain
import Testing

@testable import Simulation

@Suite("How a latency is distributed")
struct LatencySpreadTests {
    private func run(_ times: [Int64]) -> SimulationResult {
        var run = SimulationResult()
        for time in times { run.ttft.record(nanoseconds: time) }
        return run
    }

    @Test("percentiles and the share within the target are those of all runs together")
    func pooled() throws {
        let runs = [
            run((1...500).map { $0 * 1_000_000 }), run((501...1000).map { $0 * 1_000_000 }),
        ]
        let spread = try #require(LatencySpread(.ttft, runs, target: .milliseconds(750)))
        #expect(spread.samples == 1000 && spread.replications == 2)
        #expect(abs(spread.shareWithin - 0.75) < 0.002)
        let median = try #require(spread.percentiles.first { $0.percent == 50 })
        // Bins are at most a thousandth wide.
        #expect(abs(median.nanoseconds / 500.5e6 - 1) < 0.002)
        let times = spread.percentiles.map(\.nanoseconds)
        #expect(times == times.sorted())
        #expect(times.first == 1e6 && times.last == 1000e6)
    }

    @Test("a target below the least or above the greatest is met by none or all")
    func ends() throws {
        let runs = [run([2_000_000, 3_000_000])]
        #expect(LatencySpread(.ttft, runs, target: .milliseconds(1))?.shareWithin == 0)
        #expect(LatencySpread(.ttft, runs, target: .milliseconds(3))?.shareWithin == 1)
        #expect(LatencySpread(.itl, runs, target: .milliseconds(3)) == nil)
    }
}
