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

    @Test("repeats count as their mean")
    func repeats() {
        let points = grid(without: [(2, 2)]) + [(1.0, 2.0, 5.0)]
        let added = TimingGrid(points).completed.dropFirst(9)
        // The first neighbour's point is 4 in the mean instead of 3.
        #expect(added.count == 1)
        #expect(added.allSatisfy { abs($0.time - 6 * (4.0 / 3).squareRoot()) < 1e-12 })
    }
}
