import Testing

@testable import Validating

@Suite("Constants of an engine from measurements")
struct ConstantFitTests {
    /// As many rows as slopes that differ from row to row, whose predictions are off by what a change
    /// of the constants would mend.
    private func observations(
        _ count: Int, change: [Double], weight: Double = 1
    ) -> [ConstantFit.Observation] {
        (0..<count).map { row in
            let slopes = EngineConstant.allCases.map { constant in
                Double(1 + (row * (3 + 2 * constant.place)) % 23) / (10 * constant.scatter)
            }
            return ConstantFit.Observation(
                residual: zip(slopes, change).reduce(0) { $0 + $1.0 * $1.1 }, slopes: slopes,
                weight: weight)
        }
    }

    private func fit(_ observations: [ConstantFit.Observation]) -> EngineConstants {
        ConstantFit(
            start: .believed, believed: .believed, doubts: EngineConstant.allCases.map(\.scatter),
            observations: observations
        ).solution()
    }

    private let change = [3, 400, -8, 1, 2.5, 0.06, 0.03, -0.3]

    @Test("what rows agree on is found, whatever was believed")
    func exact() {
        let found = fit(observations(400, change: change, weight: 1_000))
        for (constant, shift) in zip(EngineConstant.allCases, change) {
            #expect(abs(found[constant] - constant.belief - shift) < 0.02 * constant.scatter)
        }
    }

    @Test("one row in five that nothing explains moves a constant by less than half its doubt")
    func outliers() {
        var rows = observations(400, change: change, weight: 1_000)
        for row in stride(from: 0, to: rows.count, by: 5) { rows[row].residual += 1 }
        let found = fit(rows)
        for (constant, shift) in zip(EngineConstant.allCases, change) {
            #expect(abs(found[constant] - constant.belief - shift) < 0.5 * constant.scatter)
        }
    }

    @Test("nothing measured leaves what was believed; a little moves it a little")
    func belief() {
        #expect(fit([]) == .believed)
        let little = fit(observations(2, change: change))
        let much = fit(observations(200, change: change))
        func distance(_ found: EngineConstants) -> Double {
            EngineConstant.allCases.reduce(0) { sum, constant in
                let off = found[constant] - constant.belief - change[constant.place]
                return sum + (off / constant.scatter) * (off / constant.scatter)
            }
        }
        #expect(distance(.believed) > distance(little))
        #expect(distance(little) > distance(much))
    }

    /// How many of its doubts one row moves the latency of a first token, which asks for ten of them.
    ///
    /// With slope a of |r - a x| / spread and the belief (x / doubt)^2 / 2 the least is at a doubt^2 /
    /// spread, unless that is beyond what the row asks for. Where distances beyond the doubt count once, it
    /// is there already if a doubt / spread is above 1.
    private func moved(pull: Double, admitsOutliers: Bool) -> Double {
        let constant = EngineConstant.perFirstToken
        var slopes = EngineConstants.believed.values.map { _ in 0.0 }
        slopes[constant.place] = pull * ConstantFit.spread / constant.scatter
        let asked = 10 * constant.scatter
        let found = ConstantFit(
            start: .believed, believed: .believed, doubts: EngineConstant.allCases.map(\.scatter),
            admitsOutliers: admitsOutliers,
            observations: [
                .init(residual: asked * slopes[constant.place], slopes: slopes, weight: 1)
            ]
        ).solution()
        return (found[constant] - constant.belief) / constant.scatter
    }

    @Test("a row moves what was believed by its pull, and all the way where outliers are admitted")
    func outlyingDeployment() {
        for admitsOutliers in [false, true] {
            #expect(abs(moved(pull: 0.5, admitsOutliers: admitsOutliers) - 0.5) < 1e-6)
        }
        #expect(abs(moved(pull: 2, admitsOutliers: false) - 2) < 1e-6)
        #expect(abs(moved(pull: 2, admitsOutliers: true) - 10) < 0.1)
    }

    @Test("a constant stays in its range, and the others make up for it")
    func range() {
        let found = fit(
            observations(400, change: [0, 0, 0, 0, -30, 0, 0, 0], weight: 1_000))
        #expect(found[.perFirstToken] == 0)
        #expect(found != .believed)
        for constant in EngineConstant.allCases {
            #expect(constant.range.contains(found[constant]))
        }
    }

    @Test(
        "the least of a quadratic form: inside bounds, and with a bound that frees another variable"
    )
    func leastSquares() {
        let free = BoundedSystem(
            matrix: [[4, 2, 0.6], [2, 5, 1], [0.6, 1, 3]],
            // By the solution 1, -2, 3.
            right: [4 - 4 + 1.8, 2 - 10 + 3, 0.6 - 2 + 9],
            bounds: Array(repeating: -100...100, count: 3))
        for (value, expected) in zip(free.solution(from: [0, 0, 0]), [1.0, -2, 3]) {
            #expect(abs(value - expected) < 1e-9)
        }
        // Without bounds the least is at -1 and -0.1; with the first at 0 the second is not at 0.
        let bounded = BoundedSystem(
            matrix: [[1, -0.9], [-0.9, 1]], right: [-1 + 0.09, 0.9 - 0.1],
            bounds: [0...10, 0...10]
        ).solution(from: [0, 0])
        #expect(bounded[0] == 0)
        #expect(abs(bounded[1] - 0.8) < 1e-12)
    }

    @Test("groups weigh alike beyond ten rows, and less where nothing mends them")
    func weights() {
        func observed(
            _ group: String, _ count: Int, _ residual: Double,
            _ figure: GroupWeights.Figure = .ttft
        ) -> [GroupWeights.Observed] {
            Array(
                repeating: GroupWeights.Observed(
                    group: group, figure: figure, residual: residual, slopes: []),
                count: count)
        }
        func weights(_ observed: [GroupWeights.Observed]) -> Set<Double> {
            Set(GroupWeights(observed).weighted.map(\.weight))
        }
        #expect(weights(observed("a", 4, 0.05)) == [1])
        #expect(weights(observed("a", 40, -0.05)) == [0.25])
        #expect(weights(observed("a", 40, 0.32)) == [0.0625])
        #expect(weights(observed("a", 4, 0.05) + observed("b", 20, 0)) == [1, 0.5])
        // TTFT and TPOT are weighed each by itself.
        #expect(weights(observed("a", 4, 0.32) + observed("a", 4, 0.01, .tpot)) == [0.25, 1])
    }
}
