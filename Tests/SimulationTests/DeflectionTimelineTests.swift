import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain
import Testing

@testable import Simulation

/// Times worked out by hand, in nanoseconds, from the figures in `Fixtures.swift`; the ITL target
/// of 10,000 leaves 9 prompt tokens beside one sequence: 600 + 9,000.
@Suite("Timelines of deflected prefills")
struct DeflectionTimelineTests {
    private func run(
        _ prompt: Int, at arrival: Int64 = 10_700, factor: Double = 1, stepShare: Double = 1,
        stateDelay: Int64 = 0
    ) -> [RoundOutcome] {
        var setup = cluster(.kairos)
        setup.policy[.deflectionFactor] = factor
        setup.policy[.deflectedStepShare] = stepShare
        setup.policy.stateDelay = .nanoseconds(stateDelay)
        let sessions = table((0, [(10, 40, 0)]), (arrival, [(prompt, 2, 0)]))
        return outcomes(setup, sessions)
    }

    private func outcomes(_ setup: ClusterSetup, _ sessions: SessionTable) -> [RoundOutcome] {
        ServingSimulation.run(
            setup, sessions: sessions, measured: MeasuredSessions(first: 0, end: sessions.count),
            keepsRounds: true
        ).rounds.sorted { ($0.session, $0.round) < ($1.session, $1.round) }
    }

    @Test("on an idle worker a prompt is whole; beside a batch each step takes what is safe")
    func deflected() {
        let rounds = run(20)
        // A is alone: 10,000 here against 10,000 + 2,030 + 600 elsewhere.
        #expect(rounds[0].ttft == 10_000)
        #expect(rounds[0].isLocal)
        // B waits for A's step until 11,200; then 9, 9 and 2 tokens: 9,600 + 9,600 + 2,600. That
        // is 22,300 from its release, against 20,000 + 2,060 + 700 for a step of both.
        #expect(rounds[1].isLocal)
        #expect(rounds[1].prefillStarted == 11_200)
        #expect(rounds[1].ttft == 22_300)
        // One step of both is B's second token.
        #expect(rounds[1].decodeTime == 700)
        // A's 39 gaps: 2 before, 3 with chunks, 1 with B, 33 alone.
        #expect(rounds[0].decodeTime == 1_200 + 21_800 + 700 + 33 * 600)
    }

    @Test("one token more than pays stays remote, unless the factor allows it")
    func factor() {
        // 28 tokens: 500 + 3 x 9,600 + 1,600 = 30,900 against 28,000 + 2,084 + 700 = 30,784.
        let remote = run(28)[1]
        #expect(!remote.isLocal)
        // A has ended by then, so that the step is B's alone.
        #expect(remote.ttft == 28_000 + 2_084 + 600)
        let deflected = run(28, factor: 1.004)[1]
        #expect(deflected.isLocal)
        #expect(deflected.ttft == 30_900)
    }

    @Test("what is left of the step that goes on counts from the instant that is seen")
    func boundaries() {
        // A's steps end at 10,600, 11,200 and so on. Behind `wait` B takes 3 x 9,600 + 1,600 here, and
        // 30,784 elsewhere, so that a wait of 384 pays.
        #expect(!run(28, at: 10_700)[1].isLocal, "500")
        #expect(run(28, at: 10_700, stateDelay: 300)[1].isLocal, "200 after 10,400")
        #expect(!run(28, at: 10_700, stateDelay: 500)[1].isLocal, "400 after 10,200")
        // At an end itself the next step has not begun yet; where the instant is over, it has.
        #expect(run(28, at: 10_600)[1].isLocal, "none")
        #expect(!run(28, at: 10_700, stateDelay: 100)[1].isLocal, "600 after 10,600")
    }

    @Test("where a single token would make the step too long nothing is deflected")
    func unsafe() {
        #expect(!run(20, factor: 1000, stepShare: 0.159)[1].isLocal)
        #expect(run(20, factor: 1000, stepShare: 0.16)[1].isLocal, "600 + 1,000")
    }

    @Test("a first round may go to another worker, where its session then stays")
    func rebinding() {
        var setup = cluster(.kairos, decode: 2)
        setup.policy.dispatch = .roundRobin
        let rounds = outcomes(
            setup,
            table(
                (0, [(100, 1, 0)]), (1, [(5, 1, 0)]),
                (10_000, [(7, 1, 1_000), (3, 1, 0)])))
        // Worker 0 computes the first until 100,000; the third is bound there in turn, but worker 1
        // is free: 7,000 against 90,000 + 7,000 or 7,000 + 2,021 + 600.
        #expect(rounds.map(\.isLocal) == [true, true, true, true])
        #expect(rounds[2].ttft == 7_000)
        #expect(rounds[3].released == 18_000)
        #expect(rounds[3].ttft == 4_000)
    }

    @Test("a prompt that no step has room for waits until the batch is smaller")
    func waiting() {
        // Two sequences decode when the third prompt comes, for which 1,700 ns are needed.
        var setup = cluster(.kairos)
        setup.policy[.deflectedStepShare] = 0.165
        setup.policy[.deflectionFactor] = 1000
        let rounds = outcomes(
            setup, table((0, [(10, 8, 0)]), (10_100, [(1, 30, 0)]), (10_300, [(2, 2, 0)])))
        // A's step ends at 10,600. B takes one token beside A, 1,600, until 12,200; C was deflected
        // beside A alone, as far as was known, and waits while A and B decode in steps of 700.
        #expect(rounds[1].ttft == 12_200 - 10_100)
        // A's eighth token is the fifth step of both, at 15,700; then one token per 1,600.
        #expect(rounds[0].ttft + rounds[0].decodeTime == 15_700)
        #expect(rounds[2].isLocal)
        #expect(rounds[2].prefillStarted == 15_700)
        #expect(rounds[2].ttft == 15_700 + 2 * 1_600 - 10_300)
    }
}

@Suite("Steps with deflected prefills")
struct SafeStepTests {
    private func scenario(_ seed: Int) -> Scenario {
        var scenario = Scenario(seed: UInt64(seed), policy: .kairos, load: .of(seed))
        scenario.setup.policy[.deflectedStepShare] = [1, 2, 5, 20][seed / 4 % 4]
        scenario.setup.policy[.deflectionFactor] = [1, 1.5, 1000][seed % 3]
        // Prompts on one rank make the steps of the others longer.
        scenario.setup.dataParallelRanks = 1
        return scenario
    }

    @Test("no step in which sequences decode is made longer than the target by prompts")
    func withinTarget() {
        var (mixed, longest) = (0, 0.0)
        for seed in 0..<120 {
            let scenario = scenario(seed)
            var cluster = RunningCluster(
                scenario.setup, scenario.sessions,
                MeasuredSessions(first: 0, end: scenario.sessions.count), keepsRounds: false)
            let target = cluster.policy.safeChunks?.target ?? 0
            cluster.start()
            while cluster.step() {
                for index in cluster.workers.indices
                where cluster.workers[index].decodes && !cluster.workers[index].chunks.isEmpty {
                    let first = cluster.workers[index].entry.run.first
                    #expect(first <= target, "seed \(seed)")
                    mixed += 1
                    longest = max(longest, Double(first) / Double(target))
                }
            }
        }
        #expect(mixed > 1_000)
        #expect(longest > 0.9, "the target must be felt")
    }

    @Test("runs of steps and single steps agree, books balance", arguments: 0..<240)
    func agree(seed: Int) {
        var scenario = scenario(seed)
        #expect(WatchedRun(scenario).faults == [])
        let quick = run(scenario.setup, scenario.sessions)
        scenario.setup.stepping = .oneByOne
        let slow = run(scenario.setup, scenario.sessions)
        #expect(quick.rounds == slow.rounds)
    }
}
