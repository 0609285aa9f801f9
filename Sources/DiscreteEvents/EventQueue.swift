/// Pending events in the total order of time, rank and order of scheduling.
///
/// At one instant lower ranks come first, and within a rank events leave in the order in which
/// they were pushed. A four-ary heap in one array: no allocation once the array has grown to the
/// most events ever pending. The payload should be a small value, such as an enum over indices.
@frozen
public struct EventQueue<Event> {
    @usableFromInline var heap: ContiguousArray<Scheduled<Event>> = []
    @usableFromInline var sequence: UInt64 = 0

    @inlinable
    public init(minimumCapacity: Int = 0) { heap.reserveCapacity(minimumCapacity) }

    @inlinable
    public var count: Int { heap.count }

    @inlinable
    public var isEmpty: Bool { heap.isEmpty }

    /// The instant of the next event; `nil` where none is pending.
    @inlinable
    public var peekTime: SimulatedTime? {
        heap.first.map { SimulatedTime(nanoseconds: $0.time) }
    }

    /// The next event without taking it; `nil` where none is pending.
    @inlinable
    public var first: (time: SimulatedTime, event: Event)? {
        heap.first.map { (SimulatedTime(nanoseconds: $0.time), $0.event) }
    }

    @inlinable
    public mutating func push(at time: SimulatedTime, rank: UInt8, event: Event) {
        heap.append(Scheduled(time: time, rank: rank, sequence: sequence, event: event))
        sequence += 1
        rise(from: heap.count - 1)
    }

    /// Schedules an event whose place within its rank is told by `tie` instead of by when it was
    /// pushed; ranks with and without ties must not be mixed.
    @inlinable
    public mutating func push(at time: SimulatedTime, rank: UInt8, tie: UInt64, event: Event) {
        heap.append(Scheduled(time: time, rank: rank, sequence: tie, event: event))
        rise(from: heap.count - 1)
    }

    /// Takes the next event off the queue.
    @inlinable
    public mutating func pop() -> (time: SimulatedTime, event: Event)? {
        guard let last = heap.popLast() else { return nil }
        guard let first = heap.first else {
            return (SimulatedTime(nanoseconds: last.time), last.event)
        }
        sink(last)
        return (SimulatedTime(nanoseconds: first.time), first.event)
    }

    /// Forgets every pending event and keeps the memory.
    @inlinable
    public mutating func removeAll() { heap.removeAll(keepingCapacity: true) }

    /// Moves the entry at `index` up to its place.
    @inlinable
    mutating func rise(from index: Int) {
        heap.withUnsafeMutableBufferPointer { heap in
            let entry = heap[index]
            var hole = index
            while hole > 0 {
                let parent = (hole - 1) / 4
                guard entry.precedes(heap[parent]) else { break }
                heap[hole] = heap[parent]
                hole = parent
            }
            heap[hole] = entry
        }
    }

    /// Lets `entry` fall from the root, whose own entry is overwritten, to its place.
    @inlinable
    mutating func sink(_ entry: Scheduled<Event>) {
        heap.withUnsafeMutableBufferPointer { heap in
            var hole = 0
            while 4 * hole + 1 < heap.count {
                var least = 4 * hole + 1
                for child in (least + 1)..<max(least + 1, min(least + 4, heap.count))
                where heap[child].precedes(heap[least]) {
                    least = child
                }
                guard heap[least].precedes(entry) else { break }
                heap[hole] = heap[least]
                hole = least
            }
            heap[hole] = entry
        }
    }
}

extension EventQueue: Sendable where Event: Sendable {}
