/// An event with its place in the one total order: time, then rank, then order of scheduling.
@frozen
@usableFromInline
struct Scheduled<Event> {
    @usableFromInline let time: Int64
    /// Rank in the top 8 bits, sequence number in the lower 56.
    @usableFromInline let order: UInt64
    @usableFromInline let event: Event

    @inlinable
    init(time: SimulatedTime, rank: UInt8, sequence: UInt64, event: Event) {
        self.time = time.nanoseconds
        self.order = UInt64(rank) << 56 | sequence
        self.event = event
    }

    @inlinable
    func precedes(_ other: Self) -> Bool {
        time < other.time || (time == other.time && order < other.order)
    }
}

extension Scheduled: Sendable where Event: Sendable {}
