import ServingDomain
import Testing

@testable import CostModeling

@Suite("What experts in mxfp4 cost by what they are multiplied with")
struct ExpertActivationsCostTests {
    private func gpu(_ peaks: [NumberFormat: Double]) -> HardwareSpec {
        let link = HardwareSpec.Link(
            bandwidth: Bandwidth(gigabytesPerSecond: 900), latency: .microseconds(10))
        return HardwareSpec(
            name: "gpu", peakFLOPS: peaks, memory: Bytes(80_000_000_000),
            memoryBandwidth: Bandwidth(gigabytesPerSecond: 4000), reservedMemory: 0,
            intraNode: link, interNode: link, gpusPerNode: 8, power: 700, source: "test")
    }

    private var taking: HardwareSpec { gpu([.bf16: 1e15, .fp8: 2e15, .nvfp4: 4e15]) }
    private var expanding: HardwareSpec { gpu([.bf16: 1e15, .fp8: 2e15]) }

    private func experts(_ format: NumberFormat = .mxfp4) -> OperatorShape {
        .experts(
            ExpertShape(
                hidden: 4096, intermediate: 4096, experts: 16, expertsPerToken: 4, tensorDegree: 1,
                expertDegree: 1, distribution: "balanced", format: format))
    }

    private func time(
        _ shape: OperatorShape, _ gpu: HardwareSpec, _ activations: NumberFormat, tokens: Int
    ) -> Double {
        Roofline(hardware: gpu, mxfp4Activations: activations).time(
            shape, at: OperatorPoint(x: tokens))
    }

    @Test("eight bits have the peak of eight bits, and halve what rows are between products")
    func eight() {
        let tokens = 8192
        let saved =
            time(experts(), taking, .bf16, tokens: tokens)
            - time(experts(), taking, .fp8, tokens: tokens)
        // 32,768 rows and 16 x 96 idle ones: 6 x 34,304 x 4096^2 FLOPs in half their time at peak.
        let arithmetic = 6 * 34_304 * 4096.0 * 4096 / 1e15 * 1e9 / 2
        // Gathered and both sides of the second product: a byte less of 3 x 4096 values.
        let traffic = 32_768 * 3 * 4096.0 / 3200
        #expect(abs(saved - arithmetic - traffic) < 1e-6 * saved)
    }

    @Test("few tokens wait for the same weights")
    func few() {
        let difference =
            time(experts(), taking, .bf16, tokens: 1) - time(experts(), taking, .fp8, tokens: 1)
        #expect(abs(difference) < 0.01 * time(experts(), taking, .bf16, tokens: 1))
    }

    @Test("nothing of it where units do not take four bits, or weights are others")
    func elsewhere() {
        for tokens in [1, 64, 8192] {
            #expect(
                time(experts(), expanding, .fp8, tokens: tokens)
                    == time(experts(), expanding, .bf16, tokens: tokens))
            for format in [NumberFormat.bf16, .fp8, .nvfp4, .int4] {
                #expect(
                    time(experts(format), taking, .fp8, tokens: tokens)
                        == time(experts(format), taking, .bf16, tokens: tokens))
            }
        }
    }

    @Test("timings faster than products of 16 bits are no defect where eight are possible")
    func defects() {
        let flops = experts().work(at: OperatorPoint(x: 65_536)).flops
        let samples = [16_384, 32_768, 65_536].map { tokens in
            TimingSample(
                shape: experts(), point: OperatorPoint(x: tokens),
                nanoseconds: flops * Double(tokens) / 65_536 / 1.5e15 * 1e9)
        }
        let fit = ProfileFit.fit(samples, trust: .measured)
        for activations in [NumberFormat.bf16, .fp8] {
            func defects(_ gpu: HardwareSpec) -> Int {
                fit.defects(Roofline(hardware: gpu, mxfp4Activations: activations)).count
            }
            #expect(defects(taking) == 0)
            #expect(defects(expanding) == 1)
        }
    }
}
