import DiscreteEvents
import ServingDomain

/// Transfers under way, and the ports at which they slow each other down.
///
/// A transfer moves at 1/k of its speed while the busier of its two ports holds k transfers, so that
/// no port ever moves more than it can: processor sharing. Each egress port has an event at the
/// first end among its transfers; where that moves forward a further event is pushed, and one that
/// comes too early looks for the next end. A place is used again when no event points at it.
struct TransferPorts: ~Copyable {
    private var transfers = Slab<Transfer>(minimumCapacity: 64)
    private var free: ContiguousArray<Int32> = []
    private var ports = Slab<TransferPort>()
    private var asked = 0
    /// Transfers whose last byte has not arrived.
    private(set) var underWay = 0

    /// Ports of every worker and class of link, in both directions; none where nothing is shared.
    init(workers: Int, _ contention: KVTransfer.Contention) {
        guard contention == .shared else { return }
        for _ in 0..<(workers * Self.portsPerWorker) { ports.append(TransferPort()) }
    }

    private static let portsPerWorker = 2 * LinkClass.allCases.count

    static func egress(of worker: Int, over link: LinkClass) -> Int {
        worker * portsPerWorker + 2 * link.rawValue
    }

    static func ingress(of worker: Int, over link: LinkClass) -> Int {
        egress(of: worker, over: link) + 1
    }

    subscript(id: Int) -> Transfer { transfers[id] }

    /// Takes a transfer up.
    ///
    /// - Returns: its place until it has ended.
    mutating func insert(_ transfer: Transfer) -> Int {
        var transfer = transfer
        transfer.number = asked
        asked += 1
        underWay += 1
        guard let id = free.popLast() else {
            transfers.append(transfer)
            return transfers.count - 1
        }
        transfers[Int(id)] = transfer
        return Int(id)
    }

    /// Schedules the end of a transfer that uses no port.
    mutating func end(_ id: Int, at time: SimulatedTime, _ events: inout EventQueue<ServingEvent>) {
        transfers[id].end = time
        push(id, &events)
    }

    /// The first byte of a transfer moves.
    mutating func begin(
        _ id: Int, at now: SimulatedTime, _ events: inout EventQueue<ServingEvent>
    ) {
        let (egress, ingress) = (Int(transfers[id].egress), Int(transfers[id].ingress))
        ports[egress].members.append(Int32(id))
        ports[ingress].members.append(Int32(id))
        share(egress, at: now, &events)
        share(ingress, at: now, &events)
    }

    /// An event points at a transfer.
    ///
    /// - Returns: the transfer if its last byte arrives now; it is forgotten then.
    mutating func check(
        _ id: Int, at now: SimulatedTime, _ events: inout EventQueue<ServingEvent>
    ) -> Transfer? {
        transfers[id].events -= 1
        let transfer = transfers[id]
        guard !transfer.hasEnded else {
            release(id)
            return nil
        }
        if transfer.sharers > 0 {
            let egress = Int(transfer.egress)
            let armed = ports[egress].armed
            guard armed.time == now, armed.number == transfer.number else { return nil }
            guard transfer.end == now else {
                arm(egress, &events)
                return nil
            }
            leave(id, at: now, &events)
        }
        transfers[id].hasEnded = true
        underWay -= 1
        release(id)
        return transfer
    }

    /// The last byte of a transfer has arrived.
    private mutating func leave(
        _ id: Int, at now: SimulatedTime, _ events: inout EventQueue<ServingEvent>
    ) {
        let (egress, ingress) = (Int(transfers[id].egress), Int(transfers[id].ingress))
        count(transfers[id].left, of: id)
        precondition(
            max(ports[egress].moved, ports[ingress].moved).nanoseconds(sharers: 1)
                <= now.nanoseconds, "INV-5: a port moves no more than it can")
        ports[egress].remove(id)
        ports[ingress].remove(id)
        share(egress, at: now, &events)
        share(ingress, at: now, &events)
        arm(egress, &events)
    }

    /// Lets the transfers of a port know that their number has changed.
    private mutating func share(
        _ port: Int, at now: SimulatedTime, _ events: inout EventQueue<ServingEvent>
    ) {
        for place in ports[port].members.indices {
            let id = Int(ports[port].members[place])
            let egress = Int(transfers[id].egress)
            let sharers = max(
                ports[egress].members.count, ports[Int(transfers[id].ingress)].members.count)
            guard sharers != transfers[id].sharers else { continue }
            retime(id, sharers, at: now)
            if ending(id) < ports[egress].armed { arm(egress, with: id, &events) }
        }
    }

    private mutating func retime(_ id: Int, _ sharers: Int, at now: SimulatedTime) {
        let moved = transfers[id].moved(by: now)
        count(moved, of: id)
        transfers[id].left -= moved
        transfers[id].since = now
        transfers[id].sharers = sharers
        transfers[id].end = now + transfers[id].left.nanoseconds(sharers: sharers)
    }

    /// Bytes of a transfer have moved through both of its ports.
    private mutating func count(_ moved: ByteTime, of id: Int) {
        ports[Int(transfers[id].egress)].moved += moved
        ports[Int(transfers[id].ingress)].moved += moved
    }

    // MARK: Events

    private func ending(_ id: Int) -> TransferPort.Ending {
        .init(time: transfers[id].end, number: transfers[id].number)
    }

    /// Schedules the first end among the transfers of an egress port.
    private mutating func arm(_ egress: Int, _ events: inout EventQueue<ServingEvent>) {
        var (first, ending) = (-1, TransferPort.Ending.never)
        for place in ports[egress].members.indices {
            let id = Int(ports[egress].members[place])
            if self.ending(id) < ending { (first, ending) = (id, self.ending(id)) }
        }
        if first >= 0 {
            arm(egress, with: first, &events)
        } else {
            ports[egress].armed = .never
        }
    }

    private mutating func arm(
        _ egress: Int, with id: Int, _ events: inout EventQueue<ServingEvent>
    ) {
        ports[egress].armed = ending(id)
        push(id, &events)
    }

    private mutating func push(_ id: Int, _ events: inout EventQueue<ServingEvent>) {
        transfers[id].events += 1
        let kind = transfers[id].part.arrival
        events.push(
            at: transfers[id].end, rank: kind.rawValue, tie: UInt64(transfers[id].number),
            event: ServingEvent(kind, id))
    }

    private mutating func release(_ id: Int) {
        if transfers[id].events == 0 { free.append(Int32(id)) }
    }

    // MARK: Utilisation

    var portIndices: Range<Int> { ports.indices }

    /// Nanoseconds that a port alone would have taken for what has moved through it.
    func busyTime(of port: Int, at now: SimulatedTime) -> Double {
        ports[port].members.reduce(ports[port].moved.inNanoseconds) { sum, id in
            sum + transfers[Int(id)].moved(by: now).inNanoseconds
        }
    }
}
