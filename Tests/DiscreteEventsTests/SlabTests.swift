import DiscreteEvents
import Testing

@Suite("Slab")
struct SlabTests {
    /// Counts how often it is destroyed.
    private final class Tally {
        var deaths = 0
    }

    private struct Element: ~Copyable {
        let number: Int
        let tally: Tally

        deinit { tally.deaths += 1 }
    }

    @Test("it grows, changes in place, and destroys each element once")
    func owns() {
        let tally = Tally()
        do {
            var slab = Slab<Element>(minimumCapacity: 2)
            for number in 0..<100 { slab.append(Element(number: number, tally: tally)) }
            slab[7] = Element(number: -7, tally: tally)
            #expect(tally.deaths == 1)
            let numbers = slab.indices.map { slab[$0].number }
            #expect(numbers == (0..<100).map { $0 == 7 ? -7 : $0 })
            slab.removeFirst(10)
            let (first, count) = (slab[0].number, slab.count)
            #expect(first == 10 && count == 90 && tally.deaths == 11)
            guard let last = slab.popLast() else {
                Issue.record("the slab is not empty")
                return
            }
            let number = last.number
            #expect(number == 99 && tally.deaths == 11)
            _ = consume last
            #expect(tally.deaths == 12)
            slab.removeAll()
            let isEmpty = slab.isEmpty
            #expect(isEmpty && tally.deaths == 101)
            slab.append(Element(number: 1, tally: tally))
        }
        #expect(tally.deaths == 102)
    }

    @Test("elements are put in, dropped and read as in an array")
    func asArray() {
        var random = RandomSequence(seed: 5, named: "slab")
        var slab = Slab<Int>()
        var array: [Int] = []
        for step in 0..<2_000 {
            switch random.integer(below: 4) {
            case 0:
                slab.append(step)
                array.append(step)
            case 1:
                let place = random.integer(below: array.count + 1)
                slab.insert(step, at: place)
                array.insert(step, at: place)
            case 2:
                let taken = slab.popLast()
                #expect(taken == array.popLast())
            case 3 where step % 7 == 0:
                let number = random.integer(below: array.count + 1)
                slab.removeFirst(number)
                array.removeFirst(number)
            default: break
            }
            let (seen, ends) = (slab.indices.map { slab[$0] }, [slab.first, slab.last])
            #expect(seen == array && ends == [array.first, array.last])
        }
    }

    @Test("it is made of repetitions or of a collection")
    func made() {
        let threes = Slab(repeating: 3, count: 4)
        let empty = Slab<Int>([])
        let some = Slab([4, 5])
        let seen = [
            threes.indices.map { threes[$0] }, empty.indices.map { empty[$0] },
            some.indices.map { some[$0] },
        ]
        #expect(seen == [[3, 3, 3, 3], [], [4, 5]])
    }
}
