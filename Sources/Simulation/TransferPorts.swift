import DiscreteEvents
import ServingDomain

/// A KV transfer between a prefill worker and a serving worker, from when it is asked for.
struct Transfer {
    enum Part: UInt8 {
        /// From the serving worker, for a prefill that has been selected.
        case history
        /// To the serving worker, after the prefill.
        case increment
    }

    let part: Part
    let slot: Int32
    let prefillWorker: Int32
    let asked: SimulatedTime
    /// Ports that its bytes leave and enter by.
    let egress: Int32
    let ingress: Int32
    /// Bytes that had not moved at `since`.
    var left: ByteTime

    /// Place in the order in which transfers were asked for.
    fileprivate(set) var number = 0
    fileprivate var since = SimulatedTime.zero
    /// Transfers at the busier of its two ports since then.
    fileprivate var sharers = 0
    /// When its last byte arrives, as things are.
    fileprivate(set) var end = SimulatedTime.never
    /// The first of the pending events that look after it, and how many there are.
    fileprivate var armed = SimulatedTime.never
    fileprivate var pending = 0
    fileprivate var hasEnded = false

    init(
        _ part: Part, slot: Int, prefillWorker: Int, asked: SimulatedTime,
        ports: (egress: Int, ingress: Int), bytes: ByteTime
    ) {
        self.part = part
        self.slot = Int32(slot)
        self.prefillWorker = Int32(prefillWorker)
        self.asked = asked
        (egress, ingress) = (Int32(ports.egress), Int32(ports.ingress))
        left = bytes
    }
}

/// One direction of one worker's links of one class.
struct TransferPort {
    /// Places of the transfers whose bytes move through it, in no order.
    var members: ContiguousArray<Int32> = []
    /// Exclusive time of everything that has moved.
    var moved = ByteTime.zero
}

/// Transfers under way, and the ports at which they slow each other down.
///
/// A transfer moves at 1/k of its speed while the busier of its two ports holds k transfers, so that
/// no port ever moves more than it can: processor sharing. An event looks after each transfer; where
/// its end moves, only an earlier one gets a new event, and events that come at a wrong time are
/// told by it. A place is used again when no event points at it any more.
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

    /// Schedules the end of a transfer that shares nothing.
    mutating func end(_ id: Int, at time: SimulatedTime, _ events: inout EventQueue<ServingEvent>) {
        transfers[id].end = time
        arm(id, &events)
    }

    /// The first byte of a transfer moves.
    mutating func begin(
        _ id: Int, at now: SimulatedTime, _ events: inout EventQueue<ServingEvent>
    ) {
        let (egress, ingress) = (Int(transfers[id].egress), Int(transfers[id].ingress))
        transfers[id].since = now
        ports[egress].members.append(Int32(id))
        ports[ingress].members.append(Int32(id))
        share(egress, at: now, &events)
        share(ingress, at: now, &events)
    }

    /// An event looks after a transfer.
    ///
    /// - Returns: the transfer if its last byte arrives now; it is forgotten then.
    mutating func check(
        _ id: Int, at now: SimulatedTime, _ events: inout EventQueue<ServingEvent>
    ) -> Transfer? {
        transfers[id].pending -= 1
        if transfers[id].hasEnded {
            release(id)
            return nil
        }
        guard transfers[id].end == now else {
            if transfers[id].armed == now { arm(id, &events) }
            return nil
        }
        let transfer = transfers[id]
        transfers[id].hasEnded = true
        underWay -= 1
        if transfer.sharers > 0 { leave(id, at: now, &events) }
        release(id)
        return transfer
    }

    /// The last byte of a transfer has arrived.
    private mutating func leave(
        _ id: Int, at now: SimulatedTime, _ events: inout EventQueue<ServingEvent>
    ) {
        let (egress, ingress) = (Int(transfers[id].egress), Int(transfers[id].ingress))
        remove(id, from: egress, at: now)
        remove(id, from: ingress, at: now)
        share(egress, at: now, &events)
        share(ingress, at: now, &events)
    }

    private mutating func remove(_ id: Int, from port: Int, at now: SimulatedTime) {
        ports[port].moved += transfers[id].left
        precondition(
            ports[port].moved.nanoseconds(sharers: 1) <= now.nanoseconds,
            "INV-5: a port moves no more than it can")
        guard let place = ports[port].members.firstIndex(of: Int32(id)) else {
            preconditionFailure("INV-3: a transfer ends once")
        }
        ports[port].members.swapAt(place, ports[port].members.count - 1)
        ports[port].members.removeLast()
    }

    /// Lets the transfers of a port know that their number has changed.
    private mutating func share(
        _ port: Int, at now: SimulatedTime, _ events: inout EventQueue<ServingEvent>
    ) {
        for place in ports[port].members.indices {
            let id = Int(ports[port].members[place])
            let sharers = max(
                ports[Int(transfers[id].egress)].members.count,
                ports[Int(transfers[id].ingress)].members.count)
            if sharers != transfers[id].sharers { retime(id, sharers, at: now, &events) }
        }
    }

    private mutating func retime(
        _ id: Int, _ sharers: Int, at now: SimulatedTime,
        _ events: inout EventQueue<ServingEvent>
    ) {
        if transfers[id].sharers > 0 {
            let moved = transfers[id].left.part(
                in: now - transfers[id].since, sharers: transfers[id].sharers)
            transfers[id].left -= moved
            ports[Int(transfers[id].egress)].moved += moved
            ports[Int(transfers[id].ingress)].moved += moved
        }
        transfers[id].since = now
        transfers[id].sharers = sharers
        transfers[id].end = now + transfers[id].left.nanoseconds(sharers: sharers)
        if transfers[id].end < transfers[id].armed { arm(id, &events) }
    }

    private mutating func arm(_ id: Int, _ events: inout EventQueue<ServingEvent>) {
        transfers[id].armed = transfers[id].end
        transfers[id].pending += 1
        let kind: ServingEvent.Kind =
            transfers[id].part == .history ? .historyArrived : .incrementArrived
        events.push(
            at: transfers[id].end, rank: kind.rawValue, tie: UInt64(transfers[id].number),
            event: ServingEvent(kind, id))
    }

    private mutating func release(_ id: Int) {
        if transfers[id].pending == 0 { free.append(Int32(id)) }
    }

    // MARK: Utilisation

    var portIndices: Range<Int> { ports.indices }

    /// Nanoseconds that a port alone would have taken for what has moved through it.
    func busyTime(of port: Int, at now: SimulatedTime) -> Double {
        ports[port].members.reduce(ports[port].moved.inNanoseconds) { sum, id in
            let transfer = transfers[Int(id)]
            let moved = transfer.left.part(in: now - transfer.since, sharers: transfer.sharers)
            return sum + moved.inNanoseconds
        }
    }
}
