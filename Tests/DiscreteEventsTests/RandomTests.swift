import Testing

@testable import DiscreteEvents

@Suite("Random numbers")
struct RandomTests {
    @Test("a draw depends on seed, purpose and indices, and on nothing else")
    func pinned() {
        let stream = RandomStream(seed: 7, named: "arrivals")
        #expect(stream.draw(0) == RandomStream(seed: 7, named: "arrivals").draw(0, 0))
        let others = [
            RandomStream(seed: 8, named: "arrivals").draw(0), stream.draw(1), stream.draw(0, 1),
            RandomStream(seed: 7, named: "lengths").draw(0), stream.draw(-1),
        ]
        #expect(Set(others + [stream.draw(0)]).count == 6)
    }

    @Test("every thread reads the same values in any order")
    func threads() async {
        let stream = RandomStream(seed: 1, named: "threads")
        let forwards = (0..<2_000).map { stream.draw($0, $0 % 7) }
        let elsewhere = await withTaskGroup(of: (Int, UInt64).self) { group in
            for index in (0..<2_000).reversed() {
                group.addTask { (index, stream.draw(index, index % 7)) }
            }
            var values = [UInt64](repeating: 0, count: 2_000)
            for await (index, value) in group { values[index] = value }
            return values
        }
        #expect(elsewhere == forwards)
    }

    @Test("a unit number is never 0 and never 1, whatever the bits")
    func openInterval() {
        #expect(SplitMix.unit(0) == 0x1p-53)
        #expect(SplitMix.unit(.max) == 1 - 0x1p-53)
    }

    @Test("numbers spread evenly along either index: chi-square of 100 cells", arguments: 0..<4)
    func uniform(case index: Int) {
        let stream = RandomStream(seed: UInt64(index / 2), named: "uniform")
        var sequence = RandomSequence(seed: UInt64(index), named: "uniform")
        var cells = [[Int]](repeating: [Int](repeating: 0, count: 100), count: 3)
        for draw in 0..<100_000 {
            cells[0][stream.integer(below: 100, draw, index)] += 1
            cells[1][Int(stream.unit(index, draw) * 100)] += 1
            cells[2][sequence.integer(below: 100)] += 1
        }
        for counts in cells {
            // 99 degrees of freedom: mean 99, standard deviation 14.1; four of them either way.
            let chiSquare = counts.reduce(0.0) {
                $0 + (Double($1) - 1_000) * (Double($1) - 1_000) / 1_000
            }
            #expect(chiSquare > 43 && chiSquare < 156)
        }
    }

    @Test("neighbouring draws and neighbouring purposes are uncorrelated")
    func uncorrelated() {
        let (one, two) = (RandomStream(seed: 1, named: "a"), RandomStream(seed: 1, named: "b"))
        let n = 50_000
        var (along, across, between) = (0.0, 0.0, 0.0)
        for i in 0..<n {
            let centred = one.unit(i, i) - 0.5
            along += centred * (one.unit(i + 1, i) - 0.5)
            across += centred * (one.unit(i, i + 1) - 0.5)
            between += centred * (two.unit(i, i) - 0.5)
        }
        // A product of two centred units has standard deviation 1/12; four standard errors.
        let bound = 4.0 / 12 / Double(n).squareRoot()
        for sum in [along, across, between] { #expect((sum / Double(n)).magnitude < bound) }
    }

    @Test("the sequence is xoshiro256++ of its authors")
    func reference() {
        var sequence = RandomSequence(state: (1, 2, 3, 4))
        let values = (0..<6).map { _ in sequence.next() }
        #expect(
            values == [
                41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386,
                9_228_616_714_210_784_205, 9_973_669_472_204_895_162,
            ])
    }
}
