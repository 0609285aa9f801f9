import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain
import Testing

@testable import Simulation

@Suite("Routing that looks at few of many prefill workers")
struct ShortlistTests {
    private func sessions(_ random: inout RandomSequence, gap: Int) -> SessionTable {
        var (table, time) = (SessionTable(), 0)
        for _ in 0..<150 {
            time += 1 + random.integer(below: 2 * gap)
            table.append(
                arrival: Int64(time),
                rounds: (0..<(1 + random.integer(below: 4))).map { _ in
                    RoundScript(
                        newTokens: 1 + random.integer(below: 200),
                        outputTokens: 1 + random.integer(below: 12),
                        delayAfter: Int64(1 + random.integer(below: 100_000)))
                })
        }
        return table
    }

    /// Twenty prefill workers and five others, of one kind or two, on one node or many.
    private func setup(
        _ policy: ServingPolicy.Name, _ random: inout RandomSequence
    ) -> ClusterSetup {
        var setup = cluster(policy, prefill: 20, decode: 5)
        let isMixed = random.integer(below: 2) == 0
        setup.prefill = .workers(
            (0..<20).map { isMixed && $0.isMultiple(of: 3) ? otherWorker : plainWorker })
        if random.integer(below: 3) > 0 {
            let nodes = 1 + random.integer(below: 7)
            setup.placement = .nodes(
                prefill: (0..<20).map { $0 % nodes }, serving: (0..<5).map { $0 % nodes })
        }
        setup.policy[.prefillSlack] = 0.05 + 0.9 * random.unit()
        setup.service.ttft = .microseconds(200 + 400 * random.unit())
        return setup
    }

    private var otherWorker: WorkerCosts {
        WorkerCosts(
            degree: .one,
            prefill: PhaseCosts(
                linear: .line(intercept: 0, slope: 1300), attention: [], fittedTokens: .infinity),
            decode: plainWorker.decode)
    }

    @Test(
        "a run is the same as one that looks at all of them",
        arguments: [
            ServingPolicy.Name.ampd, .ampdRouting, .ampdReordering, .alwaysRemote,
            .alwaysLocalAfterFirst, .dynamoConditionalV1, .kairos, .distserve,
        ])
    func same(policy: ServingPolicy.Name) {
        var shortened = 0
        for seed in 0..<30 {
            var random = RandomSequence(seed: UInt64(seed), named: "shortlist \(policy.rawValue)")
            let setup = setup(policy, &random)
            var thorough = setup
            thorough.looksAtEveryWorker = true
            let table = sessions(&random, gap: [1_500, 6_000, 30_000][seed % 3])
            let (few, all) = (run(setup, table), run(thorough, table))
            #expect(few.timeline == all.timeline)
            #expect(
                few.rounds.map(\.prefillWorker) == all.rounds.map(\.prefillWorker), "seed \(seed)")
            shortened += few.rounds.count
        }
        #expect(shortened > 5_000)
    }

    @Test("of idle workers of a kind the lowest is found, from any number on")
    func idle() {
        var idle = IdleWorkers(kinds: (0..<200).map { $0 % 2 == 0 ? 0 : 3 })
        let kinds = idle.kinds
        #expect(kinds == [0, 3])
        let none = idle.first(3)
        #expect(none == nil)
        for worker in [199, 65, 131] { idle.note(worker, kind: 3, isIdle: true) }
        let found = [
            idle.first(3), idle.first(0), idle.first(3, from: 65), idle.first(3, from: 66),
        ]
        #expect(found == [65, nil, 65, 131])
        let (last, behind) = (idle.first(3, from: 199), idle.first(3, from: 200))
        #expect(last == 199 && behind == nil)
        idle.note(65, kind: 3, isIdle: false)
        idle.note(131, kind: 3, isIdle: false)
        let left = idle.first(3)
        #expect(left == 199)
    }

    @Test("without kinds nobody is idle, whoever is noted")
    func unused() {
        var idle = IdleWorkers(kinds: [])
        idle.note(7, kind: 0, isIdle: true)
        let isUnused = idle.kinds.isEmpty
        #expect(isUnused)
    }
}
