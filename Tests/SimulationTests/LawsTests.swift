import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain
import Testing

@testable import Simulation

/// Laws that hold whatever the numbers are; exact unless a tolerance is written.
@Suite("Laws of every run")
struct LawsTests {
    private static let adaptive = Scenario(seed: 11, policy: .ampd, load: .heavy)

    @Test("the order in which unlike prefill workers are listed changes nothing")
    func permutation() {
        let costs = [plainWorker, plainWorker.slowed(by: 1.37), plainWorker.slowed(by: 2.11)]
        var setup = cluster(.alwaysRemote, prefill: 1, decode: 1)
        let sessions = Scenario(seed: 3, policy: .alwaysRemote, load: .heavy).sessions
        let outcomes = [[0, 1, 2], [2, 1, 0], [1, 2, 0]].map { order in
            setup.prefill = .workers(order.map { costs[$0] })
            return run(setup, sessions).rounds.map { round in
                [round.ttft, round.decodeTime, Int64(round.prefillWorker.map { order[$0] } ?? -1)]
            }
        }
        #expect(outcomes[0] == outcomes[1])
        #expect(outcomes[0] == outcomes[2])
    }

    @Test("an infinite bandwidth without latency is the same as nothing to move")
    func zeroTransfer() {
        let infinite = TransferCosts(
            latency: .zero, bandwidth: Bandwidth(bytesPerSecond: .infinity), bytesPerToken: 3)
        let empty = TransferCosts(
            latency: .zero, bandwidth: Bandwidth(bytesPerSecond: 1e9), bytesPerToken: 0)
        var setup = Self.adaptive.setup
        let outcomes = [infinite, empty, plainTransfer].map { transfer in
            setup.transfer = transfer
            return run(setup, Self.adaptive.sessions).rounds
        }
        #expect(outcomes[0] == outcomes[1])
        #expect(outcomes[0] != outcomes[2], "the scenario must feel its transfers")
    }

    @Test("transfers that never meet take the same time whether links are shared or not")
    func loneTransfers() {
        // One session at a time: a history and an increment of it are never on their way together.
        let scripts = (0..<40).map { (index: Int) -> Script in
            (Int64(index) * 10_000_000, [(100 + index, 5, 20_000), (40, 1 + index % 3, 0)])
        }
        var setup = cluster(.alwaysRemote, prefill: 2)
        setup.transfer = TransferCosts(
            latency: .nanoseconds(700), bandwidth: Bandwidth(bytesPerSecond: 0.7e7),
            bytesPerToken: 3)
        let shared = run(setup, table(scripts))
        setup.contention = .none
        let apart = run(setup, table(scripts))
        #expect(shared.rounds == apart.rounds)
        #expect(shared.transferTime == apart.transferTime)
        #expect(apart.busiestPort == nil && shared.busiestPort != nil)
    }

    @Test("a worker more changes nothing where sessions never meet")
    func idleWorker() {
        let scripts = (0..<50).map { (index: Int) -> Script in
            (Int64(index) * 10_000_000, [(100 + index, 5, 20_000), (40, 1 + index % 3, 0)])
        }
        let sessions = table(scripts)
        let alone = run(cluster(.alwaysRemote), sessions).rounds
        #expect(alone == run(cluster(.alwaysRemote, prefill: 2), sessions).rounds)
        #expect(alone == run(cluster(.alwaysRemote, decode: 2), sessions).rounds)
    }

    @Test("a prefill worker more saves an uncongested pool no more than the queue it had")
    func uncongested() {
        // One round of 100 tokens: 100,000 ns at load 0.05. The mean wait of M/D/1 is
        // 0.05 / (2 · 0.95) of the service, 2,632 ns; with a second worker next to nothing.
        let sessions = poisson(count: 20_000, meanGap: 2_000_000, seed: 4)
        func meanTTFT(_ workers: Int) -> Double {
            let rounds = run(cluster(.alwaysRemote, prefill: workers), sessions).rounds
            return rounds.reduce(0.0) { $0 + Double($1.ttft) } / Double(rounds.count)
        }
        let saved = meanTTFT(1) - meanTTFT(2)
        // Standard error of the mean wait over 20,000 rounds is below 100 ns.
        #expect(saved > 2_000 && saved < 3_200, "saved \(saved) ns")
    }

    @Test("a load of 0.2 with loose targets meets all of them, whatever the policy")
    func lightLoad() {
        let sessions = poisson(count: 2_000, meanGap: 500_000, seed: 8)
        let loose = ServiceLevel(ttft: .seconds(1), itl: .seconds(1))
        for policy in Policies.names {
            var setup = cluster(policy, decode: 2)
            setup.service = loose
            let report = ServingReport([run(setup, sessions)])
            for rule in ServiceLevel.Headline.allCases {
                #expect(report.attainment[rule]?.value == 1, "\(policy) by \(rule)")
            }
        }
    }

    @Test("utilisation is offered work over time: Little's law of the servers")
    func utilisation() {
        let sessions = poisson(count: 20_000, meanGap: 250_000, seed: 9)
        let result = run(cluster(.alwaysRemote), sessions)
        let span = sessions.arrivals[sessions.count - 1] - sessions.arrivals[0]
        let work = result.rounds.reduce(0) { $0 + $1.prefillEnded - $1.prefillStarted }
        let truth = Double(work) / Double(span)
        // Work in progress when the window closes is at most a few tasks of 20,000.
        #expect(abs(result.prefillUtilisation - truth) < 0.001 * truth)
    }

    private func poisson(count: Int, meanGap: Double, seed: UInt64) -> SessionTable {
        var random = RandomSequence(seed: seed, named: "laws")
        var (sessions, time) = (SessionTable(), 0.0)
        for _ in 0..<count {
            time -= meanGap * DeterministicMath.log(random.unit())
            let script = RoundScript(newTokens: 100, outputTokens: 2, delayAfter: 0)
            sessions.append(arrival: Int64(time), rounds: [script])
        }
        return sessions
    }
}
