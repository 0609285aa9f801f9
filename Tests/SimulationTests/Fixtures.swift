import CostModeling
import Scheduling
import ServingDomain
import Simulation

/// A worker whose prefill takes 1,000 ns per new token and whose decode step takes 500 ns plus
/// 100 ns per sequence.
let plainWorker = WorkerCosts(
    degree: .one,
    prefill: PhaseCosts(
        linear: .line(intercept: 0, slope: 1000), attention: [], fittedTokens: .infinity),
    decode: PhaseCosts(
        linear: .line(intercept: 500, slope: 100), attention: [], fittedTokens: .infinity))

/// 2,000 ns plus 3 ns per token.
let plainTransfer = TransferCosts(
    latency: .nanoseconds(2000), bandwidth: Bandwidth(bytesPerSecond: 1e9), bytesPerToken: 3)

func cluster(
    _ policy: ServingPolicy.Name, prefill: Int = 1, decode: Int = 1, capacity: Int = 1_000_000,
    blockSize: Int = 1, transfer: TransferCosts = plainTransfer, worker: WorkerCosts = plainWorker
) -> ClusterSetup {
    let seat = ClusterSetup.DecodeSeat(costs: worker, capacity: Tokens(capacity))
    return ClusterSetup(
        prefill: .workers(Array(repeating: worker, count: prefill)),
        decode: .workers(Array(repeating: seat, count: decode)), transfer: transfer,
        policy: ServingPolicy(name: policy),
        service: ServiceLevel(ttft: .milliseconds(1), itl: .microseconds(10)),
        blockSize: blockSize)
}

/// A session as arrival time and rounds of (new tokens, output tokens, delay after).
typealias Script = (arrival: Int64, rounds: [(Int, Int, Int64)])

func table(_ scripts: Script...) -> SessionTable { table(scripts) }

func table(_ scripts: [Script]) -> SessionTable {
    var table = SessionTable()
    for script in scripts {
        table.append(
            arrival: script.arrival,
            rounds: script.rounds.map {
                RoundScript(newTokens: $0.0, outputTokens: $0.1, delayAfter: $0.2)
            })
    }
    return table
}

/// Sessions whose prompts begin with the same tokens, except those whose places are given.
func sharing(
    _ scripts: [Script], tokens: Int = 8, except others: Set<Int> = []
) -> SessionTable {
    var sessions = SessionTable()
    let segment = sessions.prefixes.define(tokens: tokens)
    let list = sessions.prefixes.addList(endingWith: segment)
    for (place, script) in scripts.enumerated() {
        sessions.append(
            arrival: script.arrival,
            rounds: script.rounds.map {
                RoundScript(newTokens: $0.0, outputTokens: $0.1, delayAfter: $0.2)
            })
        if !others.contains(place) { sessions.setPrefix(list) }
    }
    return sessions
}

func run(_ setup: ClusterSetup, _ sessions: SessionTable) -> SimulationResult {
    ServingSimulation.run(
        setup, sessions: sessions, measured: MeasuredSessions(first: 0, end: sessions.count),
        keepsRounds: true)
}
