import ServingDomain
import Testing

@testable import CostModeling

@Suite("Curves carried over to another shape")
struct NeighbourCurveTests {
    private let roofline = Roofline(hardware: roundGPU)

    private func attention(_ heads: Int, _ kvHeads: Int) -> AttentionShape {
        AttentionShape(
            heads: heads, kvHeads: kvHeads, headDimension: 128, window: 0, kvFormat: .bf16)
    }

    private func experts(_ experts: Int, _ hidden: Int = 2048) -> OperatorShape {
        .experts(
            ExpertShape(
                hidden: hidden, intermediate: 768, experts: experts, expertsPerToken: 8,
                tensorDegree: 1, expertDegree: 1, distribution: "power_law_1.2", format: .bf16))
    }

    private func analytic(_ shape: OperatorShape, times factor: Double = 1) -> OperatorCurve {
        OperatorCurve.fit(
            shape,
            AnalyticSamples(roofline: roofline).samples(of: shape).map {
                TimingSample(
                    shape: shape, point: $0.point, nanoseconds: factor * $0.nanoseconds)
            }, knotPenalty: 0)
    }

    /// What a kernel takes beside its roofline is what it takes beside another's.
    private func check(
        _ measured: OperatorShape, _ shape: OperatorShape, _ points: [(Int, Int)]
    ) {
        let carried = NeighbourCurve(
            roofline: roofline, measured: analytic(measured, times: 1.7), shape: shape
        ).curve
        #expect(carried.shape == shape)
        for (x, y) in points {
            let point = OperatorPoint(x: x, y: y)
            #expect(
                abs(carried(point) / (1.7 * roofline.time(shape, at: point)) - 1) < 0.02,
                "\(x) \(y)")
        }
    }

    @Test("a kernel that takes 1.7 times its roofline does so for every other shape")
    func same() {
        check(
            .gemm(n: 4096, k: 4096, format: .fp8), .gemm(n: 20_000, k: 1000, format: .fp8),
            [(1, 0), (48, 0), (700, 0), (16_384, 0)])
        check(
            .decodeAttention(attention(32, 8)), .decodeAttention(attention(8, 1)),
            [(1, 16), (1, 5000), (64, 1024), (512, 100_000)])
        check(
            .prefillAttention(attention(32, 8), batch: 1),
            .prefillAttention(attention(5, 1), batch: 1), [(16, 0), (512, 4096), (8192, 512)])
    }

    @Test("as many experts are touched as there are, by few tokens and by many")
    func touched() {
        check(experts(128), experts(512), [(1, 0), (16, 0), (128, 0), (2048, 0), (16_384, 0)])
        check(experts(256), experts(32, 4096), [(4, 0), (64, 0), (4096, 0)])
    }

    @Test("prompts without a history go by their pairs")
    func pairs() {
        let shapes = [32, 8].map { OperatorShape.prefillAttention(attention($0, 4), batch: 1) }
        let samples = AnalyticSamples(roofline: roofline).samples(of: shapes[0])
            .filter { $0.point.y == 0 }
        let measured = OperatorCurve.fit(shapes[0], samples, knotPenalty: 0)
        guard case .pairs = measured.form else {
            Issue.record("no curve over pairs")
            return
        }
        let carried = NeighbourCurve(roofline: roofline, measured: measured, shape: shapes[1]).curve
        for tokens in [1, 100, 3000, 30_000] {
            let point = OperatorPoint(x: tokens)
            #expect(abs(carried(point) / roofline.time(shapes[1], at: point) - 1) < 0.05)
        }
    }

    @Test("times rise along both axes as they did, and over the same range")
    func rising() {
        let measured = analytic(.decodeAttention(attention(64, 8)))
        let carried = NeighbourCurve(
            roofline: roofline, measured: measured, shape: .decodeAttention(attention(4, 4))
        ).curve
        var before: [Double] = []
        for x in [1, 2, 3, 8, 64, 700] {
            let times = [1, 16, 100, 1000, 30_000, 131_072].map {
                carried(OperatorPoint(x: x, y: $0))
            }
            #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
            #expect(zip(before, times).allSatisfy { $0 <= $1 })
            before = times
        }
        for (x, y) in [(1, 1), (1024, 131_072), (2048, 16), (1, 131_073)] {
            let point = OperatorPoint(x: x, y: y)
            #expect(carried.covers(point) == measured.covers(point))
        }
    }
}
