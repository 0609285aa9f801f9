import Testing

@testable import CostModeling

@Suite("Grids of timings that lack points")
struct TimingGridTests {
    /// A step at y = 2 that all columns share: 1 up to there, then 3.
    private func time(_ x: Double, _ y: Double) -> Double { x * (y < 2 ? 1 : 3) }

    private func grid(
        without missing: [(Double, Double)], xs: [Double] = [1, 2, 4], ys: [Double] = [1, 2, 4]
    ) -> [TimingGrid.Point] {
        xs.flatMap { x in ys.map { (x, $0) } }
            .filter { point in !missing.contains { $0 == point } }
            .map { ($0.0, $0.1, time($0.0, $0.1)) }
    }

    @Test("what a column lacks bends as its neighbours do")
    func bend() {
        let added = TimingGrid(grid(without: [(2, 2)])).completed.dropFirst(8)
        #expect(added.map(\.x) == [2] && added.map(\.y) == [2])
        // The chord alone would be 2 · (1 + 2 / 3).
        #expect(added.allSatisfy { abs($0.time - 6) < 1e-12 })
    }

    @Test("nothing is added beyond a column, at the edge of the table, or without both neighbours")
    func nothing() {
        for missing in [[(2.0, 4.0)], [(2, 1)], [(1, 2)], [(4, 2)], [(2, 2), (4, 2)]] {
            let points = grid(without: missing)
            #expect(TimingGrid(points).completed.count == points.count)
        }
    }

    @Test("repeats count as their median")
    func repeats() {
        let points = grid(without: [(2, 2)]) + [(1.0, 2.0, 5.0), (1.0, 2.0, 4.0)]
        let added = TimingGrid(points).completed.dropFirst(10)
        // The first neighbour's point is 4 in the middle instead of 3.
        #expect(added.count == 1)
        #expect(added.allSatisfy { abs($0.time - 6 * (4.0 / 3).squareRoot()) < 1e-12 })
    }

    @Test("times that fall along the first axis keep to their median, and others stay")
    func rising() {
        let times: [Double] = [10, 40, 20, 20, 60]
        let points = times.enumerated().flatMap { place, time in
            [(Double(place), 1.0, time), (Double(place), 2.0, Double(place + 1))]
        }
        let rising = TimingGrid(points).rising.sorted { ($0.y, $0.x) < ($1.y, $1.x) }
        #expect(rising.map(\.time) == [10, 20, 20, 20, 60, 1, 2, 3, 4, 5])
    }

    @Test("the nearest columns that have a point tell it, whatever lies between")
    func far() {
        let points = grid(without: [(2, 2), (3, 2)], xs: [1, 2, 3, 4])
        let added = TimingGrid(points).completed.dropFirst(points.count)
        #expect(added.map(\.x) == [2, 3] && added.allSatisfy { $0.y == 2 })
        #expect(zip(added, [6.0, 9]).allSatisfy { abs($0.time - $1) < 1e-12 })
    }

    @Test("a family never falls along either axis, whatever the times are", arguments: 1...20)
    func monotone(seed: Int) {
        func chance(_ x: Int, _ y: Int, _ purpose: Int) -> Double {
            let place: Int = ((seed * 8 + x) * 8 + y) * 8 + purpose
            return Double(place * 48271 % 1009) / 1009
        }
        let points = (1...8).flatMap { x in
            (1...8).compactMap { y -> TimingGrid.Point? in
                let isMissing = chance(x, y, 1) < 0.2 && y > 1 && y < 8
                return isMissing
                    ? nil : (Double(x), Double(y), Double(x * y) * (0.5 + chance(x, y, 2)))
            }
        }
        let family = CurveFamily.fit(points, knotPenalty: MonotoneFit.usualPenalty)
        for x in family.xs {
            for y in 1...7 {
                #expect(family(x, Double(y + 1)) >= family(x, Double(y)) * (1 - 1e-12))
            }
        }
        for (x, next) in zip(family.xs, family.xs.dropFirst()) {
            for y in 1...8 {
                #expect(family(next, Double(y)) >= family(x, Double(y)) * (1 - 1e-12))
            }
        }
    }
}
