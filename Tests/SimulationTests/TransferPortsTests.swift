import DiscreteEvents
import ServingDomain
import Testing

@testable import Simulation

/// Transfers between random workers against the plainest way to reckon the same rule.
@Suite("Transfer ports")
struct TransferPortsTests {
    private struct Sending {
        let begin: Int64
        let source: Int
        let target: Int
        let bytes: ByteTime
    }

    /// Up to 60 transfers among up to five workers, many of them at the same instants.
    private func sendings(seed: UInt64) -> (workers: Int, [Sending]) {
        var random = RandomSequence(seed: seed, named: "transfer ports")
        let (workers, span) = (
            2 + random.integer(below: 4), [1, 100, 5_000][random.integer(below: 3)]
        )
        let sizes = (0..<(1 + random.integer(below: 3))).map { _ in 1 + 999 * random.unit() }
        let all = (0..<(1 + random.integer(below: 60))).map { _ in
            let source = random.integer(below: workers)
            let target = (source + 1 + random.integer(below: workers - 1)) % workers
            return Sending(
                begin: Int64(random.integer(below: span)), source: source, target: target,
                bytes: ByteTime(nanoseconds: sizes[random.integer(below: sizes.count)]))
        }
        return (workers, all.sorted { $0.begin < $1.begin })
    }

    private struct Outcome: Equatable {
        var ends: [Int64]
        /// Numbers of the transfers in the order in which they ended.
        var order: [Int]
    }

    private func simulated(_ sendings: [Sending], _ ports: inout TransferPorts) -> Outcome {
        var events = EventQueue<ServingEvent>()
        var outcome = Outcome(ends: Array(repeating: -1, count: sendings.count), order: [])
        for sending in sendings {
            let id = ports.insert(
                Transfer(
                    .increment, slot: 0, prefillWorker: 0, asked: .zero,
                    ports: (
                        TransferPorts.egress(of: sending.source, over: .intraNode),
                        TransferPorts.ingress(of: sending.target, over: .intraNode)
                    ), bytes: sending.bytes))
            events.push(
                at: SimulatedTime(nanoseconds: sending.begin),
                rank: ServingEvent.Kind.bytesBegan.rawValue, event: ServingEvent(.bytesBegan, id))
        }
        while let (time, event) = events.pop() {
            let id = Int(event.index)
            if event.kind == .bytesBegan {
                ports.begin(id, at: time, &events)
            } else if let transfer = ports.check(id, at: time, &events) {
                outcome.ends[transfer.number] = time.nanoseconds
                outcome.order.append(transfer.number)
            }
        }
        return outcome
    }

    /// Everything is looked at whenever one transfer begins or ends.
    private func plain(_ sendings: [Sending]) -> Outcome {
        var outcome = Outcome(ends: Array(repeating: -1, count: sendings.count), order: [])
        var (rests, sharers) = (sendings.map(\.bytes), sendings.map { _ in 0 })
        var (since, ends) = (sendings.map(\.begin), sendings.map { _ in Int64.max })
        var (active, waiting) = ([Int](), sendings.indices.first)
        func share(_ now: Int64) {
            for number in active {
                let count = max(
                    active.filter { sendings[$0].source == sendings[number].source }.count,
                    active.filter { sendings[$0].target == sendings[number].target }.count)
                guard count != sharers[number] else { continue }
                if sharers[number] > 0 {
                    rests[number] -= rests[number].part(
                        in: now - since[number], sharers: sharers[number])
                }
                (since[number], sharers[number]) = (now, count)
                ends[number] = now + rests[number].nanoseconds(sharers: count)
            }
        }
        while true {
            let first = active.min { (ends[$0], $0) < (ends[$1], $1) }
            let begin = waiting.map { sendings[$0].begin } ?? .max
            if let first, ends[first] <= begin {
                active.removeAll { $0 == first }
                outcome.ends[first] = ends[first]
                outcome.order.append(first)
                share(ends[first])
            } else if let next = waiting {
                active.append(next)
                waiting = next + 1 < sendings.count ? next + 1 : nil
                share(begin)
            } else {
                return outcome
            }
        }
    }

    @Test("places of transfers that have ended are used again")
    func places() {
        for seed: UInt64 in 0..<50 {
            let (workers, sendings) = sendings(seed: seed)
            var ports = TransferPorts(workers: workers, .shared)
            _ = simulated(sendings, &ports)
            let next = Transfer(
                .increment, slot: 0, prefillWorker: 0, asked: .zero, ports: (0, 1),
                bytes: ByteTime(nanoseconds: 1))
            for _ in sendings { #expect(ports.insert(next) < sendings.count) }
            #expect(ports.insert(next) == sendings.count)
        }
    }

    @Test("every transfer ends in the nanosecond and in the order of the plain reckoning")
    func agree() {
        for seed: UInt64 in 0..<1_000 {
            let (workers, sendings) = sendings(seed: seed)
            var ports = TransferPorts(workers: workers, .shared)
            #expect(simulated(sendings, &ports) == plain(sendings), "seed \(seed)")
        }
    }

    @Test("what leaves is what arrives, and no port moves more than it has time for")
    func conserved() {
        for seed: UInt64 in 0..<200 {
            let (workers, sendings) = sendings(seed: seed)
            var ports = TransferPorts(workers: workers, .shared)
            let outcome = simulated(sendings, &ports)
            let last = outcome.ends.max() ?? 0
            #expect(ports.underWay == 0)
            for worker in 0..<workers {
                let port = (
                    out: TransferPorts.egress(of: worker, over: .intraNode),
                    into: TransferPorts.ingress(of: worker, over: .intraNode)
                )
                let sent = sendings.filter { $0.source == worker }.map(\.bytes.inNanoseconds)
                let received = sendings.filter { $0.target == worker }.map(\.bytes.inNanoseconds)
                let now = SimulatedTime(nanoseconds: last)
                // Ticks are whole, and so are their sums up to 2^53 of them.
                #expect(ports.busyTime(of: port.out, at: now) == sent.reduce(0, +))
                #expect(ports.busyTime(of: port.into, at: now) == received.reduce(0, +))
                #expect(sent.reduce(0, +) <= Double(last) && received.reduce(0, +) <= Double(last))
            }
        }
    }

    @Test("a byte time is kept in ticks, however long, and its parts are rounded down")
    func byteTimes() {
        #expect(ByteTime(nanoseconds: 0.3).inNanoseconds == (0.3 * 0x1p20).rounded() / 0x1p20)
        #expect(ByteTime(nanoseconds: 1e15 + 0.5).inNanoseconds == 1e15 + 0.5)
        #expect(ByteTime(nanoseconds: 0x1p-22) == .zero)
        let ten = ByteTime(nanoseconds: 10)
        #expect(
            ten.part(in: 10, sharers: 3).inNanoseconds == (10 * 0x1p20 / 3).rounded(.down) / 0x1p20)
        // Three hours, longer than 64 bits of ticks: 3,600 s and a third of a nanosecond.
        let long = ByteTime(nanoseconds: 2e13).part(in: 10_800_000_000_001, sharers: 3)
        #expect(long.ticks == (Int128(3_600_000_000_000) << 20) + (1 << 20) / 3)
        #expect(ten.part(in: 31, sharers: 3) == ten)
        #expect(ten.nanoseconds(sharers: 3) == 30)
        #expect(ByteTime(nanoseconds: 10 + 0x1p-20).nanoseconds(sharers: 3) == 31)
        #expect(ByteTime(nanoseconds: 9e15).nanoseconds(sharers: 100) == 900_000_000_000_000_000)
    }
}
