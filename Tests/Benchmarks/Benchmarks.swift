import Catalog
import CostModeling
import Planning
import Scheduling
import ServingDomain
import Simulation
import Workloads

/// Times the simulator on fixed workloads and prints one row each: median of five runs.
@main
struct Benchmarks {
    static func main() throws {
        let wanted = CommandLine.arguments.dropFirst()
        print("benchmark".padded(34), "units/s (median)".padded(20), "min .. max")
        for benchmark in try all() where wanted.isEmpty || wanted.contains(benchmark.name) {
            let rates = (0..<5).map { _ in benchmark.unitsPerSecond() }.sorted()
            print(
                benchmark.name.padded(34),
                "\(grouped(rates[2])) \(benchmark.unit)/s".padded(20),
                "\(grouped(rates[0])) .. \(grouped(rates[4]))")
        }
    }

    static func all() throws -> [Benchmark] {
        let costs = try Costs()
        var found = [
            Benchmark(
                "requests-2p2d", unit: "requests", costs.cluster(.alwaysRemote, 2, 2),
                Load.requests(10_000, rate: 4)),
            Benchmark(
                "requests-2p2d-one-by-one", unit: "requests",
                costs.cluster(.alwaysRemote, 2, 2).oneByOne, Load.requests(10_000, rate: 4)),
            Benchmark(
                "requests-2p2d-slow-links", unit: "requests",
                costs.cluster(.alwaysRemote, 2, 2).slowLinks(costs), Load.requests(10_000, rate: 4)),
        ]
        for (prefill, decode) in [(1, 3), (2, 2), (4, 12), (16, 48), (64, 192)] {
            found.append(
                Benchmark(
                    "rounds-ampd-\(prefill)p\(decode)d", unit: "rounds",
                    costs.cluster(.ampd, prefill, decode),
                    Load.sessions(10_000, rate: 0.5 * Double(prefill))))
        }
        return found
    }
}

/// Llama-3.1-70B at TP 4 on H100 by the shipped facts, with roofline costs.
struct Costs {
    let worker: WorkerCosts
    let model: CostModel
    let planningCase: Case

    init() throws {
        let text = """
            apiVersion: ampd-plan/v1
            kind: Case
            name: benchmark
            model: llama-3.1-70b
            cluster: {gpu: h100-sxm, nodes: 1}
            workload: {template: agent, rate_per_s: 1}
            slo: {ttft_ms: 2000, itl_ms: 50}
            """
        let draft = try CaseFile.parse(text: text, fileName: "benchmark", catalog: Catalog())
        guard let planningCase = draft.resolved, let degree = TensorParallelDegree(4) else {
            fatalError("the benchmark's case leaves nothing open")
        }
        self.planningCase = planningCase
        model = CostModel.build(
            planningCase, degrees: [degree],
            resolver: CurveResolver(
                fit: ProfileFit(trust: .analytic, entries: []),
                roofline: Roofline(hardware: planningCase.hardware)),
            overhead: planningCase.engine.overhead)
        worker = model.workers[0]
    }

    func cluster(_ policy: ServingPolicy.Name, _ prefill: Int, _ decode: Int) -> ClusterSetup {
        let seat = ClusterSetup.DecodeSeat(
            costs: worker, capacity: planningCase.kvCapacity(worker.degree).tokens)
        return ClusterSetup(
            prefill: .workers(Array(repeating: worker, count: prefill)),
            decode: .workers(Array(repeating: seat, count: decode)), transfer: model.transfer,
            policy: ServingPolicy(name: policy), service: planningCase.service)
    }
}

extension ClusterSetup {
    var oneByOne: Self {
        var copy = self
        copy.stepping = .oneByOne
        return copy
    }

    /// Four requests of half a gigabyte per second load every port of two workers to 0.8.
    func slowLinks(_ costs: Costs) -> Self {
        var copy = self
        copy.transfer = TransferCosts(
            latency: .milliseconds(20), bandwidth: Bandwidth(gigabytesPerSecond: 0.307),
            bytesPerToken: costs.model.transfer.bytesPerToken)
        return copy
    }
}

enum Load {
    /// Single requests: 1,500 tokens in and 150 out on average, sigma 0.5.
    static func requests(_ count: Int, rate: Double) -> SessionTable {
        table(
            count, rate,
            .init(
                rounds: .constant(1), reading: .perRound,
                prefillTokens: .lognormal(mean: 1500, cv: 0.533),
                decodeTokens: .lognormal(mean: 150, cv: 0.533), environmentDelay: .constant(0)))
    }

    /// Sessions of four rounds with a tool call of two seconds between them.
    static func sessions(_ count: Int, rate: Double) -> SessionTable {
        table(
            count, rate,
            .init(
                rounds: .constant(4), reading: .perRound,
                prefillTokens: .lognormal(mean: 700, cv: 0.6),
                decodeTokens: .lognormal(mean: 100, cv: 0.6),
                environmentDelay: .exponential(mean: 2)))
    }

    private static func table(
        _ count: Int, _ rate: Double, _ laws: Workload.Synthetic
    ) -> SessionTable {
        let workload = Workload(
            sessions: .synthetic(laws), rate: Rate(sessionsPerSecond: rate))
        return SessionGenerator(workload: workload, seed: 1)
            .sessions(count: count, rate: workload.rate)
    }
}

struct Benchmark {
    let name: String
    let unit: String
    private let setup: ClusterSetup
    private let sessions: SessionTable

    init(_ name: String, unit: String, _ setup: ClusterSetup, _ sessions: SessionTable) {
        self.name = name
        self.unit = unit
        self.setup = setup
        self.sessions = sessions
    }

    /// Rounds simulated per second of one run, without the drawing of the sessions.
    func unitsPerSecond() -> Double {
        let measured = MeasuredSessions(first: 0, end: sessions.count)
        let clock = ContinuousClock()
        var rounds = 0
        let time = clock.measure {
            rounds =
                ServingSimulation.run(setup, sessions: sessions, measured: measured)
                .roundCount
        }
        let (seconds, attoseconds) = time.components
        return Double(rounds) / (Double(seconds) + Double(attoseconds) / 1e18)
    }
}

extension String {
    func padded(_ width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}

/// Whole thousands with a separator.
func grouped(_ value: Double) -> String {
    let digits = String(Int(value.rounded()))
    var text = ""
    for (index, digit) in digits.enumerated() {
        if index > 0, (digits.count - index) % 3 == 0 { text += "," }
        text.append(digit)
    }
    return text
}
