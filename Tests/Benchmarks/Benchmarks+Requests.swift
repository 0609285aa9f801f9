import Scheduling
import ServingDomain
import Simulation
import Workloads

/// Single runs of a disaggregated cluster, on one core; the sessions are there already.
extension Benchmarks {
    /// The 10,000 requests on which other simulators were timed.
    static func requests(_ costs: Costs) -> [Benchmark] {
        let cluster = costs.cluster(.alwaysRemote, 2, 2)
        let variants: [(suffix: String, setup: ClusterSetup, target: Double?)] = [
            ("", cluster, 500_000), ("-one-by-one", cluster.oneByOne, nil),
            ("-slow-links", cluster.slowLinks(costs), nil),
        ]
        return variants.map { variant in
            Benchmark(
                name: "requests-2p2d" + variant.suffix, unit: .rate("requests"),
                target: variant.target
            ) {
                let (sessions, origin) = try commonRequests(rate: 4)
                return { await simulate(variant.setup, sessions) { _ in origin } }
            }
        }
    }

    /// Sessions of four rounds at the same load per worker; the smallest and the largest cluster
    /// that do so tell how time per round grows.
    static func sessions(_ costs: Costs) -> [Benchmark] {
        let sizes: [(prefill: Int, decode: Int, target: Double?)] = [
            (1, 3, nil), (2, 2, 300_000), (4, 12, nil), (16, 48, 150_000), (64, 192, nil),
        ]
        return sizes.map { size in
            Benchmark(
                name: "rounds-ampd-\(size.prefill)p\(size.decode)d", unit: .rate("rounds"),
                target: size.target
            ) {
                let setup = costs.cluster(.ampd, size.prefill, size.decode)
                let sessions = Load.sessions(rate: 0.5 * Double(size.prefill)).table(10_000)
                return { await simulate(setup, sessions) }
            }
        } + [growth(costs)]
    }

    /// Time per round of 64 + 192 workers over that of 1 + 3, at the same load per worker.
    private static func growth(_ costs: Costs) -> Benchmark {
        Benchmark(name: "growth-4-to-256-workers", unit: .growth, target: 2) {
            let rounds = [1, 64].map { size in
                (
                    costs.cluster(.ampd, size, 3 * size),
                    Load.sessions(rate: 0.5 * Double(size)).table(10_000)
                )
            }
            return {
                let small = await simulate(rounds[0].0, rounds[0].1)
                let large = await simulate(rounds[1].0, rounds[1].1)
                return .init(value: small.value / large.value)
            }
        }
    }

    /// Rounds of one run per second.
    static func simulate(
        _ setup: ClusterSetup, _ sessions: SessionTable,
        note: (SimulationResult) -> String = { _ in "" }
    ) async -> Benchmark.Outcome {
        let measured = MeasuredSessions(first: 0, end: sessions.jobCount)
        var result = SimulationResult?.none
        let before = ProcessUse.processorTime
        let time = await seconds {
            result = ServingSimulation.run(setup, sessions: sessions, measured: measured)
        }
        let used = ProcessUse.processorTime - before
        guard let result else { return .init(value: 0, isValid: false) }
        let rounds = Double(result.roundCount)
        let notes = ["\(grouped(rounds / used)) per processor second", note(result)]
        return .init(
            value: rounds / time, note: notes.filter { !$0.isEmpty }.joined(separator: ", "),
            isValid: result.refusedSessions == 0)
    }

    /// Requests of the shared file at `rate`; drawn ones of the same laws where it is missing.
    private static func commonRequests(rate: Double) throws -> (SessionTable, String) {
        guard let text = try? SharedFile.requests.text() else {
            return (Load.requests(rate: rate).table(10_000), "lengths drawn: no shared trace")
        }
        var table = SessionTable()
        for line in text.split(whereSeparator: \.isNewline).dropFirst() {
            let fields = line.split(separator: ",").dropFirst().compactMap { Double($0) }
            guard fields.count == 3 else {
                throw Benchmark.Skipped(reason: "the shared trace of requests has other columns")
            }
            let script = RoundScript(
                newTokens: Int(fields[1]), outputTokens: Int(fields[2]), delayAfter: 0)
            table.append(
                arrival: Int64((fields[0] / rate * 1e9).rounded()), rounds: [script])
        }
        return (table, "")
    }
}
