import DiscreteEvents
import Testing

@Suite("Event queue")
struct EventQueueTests {
    @Test("at one instant lower ranks come first, then earlier pushes")
    func totalOrder() {
        var queue = EventQueue<String>()
        let noon = SimulatedTime(nanoseconds: 12)
        queue.push(at: noon, rank: 2, event: "late rank")
        queue.push(at: noon, rank: 1, event: "first push")
        queue.push(at: noon, rank: 1, event: "second push")
        queue.push(at: .zero, rank: 255, event: "earlier")
        #expect(drain(&queue) == ["earlier", "first push", "second push", "late rank"])
    }

    @Test("events leave in the order of a stable sort", arguments: [1, 2, 3, 4, 5, 6, 100, 5_000])
    func sorts(count: Int) {
        let random = RandomStream(seed: 3, named: "keys")
        var queue = EventQueue<Int>()
        var keys: [(time: Int, rank: Int, event: Int)] = []
        for event in 0..<count {
            let key = (random.integer(below: 50, event), random.integer(below: 3, event, 1), event)
            keys.append(key)
            queue.push(
                at: SimulatedTime(nanoseconds: Int64(key.0)), rank: UInt8(key.1), event: event)
        }
        keys.sort { ($0.time, $0.rank, $0.event) < ($1.time, $1.rank, $1.event) }
        #expect(drain(&queue) == keys.map(\.event))
    }

    @Test("pushes and pops in between keep the order and the count")
    func interleaved() {
        var random = RandomSequence(seed: 8, named: "hold")
        var queue = EventQueue<Int>()
        var pending: [Int64] = []
        for step in 0..<3_000 {
            if random.unit() < 0.6 || pending.isEmpty {
                let time = Int64(random.integer(below: 1_000))
                queue.push(at: SimulatedTime(nanoseconds: time), rank: 0, event: step)
                pending.append(time)
            } else if let least = pending.min(), let index = pending.firstIndex(of: least) {
                #expect(queue.peekTime?.nanoseconds == least)
                #expect(queue.pop()?.time.nanoseconds == least)
                pending.remove(at: index)
            }
            #expect(queue.count == pending.count)
        }
    }

    @Test("an empty queue has nothing to give, before and after use")
    func empties() {
        var queue = EventQueue<Int>(minimumCapacity: 8)
        #expect(queue.pop() == nil)
        queue.push(at: .never, rank: 0, event: 1)
        queue.removeAll()
        #expect(queue.isEmpty && queue.peekTime == nil && queue.pop() == nil)
    }

    private func drain<Event>(_ queue: inout EventQueue<Event>) -> [Event] {
        var events: [Event] = []
        while let next = queue.pop() { events.append(next.event) }
        return events
    }
}
