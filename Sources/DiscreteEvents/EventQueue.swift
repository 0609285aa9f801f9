/// Pending events in the total order of time, rank and order of scheduling.
///
/// At one instant lower ranks come first, and within a rank events leave in the order in which
/// they were pushed. A four-ary heap in one piece of memory: no allocation once it has grown to the
/// most events ever pending. The payload should be a small value, such as an enum over indices.
@frozen
public struct EventQueue<Event>: ~Copyable {
    @usableFromInline var heap: Slab<Scheduled<Event>>
    @usableFromInline var sequence: UInt64 = 0

    @inlinable
    public init(minimumCapacity: Int = 8) { heap = Slab(minimumCapacity: minimumCapacity) }

    @inlinable
    public var count: Int { heap.count }

    @inlinable
    public var isEmpty: Bool { heap.isEmpty }

    /// The instant of the next event; `nil` where none is pending.
    @inlinable
    public var peekTime: SimulatedTime? {
        heap.isEmpty ? nil : SimulatedTime(nanoseconds: heap[0].time)
    }

    /// The next event without taking it; `nil` where none is pending.
    @inlinable
    public var first: (time: SimulatedTime, event: Event)? {
        heap.isEmpty ? nil : (SimulatedTime(nanoseconds: heap[0].time), heap[0].event)
    }

    @inlinable
    public mutating func push(at time: SimulatedTime, rank: UInt8, event: Event) {
        push(Scheduled(time: time, rank: rank, sequence: sequence, event: event))
        sequence += 1
    }

    /// Schedules an event whose place within its rank is told by `tie` instead of by when it was
    /// pushed; ranks with and without ties must not be mixed.
    @inlinable
    public mutating func push(at time: SimulatedTime, rank: UInt8, tie: UInt64, event: Event) {
        push(Scheduled(time: time, rank: rank, sequence: tie, event: event))
    }

    /// Takes the next event off the queue.
    @inlinable
    public mutating func pop() -> (time: SimulatedTime, event: Event)? {
        guard let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return (SimulatedTime(nanoseconds: last.time), last.event) }
        let first = heap[0]
        sink(last)
        return (SimulatedTime(nanoseconds: first.time), first.event)
    }

    /// Forgets every pending event and keeps the memory.
    @inlinable
    public mutating func removeAll() { heap.removeAll() }

    /// Adds an entry behind all and moves it up to its place.
    @inlinable
    mutating func push(_ entry: Scheduled<Event>) {
        heap.append(entry)
        let entries = heap.base
        var hole = heap.count - 1
        while hole > 0 {
            let parent = (hole - 1) / 4
            guard entry.precedes(entries[parent]) else { break }
            entries[hole] = entries[parent]
            hole = parent
        }
        entries[hole] = entry
    }

    /// Lets `entry` fall from the root, whose own entry is overwritten, to its place.
    @inlinable
    mutating func sink(_ entry: Scheduled<Event>) {
        let (entries, count) = (heap.base, heap.count)
        var (hole, child) = (0, 1)
        while child < count {
            let least = leastOfSiblings(child)
            guard entries[least].precedes(entry) else { break }
            entries[hole] = entries[least]
            (hole, child) = (least, 4 * least + 1)
        }
        entries[hole] = entry
    }

    /// Index of the first to leave among an entry and those behind it with the same parent.
    @inlinable
    func leastOfSiblings(_ child: Int) -> Int {
        let (entries, count) = (heap.base, heap.count)
        guard child + 3 < count else {
            var least = child
            for other in (child + 1)..<max(child + 1, count)
            where entries[other].precedes(entries[least]) {
                least = other
            }
            return least
        }
        // Two pairs, then their winners: who wins is chance, so that nothing here should be a jump.
        let left = child + (entries[child + 1].precedes(entries[child]) ? 1 : 0)
        let right = child + 2 + (entries[child + 3].precedes(entries[child + 2]) ? 1 : 0)
        return entries[right].precedes(entries[left]) ? right : left
    }
}
