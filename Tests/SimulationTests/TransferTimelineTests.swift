import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain
import Testing

@testable import Simulation

/// Transfers worked out by hand: 2,000 ns of software path, then 3 ns per token.
@Suite("Transfers that share links")
struct TransferTimelineTests {
    /// Several prefill workers whose first tokens appear with their increments, so that TTFT is
    /// 1,000 ns per token, and the transfer.
    private func shipping(prefill: Int, decode: Int = 1) -> ClusterSetup {
        var setup = cluster(.alwaysRemote, prefill: prefill, decode: decode)
        setup.firstTokenSite = .prefillShipped
        return setup
    }

    /// Transfer times of single rounds by session.
    private func times(_ setup: ClusterSetup, _ scripts: [Script]) -> [Int64] {
        run(setup, table(scripts)).rounds.sorted { $0.session < $1.session }
            .map { $0.ttft - ($0.prefillEnded - $0.released) }
    }

    @Test("two that begin together share the way in, and the longer one then has it alone")
    func sharedIngress() {
        // Both computations end at 200,000; 600 ns and 300 ns of bytes begin at 202,000. The shorter
        // one takes 600; the other has half of its bytes left then and needs 300 more.
        let times = times(
            shipping(prefill: 2), [(0, [(200, 1, 0)]), (100_000, [(100, 1, 0)])])
        #expect(times == [2_900, 2_600])
    }

    @Test("one that joins midway slows the other down for the rest")
    func joinsMidway() {
        // Session 0 is sent at 200,000 with 600 ns of bytes from 202,000 on; session 1 begins at
        // 202,300 with 300. 300 are left to both: they end at 202,900.
        let times = times(
            shipping(prefill: 2), [(0, [(200, 1, 0)]), (100_300, [(100, 1, 0)])])
        #expect(times == [2_900, 2_600])
    }

    @Test("thirds of a nanosecond add up in ticks, and arrivals are rounded up")
    func thirds() {
        // 33, 30 and 30 ns begin at 13,000: three share until 13,090, then 3 ns are left to one.
        let together = times(
            shipping(prefill: 3), [(0, [(11, 1, 0)]), (1_000, [(10, 1, 0)]), (1_000, [(10, 1, 0)])])
        #expect(together == [2_093, 2_090, 2_090])
        // Two begin at 12,000 and a third at 12,001. 29.5 of 30 ns are left to the two, and three
        // share for 88.5 more: 12,089.5, rounded up. The third has had 89 / 3 by then; the third of
        // a nanosecond that is left to it ends 1 ns later, rounded up.
        let odd = times(
            shipping(prefill: 3), [(0, [(10, 1, 0)]), (0, [(10, 1, 0)]), (1, [(10, 1, 0)])])
        #expect(odd == [2_090, 2_090, 2_090])
    }

    @Test("transfers between different workers do not touch each other")
    func disjoint() {
        // Sessions go to workers of their own on both sides.
        let times = times(
            shipping(prefill: 2, decode: 2), [(0, [(100, 1, 0)]), (0, [(100, 1, 0)])])
        #expect(times == [2_300, 2_300])
    }

    @Test("a way in and a way out are two: histories and increments pass each other")
    func fullDuplex() throws {
        // Session 1 computes 101 tokens until 213,302 while session 0 returns with a history of
        // 30,000 tokens, whose read takes 90,000 ns and leaves the worker into which session 1's
        // increment comes.
        var setup = shipping(prefill: 2)
        setup.contention = .shared
        let scripts: [Script] = [
            (0, [(30_000, 1, 1_000), (1, 1, 0)]), (30_095_000 - 200_000, [(200, 1, 0)]),
        ]
        let rounds = run(setup, table(scripts)).rounds
        let read = try #require(rounds.first { $0.session == 0 && $0.round == 1 })
        let other = try #require(rounds.first { $0.session == 1 })
        #expect(read.released == 30_093_000)
        #expect(read.prefillStarted == 30_093_000 + 2_000 + 90_000)
        #expect(other.prefillEnded == 30_095_000)
        #expect(other.ttft == 200_000 + 2_600)
    }

    @Test("two reads of one worker's memory share the way out")
    func sharedEgress() {
        // Histories of 100 tokens, asked for together: 300 ns each, 600 together.
        let scripts: [Script] = [
            (0, [(100, 1, 100_000), (1, 1, 0)]), (0, [(100, 1, 100_000), (1, 1, 0)]),
        ]
        let rounds = run(shipping(prefill: 2), table(scripts)).rounds.filter { $0.round == 1 }
        #expect(rounds.map(\.released) == [202_600, 202_600])
        #expect(rounds.map { $0.prefillStarted - $0.released } == [2_600, 2_600])
    }

    @Test("a transfer that is slowed at one end leaves the rest of the other end unused")
    func busierEnd() {
        // Workers 0 and 1 send to serving worker 0, worker 0 also to serving worker 1 a little
        // later: it shares the way out of worker 0.
        var ports = TransferPorts(workers: 4, .shared)
        var events = EventQueue<ServingEvent>()
        func add(_ source: Int, _ target: Int, _ bytes: Double) -> Int {
            let id = ports.insert(
                Transfer(
                    .increment, slot: 0, prefillWorker: source, asked: .zero,
                    ports: (
                        TransferPorts.egress(of: source, over: .intraNode),
                        TransferPorts.ingress(of: target, over: .intraNode)
                    ), bytes: ByteTime(nanoseconds: bytes)))
            ports.begin(id, at: .zero, &events)
            return id
        }
        let (first, second, third) = (add(0, 2, 100), add(1, 2, 100), add(1, 3, 100))
        #expect([first, second, third].map { ports[$0].end.nanoseconds } == [200, 200, 200])
    }

    @Test("without contention each moves as if it were alone")
    func uncontended() {
        var setup = shipping(prefill: 2)
        setup.contention = .none
        let times = times(setup, [(0, [(200, 1, 0)]), (100_000, [(100, 1, 0)])])
        #expect(times == [2_600, 2_300])
    }

    @Test("links inside a node and between nodes are different ones, with their own bandwidth")
    func linkClasses() {
        var setup = shipping(prefill: 2)
        setup.transfer = TransferCosts(
            KVTransfer(
                latency: .nanoseconds(2_000), perBlock: .nanoseconds(10),
                intraNode: Bandwidth(bytesPerSecond: 1e9),
                interNode: Bandwidth(bytesPerSecond: 0.5e9)), bytesPerToken: 3, blockSize: 16)
        setup.placement = .nodes(prefill: [0, 1], serving: [1])
        // 7 blocks each; 300 ns inside, 600 ns across, at the same time. Eq. 2 sees the difference:
        // with nobody waiting the first round goes to the near worker, which is not the first.
        let times = times(setup, [(0, [(100, 1, 0)]), (0, [(100, 1, 0)])])
        #expect(times == [2_370, 2_670])
    }

    @Test("the report knows how long a round's transfers took and how full the busiest port was")
    func reported() throws {
        let script: Script = (0, [(100, 1, 1_000), (50, 1, 0)])
        let result = run(shipping(prefill: 1), table(script, (1_000_000, [(1, 1, 0)])))
        // 2,300; then the history of 100 tokens and 51 back: 2,300 + 2,153; then 2,003.
        #expect(result.transferTime.count == 3)
        #expect(result.transferTime.sum == 2_300 + 4_453 + 2_003)
        // Until the last arrival 453 ns went into the serving worker.
        let busiest = try #require(result.busiestPort)
        #expect(abs(busiest - 453e-6) < 1e-9)
    }
}
