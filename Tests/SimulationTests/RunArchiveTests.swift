import CostModeling
import DiscreteEvents
import Foundation
import Scheduling
import ServingDomain
import Synchronization
import Testing

@testable import Simulation

@Suite("Runs that are kept by content")
struct RunArchiveTests {
    /// Keeps runs as bytes and counts those that it gives back.
    private final class Shelf: RunKeeping {
        private let kept = Mutex<[ContentKey: Data]>([:])
        private let found = Mutex(0)

        var count: Int { kept.withLock(\.count) }
        var hits: Int { found.withLock { $0 } }

        func run(for key: ContentKey) -> SimulationResult? {
            guard let data = kept.withLock({ $0[key] }) else { return nil }
            found.withLock { $0 += 1 }
            return try? PropertyListDecoder().decode(SimulationResult.self, from: data)
        }

        func keep(_ run: SimulationResult, for key: ContentKey) {
            let encoder = PropertyListEncoder()
            encoder.outputFormat = .binary
            guard let data = try? encoder.encode(run) else { return }
            kept.withLock { $0[key] = data }
        }
    }

    private func key(_ value: Any) -> ContentKey? {
        var digest = ContentDigest(remembering: ContentMemory())
        digest.add("value", value)
        return digest.key
    }

    private let laws = Workload.Synthetic(
        rounds: .uniform(low: 1, high: 4), reading: .perRound,
        prefillTokens: .lognormal(mean: 90, cv: 0.8),
        decodeTokens: .exponential(mean: 12), environmentDelay: .exponential(mean: 1e-5))

    private func question(seed: UInt64 = 1, rate: Double = 9000) -> LayoutQuestion {
        LayoutQuestion(
            workload: Workload(
                sessions: .synthetic(laws), rate: Rate(sessionsPerSecond: rate)),
            service: ServiceLevel(ttft: .milliseconds(1), itl: .microseconds(10)),
            policy: ServingPolicy(name: .ampd),
            planning: Case.Planning(
                replications: 3, sessions: 60, horizonSessions: 80, seed: seed),
            engine: Engine(name: "none", overhead: .none))
    }

    @Test("a result comes back from its bytes with nothing lost")
    func roundTrip() async throws {
        let runs = await Replications(question(), jobs: 1).run(cluster(.ampd, capacity: 900))
        for var run in runs {
            run.tenants = [TenantFigures(name: "a")]
            run.jobs = JobFigures()
            run.measuredSpan = -5
            run.computeTicks = -(Int128(3) << 90) + 17
            run.good.itl = [1, 2, 3, 4]
            let data = try PropertyListEncoder().encode(run)
            let back = try PropertyListDecoder().decode(SimulationResult.self, from: data)
            #expect(key(back) != nil && key(back) == key(run))
            #expect(back.gaps == run.gaps && back.computeTicks == run.computeTicks)
            #expect(run.gaps.count > 0)
        }
    }

    @Test("histograms of any values come back; texts that are none are refused")
    func histograms() throws {
        var random = RandomSequence(seed: 5, named: "histograms")
        for size in [0, 1, 2, 300] {
            var histogram = LogHistogram()
            for _ in 0..<size {
                histogram.record(
                    random.unit() < 0.2 ? 0 : DeterministicMath.exp(40 * random.unit() - 12),
                    count: 1 + random.integer(below: 1000))
            }
            let data = try PropertyListEncoder().encode([histogram])
            let back = try PropertyListDecoder().decode([LogHistogram].self, from: data)
            #expect(back == [histogram])
        }
        for text in ["", "1", "000", "1230000zz", String(repeating: "o", count: 60)] {
            let data = try PropertyListEncoder().encode([text])
            #expect(throws: DecodingError.self) {
                try PropertyListDecoder().decode([LogHistogram].self, from: data)
            }
        }
    }

    @Test("a key changes with every part of a setup, and with nothing else")
    func keys() {
        let base = cluster(.ampd, prefill: 2, decode: 2)
        #expect(key(base) != nil && key(base) == key(cluster(.ampd, prefill: 2, decode: 2)))
        var others: [ClusterSetup] = [
            cluster(.alwaysRemote, prefill: 2, decode: 2), cluster(.ampd, prefill: 1, decode: 2),
            cluster(.ampd, prefill: 2, decode: 2, capacity: 999_999),
            cluster(.ampd, prefill: 2, decode: 2, blockSize: 2),
            cluster(
                .ampd, prefill: 2, decode: 2, worker: plainWorker.slowed(prefill: 1, decode: 1.01)),
            cluster(
                .ampd, prefill: 2, decode: 2, worker: plainWorker.slowed(prefill: 1.01, decode: 1)),
        ]
        func changed(_ change: (inout ClusterSetup) -> Void) {
            var copy = base
            change(&copy)
            others.append(copy)
        }
        changed { $0.policy[.prefillSlack] = 0.31 }
        changed { $0.service.ttft = .nanoseconds(1_000_001) }
        changed { $0.placement = .nodes(prefill: [0, 0], serving: [0, 1]) }
        changed { $0.contention = .none }
        changed { $0.prefillMemory = [Tokens(5)] }
        changed { $0.measuresDecodeTimes = true }
        changed { $0.retention = .discarded }
        let keys = ([base] + others).map { key($0) }
        #expect(!keys.contains(nil) && Set(keys).count == keys.count)
    }

    @Test("dictionaries and sets count by content, enums by case, objects by what they hold")
    func values() {
        let names = (0..<50).map { "n\($0)" }
        #expect(
            key(Dictionary(uniqueKeysWithValues: names.map { ($0, 1) }))
                == key(Dictionary(uniqueKeysWithValues: names.reversed().map { ($0, 1) })))
        #expect(key(["a": 1, "b": 2]) != key(["a": 2, "b": 1]))
        #expect(key(Set(names)) == key(Set(names.reversed())))
        #expect(key(Law.gamma(mean: 1, cv: 2)) != key(Law.weibull(mean: 1, cv: 2)))
        #expect(key(ClusterSetup.Stepping.inRuns) != key(ClusterSetup.Stepping.oneByOne))
        #expect(key([1, 2]) != key([[1], [2]]) && key(1) != key(Int?.none as Any))
        #expect(key(Array(0..<5000)) != key(Array(1..<5001)))
        #expect(key({ 1 }) == nil && key([{ 1 }]) == nil)
    }

    @Test("what was simulated is not simulated again, and is the same")
    func known() async {
        let shelf = Shelf()
        let simulation = Replications(question(), jobs: 2)
        let setups = [cluster(.ampd), cluster(.ampd, prefill: 2)]
        func tasks() -> [(setup: NamedSetup, replication: Int)] {
            setups.flatMap { setup in (0..<3).map { (NamedSetup(setup), $0) } }
        }
        let plain = await simulation.run(tasks()) { $0 }
        func inArchive(_ version: String) async -> [SimulationResult] {
            await RunArchive.$current.withValue(RunArchive(shelf, version: version)) {
                await simulation.run(tasks()) { $0 }
            }
        }
        let first = await inArchive("1")
        #expect(shelf.count == 6 && shelf.hits == 0)
        let second = await inArchive("1")
        #expect(shelf.count == 6 && shelf.hits == 6)
        #expect(plain.map { key($0) } == first.map { key($0) })
        #expect(plain.map { key($0) } == second.map { key($0) })
        _ = await inArchive("2")
        #expect(shelf.count == 12 && shelf.hits == 6)
        await RunArchive.$current.withValue(RunArchive(shelf, version: "1")) {
            let others = [
                Replications(question(seed: 2), jobs: 1),
                Replications(question(rate: 8999), jobs: 1),
            ]
            for other in others { _ = await other.run([tasks()[0]]) { $0 } }
            _ = await simulation.run([tasks()[0]], within: MissBound(measured: 3, filling: 3)) {
                $0
            }
            _ = await simulation.runHorizon(setups[0])
        }
        #expect(shelf.hits == 6 && shelf.count == 18)
    }

    @Test("a run that is cancelled is not kept")
    func cancelled() async {
        let shelf = Shelf()
        let task = Task {
            await RunArchive.$current.withValue(RunArchive(shelf, version: "1")) {
                while !Task.isCancelled { await Task.yield() }
                let long = Case.Planning(replications: 1, sessions: 4000)
                var question = question()
                question.planning = long
                return await Replications(question, jobs: 1).run(cluster(.ampd))
            }
        }
        task.cancel()
        let runs = await task.value
        #expect(runs.allSatisfy(\.isInterrupted) && shelf.count == 0)
    }
}
