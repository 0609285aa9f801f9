import DiscreteEvents

/// A KV transfer between a prefill worker and a serving worker, from when it is asked for.
struct Transfer {
    enum Part: UInt8 {
        /// From the serving worker, for a prefill that has been selected.
        case history
        /// To the serving worker, after the prefill.
        case increment

        /// What happens when the last byte is there.
        var arrival: ServingEvent.Kind { self == .history ? .historyArrived : .incrementArrived }
    }

    let part: Part
    let slot: Int32
    let prefillWorker: Int32
    let asked: SimulatedTime
    /// Ports that its bytes leave and enter by.
    let egress: Int32
    let ingress: Int32
    /// Place in the order in which transfers were asked for.
    var number = 0

    // MARK: While its bytes move
    /// Bytes that had not moved at `since`.
    var left: ByteTime
    var since = SimulatedTime.zero
    /// Transfers at the busier of its two ports since then; 0 while it uses no port.
    var sharers = 0
    /// When its last byte arrives, as things are.
    var end = SimulatedTime.never
    var hasEnded = false
    /// Pending events that point at it.
    var events = 0

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

    /// What moves from `since` to `now`.
    func moved(by now: SimulatedTime) -> ByteTime {
        sharers > 0 ? left.part(in: now - since, sharers: sharers) : .zero
    }
}

/// One direction of one worker's links of one class.
struct TransferPort {
    /// When a transfer ends, and which of those that end then.
    struct Ending: Comparable {
        let time: SimulatedTime
        let number: Int

        static let never = Self(time: .never, number: .max)

        static func < (lhs: Self, rhs: Self) -> Bool {
            lhs.time == rhs.time ? lhs.number < rhs.number : lhs.time < rhs.time
        }
    }

    /// Places of the transfers whose bytes move through it, in no order.
    var members: ContiguousArray<Int32> = []
    /// Time alone on its links of everything that has moved.
    var moved = ByteTime.zero
    /// An egress port has an event at the first end among its transfers, or before it.
    var armed = Ending.never

    mutating func remove(_ id: Int) {
        guard let place = members.firstIndex(of: Int32(id)) else {
            preconditionFailure("INV-3: a transfer ends once")
        }
        members.swapAt(place, members.count - 1)
        members.removeLast()
    }
}
