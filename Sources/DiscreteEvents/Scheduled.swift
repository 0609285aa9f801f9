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

    /// Both numbers as one: a comparison without a jump.
    @inlinable
    var key: Int128 { Int128(_low: order, _high: time) }

    @inlinable
    func precedes(_ other: Self) -> Bool { key < other.key }
}

extension Scheduled: Sendable where Event: Sendable {}
