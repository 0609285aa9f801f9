import CostModeling
import Foundation
import ServingDomain
import Testing

/// What neighbours are worth: shapes of a curve that ships, each predicted from those that are left.
@Suite("Neighbours among the curves that ship")
struct ShippedNeighbourTests {
    private static func shipped() throws -> ProfileFit {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let path = root.appending(path: "Hardware/h200-sxm/fit.json")
        return try FitFile.decode(Data(contentsOf: path), name: "fit.json").fit(name: "fit.json")
    }

    private static let gpu = HardwareSpec(
        name: "h200-sxm", peakFLOPS: [.bf16: 989e12, .fp8: 1979e12], memory: Bytes(141_000_000_000),
        memoryBandwidth: Bandwidth(gigabytesPerSecond: 4800), reservedMemory: 0,
        intraNode: .init(bandwidth: Bandwidth(gigabytesPerSecond: 450), latency: .zero),
        interNode: .init(bandwidth: Bandwidth(gigabytesPerSecond: 50), latency: .zero),
        gpusPerNode: 8, power: 700, source: "facts of the H200")

    /// Whether a shape is to be left out beside another: itself, and of experts all splits of one block.
    private func isLeftOut(_ other: OperatorShape, beside shape: OperatorShape) -> Bool {
        guard case .experts(let own) = shape, case .experts(let its) = other else {
            return shape == other
        }
        return own.hidden == its.hidden && own.intermediate == its.intermediate
            && own.experts == its.experts && own.format == its.format
    }

    /// Relative errors of a share of the shapes, without sign, at points of their range.
    private func errors(
        of isMember: (OperatorShape) -> Bool, every step: Int, at points: [OperatorPoint]
    ) throws -> [Double] {
        let fit = try Self.shipped()
        let shapes = fit.shapes.filter(isMember)
        return stride(from: 0, to: shapes.count, by: step).flatMap { place -> [Double] in
            let shape = shapes[place]
            guard let known = fit.entries[shape]?.curve else { return [] }
            // Where another kernel in eight bits bounds it, the same is left out.
            let left = ProfileFit(
                trust: fit.trust,
                entries: fit.shapes.filter { !isLeftOut($0, beside: shape) }
                    .compactMap { fit.entries[$0] })
            let found = CurveResolver(fit: left, roofline: Roofline(hardware: Self.gpu))
                .resolve(shape)
            guard found.trust == .neighbour else { return [] }
            return points.filter(known.covers).map { abs(found.curve($0) / known($0) - 1) }
        }.sorted()
    }

    private static let tokens = [1, 16, 64, 256, 1024, 4096, 16_384].map { OperatorPoint(x: $0) }

    @Test("products are predicted from their nearest neighbour within 4 % half of the time")
    func products() throws {
        let errors = try errors(
            of: { if case .gemm(_, _, .bf16) = $0 { true } else { false } }, every: 9,
            at: Self.tokens)
        #expect(errors.count > 300)
        #expect(errors[errors.count / 2] < 0.04, "\(errors[errors.count / 2])")
        #expect(errors[errors.count * 9 / 10] < 0.12, "\(errors[errors.count * 9 / 10])")
    }

    @Test("decode attention within 3 %")
    func attention() throws {
        let points = [1, 16, 128].flatMap { batch in
            [128, 2048, 16_384].map { OperatorPoint(x: batch, y: $0) }
        }
        let errors = try errors(
            of: { if case .decodeAttention = $0 { true } else { false } }, every: 5, at: points)
        #expect(errors.count > 150)
        #expect(errors[errors.count / 2] < 0.03, "\(errors[errors.count / 2])")
        #expect(errors[errors.count * 9 / 10] < 0.2, "\(errors[errors.count * 9 / 10])")
    }

    @Test("experts from those of other models within 6 %, whatever their number")
    func experts() throws {
        let errors = try errors(
            of: {
                guard case .experts(let experts) = $0 else { return false }
                return experts.format == .bf16
            }, every: 3, at: Self.tokens)
        #expect(errors.count > 200)
        #expect(errors[errors.count / 2] < 0.06, "\(errors[errors.count / 2])")
        #expect(errors[errors.count * 9 / 10] < 0.25, "\(errors[errors.count * 9 / 10])")
    }
}
