public import HeapModule

/// Future events in their one total order: time, then rank, then order of insertion.
@frozen
public struct EventQueue<Event: Sendable>: Sendable {
    @usableFromInline
    struct Entry: Comparable, Sendable {
        @usableFromInline let time: Int64
        /// Rank in the top byte, insertion number below.
        @usableFromInline let order: UInt64
        @usableFromInline let event: Event

        @inlinable
        init(time: Int64, order: UInt64, event: Event) {
            self.time = time
            self.order = order
            self.event = event
        }

        @inlinable
        static func < (lhs: Self, rhs: Self) -> Bool {
            lhs.time != rhs.time ? lhs.time < rhs.time : lhs.order < rhs.order
        }

        @inlinable
        static func == (lhs: Self, rhs: Self) -> Bool {
            lhs.time == rhs.time && lhs.order == rhs.order
        }
    }

    @usableFromInline var heap = Heap<Entry>()
    @usableFromInline var inserted: UInt64 = 0

    @inlinable
    public init() {}

    @inlinable public var count: Int { heap.count }

    @inlinable public var isEmpty: Bool { heap.isEmpty }

    /// Time of the next event.
    @inlinable public var nextTime: SimulatedTime? {
        heap.min.map { SimulatedTime(nanoseconds: $0.time) }
    }

    /// Schedules an event; at equal times the lower rank comes first, then the earlier push.
    @inlinable
    public mutating func push(at time: SimulatedTime, rank: UInt8 = 0, event: Event) {
        let order = UInt64(rank) << 56 | inserted
        inserted += 1
        heap.insert(Entry(time: time.nanoseconds, order: order, event: event))
    }

    /// Takes the next event.
    @inlinable
    public mutating func pop() -> (time: SimulatedTime, event: Event)? {
        guard let entry = heap.popMin() else { return nil }
        return (SimulatedTime(nanoseconds: entry.time), entry.event)
    }
}
