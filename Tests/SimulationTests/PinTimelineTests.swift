import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain
import Simulation
import Testing

/// Histories that are pinned while a tool runs, every instant worked out by hand; figures as in
/// `ClusterTimelineTests`: prefill 1,000 ns per token, a step 500 ns plus 100 ns per sequence.
@Suite("Timelines of pinned histories")
struct PinTimelineTests {
    private func replica(
        _ policy: ServingPolicy.Name = .continuumCode, pin: Double, capacity: Int = 1_000_000,
        blockSize: Int = 1, seats: Int = 256
    ) -> ClusterSetup {
        var setup = cluster(policy, prefill: 0, capacity: capacity, blockSize: blockSize)
        setup.policy[.pinTime] = pin
        setup.maxSequences = seats
        return setup
    }

    @Test("a pinned history is kept from those who need memory until its pin ends")
    func pinEnds() {
        // Three blocks: A's history and C hold one each, and B needs two. A's pin ends at 60,000,
        // C's next boundary is at 60,200. C has 16 of its 89 steps left after the mixed one.
        let result = run(
            replica(pin: 50e-6, capacity: 300, blockSize: 100),
            table(
                (0, [(10, 1, 1_000_000), (3, 1, 0)]), (15_000, [(2, 90, 0)]),
                (20_000, [(150, 1, 0)])))
        #expect(
            result.timeline == [
                Instants(0, 0, 10_000, 10_000, 10_000),
                Instants(1_010_000, 1_010_000, 1_024_000, 1_024_000, 1_024_000),
                Instants(15_000, 15_000, 17_000, 17_000, 220_400),
                Instants(20_000, 60_200, 210_800, 210_800, 210_800),
            ])
        #expect(result.evictions == 1)
    }

    @Test("without anything in service a pin gives way at once")
    func pinGivesWay() {
        let result = run(
            replica(pin: 1, capacity: 300, blockSize: 100),
            table((0, [(10, 1, 1_000_000), (3, 1, 0)]), (20_000, [(250, 1, 0)])))
        #expect(result.timeline.last == Instants(20_000, 20_000, 270_000, 270_000, 270_000))
        #expect(result.evictions == 1)
    }

    @Test("of several that wait, who came back in time goes first, then whose session came first")
    func order() {
        // C computes from 20,000 to 70,000 on the only seat. Meanwhile A comes back at 50,000, after
        // its pin, B at 52,000, within its own, and D arrives at 30,000.
        let result = run(
            replica(pin: 35e-6, seats: 1),
            table(
                (0, [(10, 1, 40_000), (3, 1, 0)]), (10_000, [(10, 1, 32_000), (3, 1, 0)]),
                (20_000, [(50, 1, 0)]), (30_000, [(5, 1, 0)])))
        #expect(
            result.timeline == [
                Instants(0, 0, 10_000, 10_000, 10_000),
                Instants(50_000, 74_000, 78_000, 78_000, 78_000),
                Instants(10_000, 10_000, 20_000, 20_000, 20_000),
                Instants(52_000, 70_000, 74_000, 74_000, 74_000),
                Instants(20_000, 20_000, 70_000, 70_000, 70_000),
                Instants(30_000, 78_000, 83_000, 83_000, 83_000),
            ])
    }

    @Test("who comes back when the pin ends is in time")
    func returnAtTheEnd() {
        let result = run(
            replica(pin: 35e-6, seats: 1),
            table(
                (0, [(10, 1, 40_000), (3, 1, 0)]), (10_000, [(10, 1, 35_000), (3, 1, 0)]),
                (20_000, [(50, 1, 0)])))
        #expect(result.timeline[3] == Instants(55_000, 70_000, 74_000, 74_000, 74_000))
    }

    @Test("the session that came last gives way, and pins go when nothing else is left")
    func victim() {
        // The batch is full at 21,200: B, let in first, came last. Its 17 tokens need A's pinned 12
        // at 21,800; A's 14 need B's pinned 25 at 43,600.
        let result = run(
            replica(pin: 100e-6, capacity: 28),
            table(
                (0, [(4, 1, 10_000), (4, 4, 1000), (1, 1, 0)]),
                (4000, [(6, 20, 5000), (1, 1, 0)])))
        #expect(
            result.timeline == [
                Instants(0, 0, 4000, 4000, 4000),
                Instants(14_000, 14_200, 19_800, 19_800, 21_800),
                Instants(22_800, 43_600, 57_600, 57_600, 57_600),
                Instants(4000, 4000, 10_000, 10_000, 43_600),
                Instants(48_600, 57_600, 84_600, 84_600, 84_600),
            ])
        #expect(result.preemptions == 1)
        #expect(result.evictions == 2)
    }

    @Test("a round that is the last of its session stays in the batch")
    func lastRoundStays() {
        // As above, but B has no second round: A, whose session came first, gives way at 21,200.
        let result = run(
            replica(pin: 100e-6, capacity: 28),
            table((0, [(4, 1, 10_000), (4, 4, 1000), (1, 1, 0)]), (4000, [(6, 20, 0)])))
        // B goes on with steps of 600 for its nine tokens. A has 8 + 1 + 3 tokens to compute anew.
        #expect(
            result.timeline == [
                Instants(0, 0, 4000, 4000, 4000),
                Instants(14_000, 14_200, 19_800, 19_800, 38_600),
                Instants(39_600, 39_600, 41_600, 41_600, 41_600),
                Instants(4000, 4000, 10_000, 10_000, 26_600),
            ])
    }

    @Test("a preempted round goes back to its session's place, pinned before or not")
    func preemptedPin() {
        // All prompts until 6,000. B comes back within its pin of 2,000 and is computed beside C from
        // 7,200 to 10,800; A, back at 9,000 after its own, needs 13 of 24 blocks and waits. At 15,000
        // the batch takes A's two, at 15,700 B gives way with eight of nine tokens. C ends at 18,700,
        // and A goes before B's 13.
        let result = run(
            replica(pin: 2e-6, capacity: 24),
            table(
                (0, [(2, 1, 3000), (10, 1, 0)]), (0, [(2, 1, 1000), (2, 9, 1000), (1, 1, 0)]),
                (0, [(2, 16, 0)])))
        #expect(
            result.timeline == [
                Instants(0, 0, 6000, 6000, 6000),
                Instants(9000, 18_700, 31_700, 31_700, 31_700),
                Instants(0, 0, 6000, 6000, 6000),
                Instants(7000, 7200, 10_800, 10_800, 44_700),
                Instants(45_700, 45_700, 47_700, 47_700, 47_700),
                Instants(0, 0, 6000, 6000, 18_700),
            ])
        #expect(result.preemptions == 1)
        #expect(result.evictions == 1)
    }

    @Test("a history is lost even where the beginning that it shares is still there")
    func lostBehindSharedBeginning() {
        // B evicts A's two own tokens at 12,000, not the eight that it shares. A comes back at 25,000
        // from a call of 15,000 and waits until 34,000 to compute five of 13 tokens. A wait of 9000
        // and 13,000 to compute it all anew are worth a pin of 15,000: from 39,000 to 54,000. C
        // decodes from 42,000 to 48,600, and D needs 22 of 30 tokens beside A's five.
        var setup = replica(.continuumV6, pin: 0, capacity: 30)
        setup.policy[.enoughCalls] = 0
        let result = run(
            setup,
            sharing(
                [
                    (0, [(10, 1, 15_000), (2, 1, 50_000), (1, 1, 0)]), (12_000, [(22, 1, 0)]),
                    (40_000, [(2, 12, 0)]), (42_100, [(22, 1, 0)]),
                ], except: [1, 2, 3]))
        #expect(
            result.timeline == [
                Instants(0, 0, 10_000, 10_000, 10_000),
                Instants(25_000, 34_000, 39_000, 39_000, 39_000),
                Instants(89_000, 89_000, 104_000, 104_000, 104_000),
                Instants(12_000, 12_000, 34_000, 34_000, 34_000),
                Instants(40_000, 40_000, 42_000, 42_000, 48_600),
                Instants(42_100, 48_600, 70_600, 70_600, 70_600),
            ])
        #expect(result.evictions == 1)
    }
}
