import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain
import Simulation
import Testing

/// How a run changes, or does not, when its cluster or its sessions are changed in a known way.
@Suite("Relations between runs")
struct RelationTests {
    /// Rounds of random lengths whose tools never answer in the same instant as anything else.
    private func sessions(seed: UInt64, gap: Int, rounds: Int = 3) -> SessionTable {
        var random = RandomSequence(seed: seed, named: "relations")
        var (table, time) = (SessionTable(), 0)
        for _ in 0..<40 {
            time += 1 + random.integer(below: 2 * gap)
            let scripts = (0..<(1 + random.integer(below: rounds))).map { _ in
                RoundScript(
                    newTokens: 1 + random.integer(below: 150),
                    outputTokens: 1 + random.integer(below: 12),
                    delayAfter: Int64(1 + random.integer(below: 400_000)))
            }
            table.append(arrival: Int64(time), rounds: scripts)
        }
        return table
    }

    /// Policies to which a round's history or its number is no reason of its own.
    private static let blindToHistory = Scenario.policies.filter {
        let others: [ServingPolicy.Name] = [
            .alwaysLocalAfterFirst, .dynamoConditionalV0, .dynamoConditionalV1, .ppd,
            .continuumCode, .continuumV6, .infercept,
        ]
        return !others.contains($0)
    }

    @Test(
        "where history costs nothing, rounds are sessions of their own",
        arguments: blindToHistory)
    func zeroHistory(policy: ServingPolicy.Name) {
        // Prefill, decode and transfers of the fixtures depend on new tokens alone.
        let free = TransferCosts(
            latency: .zero, bandwidth: Bandwidth(bytesPerSecond: 1e9), bytesPerToken: 0)
        let setup = cluster(policy, prefill: 2, transfer: free)
        let several = sessions(seed: 21, gap: 60_000)
        let rounds = run(setup, several).rounds.sorted { $0.released < $1.released }
        var single = SessionTable()
        for round in rounds {
            let script = several.rounds(of: round.session).dropFirst(round.round).first
            single.append(
                arrival: round.released,
                rounds: [
                    RoundScript(
                        // The last token of the answer before has no KV cache yet.
                        newTokens: Int(script?.newTokens ?? 0) + (round.round > 0 ? 1 : 0),
                        outputTokens: round.outputTokens, delayAfter: 0)
                ])
        }
        #expect(single.count == several.rounds.count)
        #expect(run(setup, single).timeline == rounds.map(Instants.init))
    }

    @Test("history that costs something delays somebody")
    func costlyHistory() {
        let several = sessions(seed: 21, gap: 60_000)
        let free = TransferCosts(
            latency: .zero, bandwidth: Bandwidth(bytesPerSecond: 1e9), bytesPerToken: 0)
        let without = run(cluster(.alwaysRemote, transfer: free), several).timeline
        let with = run(cluster(.alwaysRemote), several).timeline
        #expect(zip(without, with).contains { $0.first < $1.first })
    }

    @Test("workers with the same costs are the same, however their values were made")
    func identicalWorkers() {
        func worker() -> WorkerCosts {
            WorkerCosts(
                degree: .one, prefill: plainWorker.prefill, decode: plainWorker.decode)
        }
        let several = sessions(seed: 3, gap: 30_000)
        for policy in Scenario.policies {
            var setup = cluster(policy, prefill: 3, decode: 2)
            let once = run(setup, several)
            setup.prefill = .workers([worker(), plainWorker, worker()])
            setup.decode = .workers(
                [worker(), worker()].map { .init(costs: $0, capacity: Tokens(1_000_000)) })
            let again = run(setup, several)
            #expect(once.rounds == again.rounds, "\(policy)")
            #expect(once.decodeUtilisation == again.decodeUtilisation)
        }
    }

    @Test("a decode worker more changes nothing for sessions that are never there together")
    func idleWorkers() {
        var apart = SessionTable()
        let several = sessions(seed: 8, gap: 1_000)
        for session in 0..<several.count {
            apart.append(
                arrival: Int64(session) * 20_000_000, rounds: several.rounds(of: session))
        }
        for policy in Scenario.policies {
            let alone = run(cluster(policy), apart).timeline
            #expect(alone == run(cluster(policy, decode: 3), apart).timeline, "\(policy)")
            #expect(alone == run(cluster(policy, prefill: 2), apart).timeline, "\(policy)")
        }
    }

    @Test("a faster prefill never delays anybody where rounds are served in order of arrival")
    func fasterPrefill() {
        let several = sessions(seed: 5, gap: 150_000, rounds: 1)
        let fast = WorkerCosts(
            degree: .one,
            prefill: PhaseCosts(
                linear: .line(intercept: 0, slope: 900), attention: [], fittedTokens: .infinity),
            decode: plainWorker.decode)
        var setup = cluster(.alwaysRemote)
        let slow = run(setup, several).timeline
        setup.prefill = .workers([fast])
        let quick = run(setup, several).timeline
        #expect(zip(quick, slow).allSatisfy { $0.computed < $1.computed })
    }

    @Test("targets change what is counted and, where the policy ignores them, nothing else")
    func targets() {
        let several = sessions(seed: 13, gap: 60_000)
        var setup = cluster(.alwaysRemote)
        let strict = run(setup, several)
        setup.service = ServiceLevel(ttft: .seconds(10), itl: .seconds(10))
        let loose = run(setup, several)
        #expect(strict.rounds == loose.rounds)
        for rule in ServiceLevel.Headline.allCases {
            let values = [strict, loose].map {
                ServingStatistic.attainment(rule).estimate([$0])?.value ?? -1
            }
            #expect(values[1] == 1 && values[0] <= 1)
        }
    }
}
