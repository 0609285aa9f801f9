import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain
import Simulation
import Testing

/// Instants where a prompt costs more over a longer history: 1,000 ns per new token and 10 ns per
/// token that is cached; decode steps as in `Fixtures.swift`.
@Suite("Timelines with costly histories")
struct HistoryTimelineTests {
    private static let worker: WorkerCosts = {
        let shape = OperatorShape.decodeAttention(
            AttentionShape(heads: 8, kvHeads: 1, headDimension: 128, window: 0, kvFormat: .bf16))
        let member = PiecewiseLinear.line(intercept: 0, slope: 10)
        let curve = OperatorCurve(
            shape: shape, form: .family(CurveFamily(xs: [0, 1], members: [member, member])))
        return WorkerCosts(
            degree: .one,
            prefill: PhaseCosts(
                linear: .line(intercept: 0, slope: 1_000),
                attention: [.init(curve: curve, layers: 1)], fittedTokens: .infinity),
            decode: plainWorker.decode)
    }()

    @Test("a second round pays for the history below its increment")
    func secondRound() {
        let seen = run(
            cluster(.alwaysLocal, worker: Self.worker), table((0, [(10, 3, 1_000), (5, 1, 0)])))
        // Twelve tokens are cached when the last one of the answer and five new ones come.
        #expect(
            seen.timeline == [
                Instants(0, 0, 10_000, 10_000, 11_200),
                Instants(12_200, 12_200, 18_320, 18_320, 18_320),
            ])
    }

    @Test(
        "a prompt that keeps the first tokens of its history pays for them and for what is new",
        arguments: [(0, 5_000), (4, 5_040), (12, 5_120), (13, 6_120), (99, 6_120)])
    func shortened(kept: Int32, time: Int64) {
        var sessions = table((0, [(10, 3, 1_000), (5, 1, 0)]))
        sessions.setHistory(kept, ofRound: 1)
        // Ten tokens and three, whose last one has no KV cache: behind all of them it is computed too.
        let seen = run(cluster(.alwaysLocal, worker: Self.worker), sessions)
        #expect(
            seen.timeline == [
                Instants(0, 0, 10_000, 10_000, 11_200),
                Instants(12_200, 12_200, 12_200 + time, 12_200 + time, 12_200 + time),
            ])
        #expect(seen.rounds[1].promptTokens == min(13, Int(kept)) + 5)
        // An infinite server reads what is kept from one that is infinite too.
        var remote = cluster(.alwaysRemote, worker: Self.worker)
        remote.decode = .unlimited(plainWorker)
        let read = run(remote, sessions)
        #expect(read.rounds[1].prefillEnded - read.rounds[1].prefillStarted == time)
    }

    @Test("what is not kept is free when the round is released")
    func freed() {
        func peak(_ kept: Int32) -> Double {
            var sessions = table((0, [(60, 1, 1_000), (40, 1, 0)]))
            sessions.setHistory(kept, ofRound: 1)
            return run(cluster(.alwaysLocal, capacity: 200), sessions).peakMemoryShare
        }
        #expect(peak(.max) == 101.0 / 200 && peak(20) == 0.3 && peak(30) == 0.35)
    }

    @Test("the second chunk of a prompt pays for the first")
    func chunks() {
        var setup = cluster(.alwaysLocal, worker: Self.worker)
        setup.localPrefill = .chunked
        setup.tokenBudget = 30
        let seen = run(setup, table((0, [(40, 1, 0)])))
        // 30 tokens until 30,000, then 10 over 30.
        #expect(seen.timeline == [Instants(0, 0, 40_300, 40_300, 40_300)])
    }

    @Test("a preempted round computes its history again with the rest")
    func preemption() {
        let result = run(
            cluster(.alwaysLocal, capacity: 25, worker: Self.worker),
            table((0, [(4, 1, 1_000), (5, 5, 0)]), (4_999, [(10, 5, 0)])))
        // B computes 6 tokens over 4 behind A and joins after it at 21,039. Two steps of 700 fill 24
        // tokens; the third preempts B with three tokens out. A ends at 23,639 after two steps of
        // 600. All 13 tokens of B are computed until 36,639, which gives the fourth.
        #expect(
            result.timeline == [
                Instants(0, 0, 4_000, 4_000, 4_000),
                Instants(5_000, 14_999, 21_039, 21_039, 37_239),
                Instants(4_999, 4_999, 14_999, 14_999, 23_639),
            ])
        #expect(result.preemptions == 1)
        #expect(result.recomputedTokens == 13)
    }

    @Test("utilisation is the busy share between the first arrival and the last")
    func utilisation() {
        let sessions = table((0, [(10, 3, 0)]), (20_000, [(10, 1, 0)]))
        let local = run(cluster(.alwaysLocal), sessions)
        #expect(local.decodeUtilisation == 11_200 / 20_000.0)
        #expect(local.prefillUtilisation == 0)
        // 10,000 of prefill, and three steps of 600 after a transfer.
        let remote = run(cluster(.alwaysRemote, prefill: 2, decode: 3), sessions)
        #expect(remote.prefillUtilisation == 10_000 / 40_000.0)
        #expect(remote.decodeUtilisation == 1_800 / 60_000.0)
    }

    @Test("a round of one token has no gap to speak of")
    func oneToken() {
        let rounds = run(cluster(.alwaysLocal), table((0, [(10, 1, 500), (10, 4, 0)]))).rounds
        #expect(rounds.map(\.meanITL) == [0, 600])
    }
}
