import ServingDomain
import Testing

@testable import CostModeling

@Suite("Slopes beyond the range of a curve")
struct SlopeBeyondTests {
    private let beyond = BeyondFit(roofline: Roofline(hardware: roundGPU))
    private let shape = OperatorShape.elementwise(.norm, width: 64)

    @Test("a short last piece says nothing of the slope, the last quarter of the range does")
    func shortPiece() {
        let line = PiecewiseLinear(xs: [0, 750, 990, 1_000], ys: [1e6, 1.75e6, 1.79e6, 2e6])
        let found = beyond.extended(line, of: shape)
        for x in [2_000.0, 64_000] {
            let expected = 2e6 + 1_000 * (x - 1_000)
            #expect(abs(found(x) - expected) < 1e-6 * expected)
        }
        #expect(found(995) == line(995))
    }

    @Test("a last piece over more than that goes on")
    func longPiece() {
        let line = PiecewiseLinear(xs: [0, 500, 1_000], ys: [1e6, 1.5e6, 3e6])
        #expect(beyond.extended(line, of: shape)(2_000) == 6e6)
    }

    @Test("time rises no slower along one axis where there is more work along the other")
    func members() {
        let attention = OperatorShape.decodeAttention(
            AttentionShape(heads: 8, kvHeads: 1, headDimension: 128, window: 0, kvFormat: .bf16))
        func member(_ slope: Double, to top: Double) -> PiecewiseLinear {
            PiecewiseLinear(
                xs: [0, 900, 1_000], ys: [top - 1_000 * slope, top - 100 * slope, top])
        }
        let members = [member(1_000, to: 4e6), member(3_000, to: 5e6), member(2_000, to: 6e6)]
        let curve = OperatorCurve(
            shape: attention, form: .family(CurveFamily(xs: [1, 2, 4], members: members)))
        let found = beyond.extended(curve)
        let times = [1, 2, 4].map { found(OperatorPoint(x: $0, y: 100_000)) }
        #expect(times[0] < times[1] && times[1] <= times[2])
    }
}
