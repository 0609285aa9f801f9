import CostModeling
import ServingDomain
import Testing

@Suite("Timings carried over to another GPU")
struct RooflineScalingTests {
    /// Twice the arithmetic of `roundGPU`, the same memory and links.
    private static let fast = HardwareSpec(
        name: "fast", peakFLOPS: [.bf16: 2e15, .fp8: 4e15], memory: roundGPU.memory,
        memoryBandwidth: roundGPU.memoryBandwidth, reservedMemory: 0,
        intraNode: roundGPU.intraNode, interNode: roundGPU.interNode, gpusPerNode: 8, power: 700,
        source: "invented for tests")
    private static let product = OperatorShape.gemm(n: 8192, k: 8192, format: .bf16)

    private let scaling = RooflineScaling(from: roundGPU, to: fast)

    @Test("what computes is faster by the peaks, what reads and sends is not")
    func bounds() {
        // 65,536 tokens: 8.8e12 FLOPs, of which the launch of 4 us is next to nothing.
        let computing = scaling.scaled(sample(Self.product, 65_536, 0, 14e6))
        // Operands reach both for 3.3 and 6.6 PFLOP/s, as the units do for one and two.
        #expect(abs(computing.nanoseconds / 7e6 - 1) < 1e-3)
        // One token reads 134 MB of weights on both.
        #expect(scaling.scaled(sample(Self.product, 1, 0, 50e3)).nanoseconds == 50e3)
        let sum = OperatorShape.collective(.allReduce, gpus: 4, path: "nccl")
        #expect(scaling.scaled(sample(sum, 1 << 20, 0, 30e3)).nanoseconds == 30e3)
        // No roofline tells how long a host works.
        let host = OperatorShape.host(component: "schedule", degree: 1)
        #expect(scaling.scaled(sample(host, 8, 0, 640e3)).nanoseconds == 640e3)
    }

    @Test("errors are those of points that both GPUs have, by kind and format")
    func errors() throws {
        let here = [
            sample(Self.product, 1, 0, 50e3), sample(Self.product, 1, 0, 60e3),
            sample(Self.product, 2, 0, 50e3), sample(Self.product, 4, 0, 50e3),
            sample(.gemm(n: 8192, k: 8192, format: .fp8), 1, 0, 30e3),
        ]
        let there = [
            // Half way between both repeats, then a tenth less and a quarter more than carried over.
            sample(Self.product, 1, 0, 55e3), sample(Self.product, 2, 0, 50e3 / 0.9),
            sample(Self.product, 4, 0, 50e3 / 1.25), sample(Self.product, 8, 0, 1),
        ]
        let errors = scaling.errors(of: here, against: there)
        #expect(errors.map { "\($0.kind) \($0.format)" } == ["gemm bf16"])
        let error = try #require(errors.first)
        #expect(error.points == 3)
        #expect(abs(error.median) < 1e-9)
        #expect(abs(error.medianAbsolute - 0.1) < 1e-9)
        #expect(abs(error.p95Absolute - 0.235) < 1e-9)
    }
}
