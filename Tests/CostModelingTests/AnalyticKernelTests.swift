import ServingDomain
import Testing

@testable import CostModeling

@Suite("What analytic kernels take")
struct AnalyticKernelTests {
    private let link = HardwareSpec.Link(
        bandwidth: Bandwidth(gigabytesPerSecond: 900), latency: .microseconds(10))

    private func gpu(
        _ peaks: [NumberFormat: Double] = [.bf16: 1e15, .fp8: 2e15, .nvfp4: 4e15],
        host: Double = 64, perNode: Int = 8, linked: Int? = nil, clocks: Double? = nil
    ) -> HardwareSpec {
        HardwareSpec(
            name: "gpu", peakFLOPS: peaks, multiprocessorClocks: clocks,
            memory: Bytes(80_000_000_000),
            memoryBandwidth: Bandwidth(gigabytesPerSecond: 4000), reservedMemory: 0,
            intraNode: link, interNode: link, hostBandwidth: Bandwidth(gigabytesPerSecond: host),
            gpusPerNode: perNode, linkedGPUs: linked, power: 700, source: "test")
    }

    private func experts(
        tensor: Int = 1, expert: Int = 1, _ distribution: String = "power_law_1.2",
        _ format: NumberFormat = .bf16
    ) -> OperatorShape {
        .experts(
            ExpertShape(
                hidden: 4096, intermediate: 2048, experts: 128, expertsPerToken: 8,
                tensorDegree: tensor, expertDegree: expert, distribution: distribution,
                format: format))
    }

    @Test("a product of large matrices takes its arithmetic, and its operands' way to the units")
    func product() {
        let time = Roofline(hardware: gpu()).time(
            .gemm(n: 8192, k: 8192, format: .bf16), at: OperatorPoint(x: 8192))
        // 1.0995e12 FLOPs at 1 PFLOP/s, with operands for 3.3, and the launch.
        #expect(abs(time - (1.0995e6 + 333.2e3 + 4e3)) < 1e3)
    }

    @Test("a GPU whose units alone are limited reaches more of their peak")
    func limited() {
        func share(_ peak: Double, operands: Double?) -> Double {
            let gpu = HardwareSpec(
                name: "gpu", peakFLOPS: [.bf16: peak], operandRate: operands, memory: 1,
                memoryBandwidth: Bandwidth(gigabytesPerSecond: 4000), reservedMemory: 0,
                intraNode: link, interNode: link, gpusPerNode: 8, power: 1, source: "test")
            let time = Roofline(hardware: gpu).time(
                .gemm(n: 8192, k: 8192, format: .bf16), at: OperatorPoint(x: 8192))
            return 1.0995e12 / peak * 1e9 / (time - 4e3)
        }
        #expect(abs(share(148e12, operands: nil) - 3.3 / 4.3) < 0.001)
        #expect(abs(share(148e12, operands: 1950e12) - 1950.0 / 2098) < 0.001)
    }

    @Test("a quantised product quantises its activations first, where the GPU has such units")
    func quantised() {
        let point = OperatorPoint(x: 8192)
        func time(_ format: NumberFormat, on gpu: HardwareSpec) -> Double {
            Roofline(hardware: gpu).time(.gemm(n: 8192, k: 8192, format: format), at: point)
        }
        // 1.0995e12 FLOPs at 2 PFLOP/s and their operands; 201 MB of activations at 3.2 TB/s; two launches.
        #expect(abs(time(.fp8, on: gpu()) - (549.8e3 + 333.2e3 + 62.9e3 + 7e3)) < 1e3)
        #expect(time(.nvfp4, on: gpu()) < 0.75 * time(.fp8, on: gpu()))
        // Without units weights are expanded, and the product is one of 16 bits.
        #expect(time(.nvfp4, on: gpu([.bf16: 1e15])) == time(.bf16, on: gpu([.bf16: 1e15])))
        #expect(time(.int4, on: gpu()) == time(.bf16, on: gpu()))
    }

    @Test("a step of few tokens reads four bits in a little more than a quarter of the time")
    func weights() {
        let shape = { OperatorShape.gemm(n: 32_768, k: 8192, format: $0) }
        let roofline = Roofline(hardware: gpu([.bf16: 1e15]))
        let whole = roofline.time(shape(.bf16), at: OperatorPoint(x: 1)) - roofline.launch
        let four = roofline.time(shape(.int4), at: OperatorPoint(x: 1)) - roofline.launch
        #expect(abs(four / whole - 0.5625 / 2) < 0.001)
    }

    @Test("multiprocessors expand what units do not take, 16 weights in a clock each")
    func expanded() {
        func time(_ format: NumberFormat, _ peaks: [NumberFormat: Double], _ clocks: Double?)
            -> Double
        {
            let roofline = Roofline(hardware: gpu(peaks, clocks: clocks))
            return roofline.time(.gemm(n: 32_768, k: 8192, format: format), at: OperatorPoint(x: 1))
                - roofline.launch
        }
        let (old, new) = ([NumberFormat.bf16: 1e15], [NumberFormat.bf16: 1e15, .nvfp4: 4e15])
        let weights = 32_768.0 * 8192
        // 16 in each of 1e11 clocks; 151 MB at 3.2 TB/s where nobody told of clocks.
        #expect(abs(time(.int4, old, 1e11) - weights / 1600) < 1)
        #expect(abs(time(.mxfp4, old, 1e11) - weights / 1600) < 1)
        #expect(abs(time(.int4, old, nil) - weights * 0.5625 / 3200) < 100)
        #expect(time(.int4, new, 1e11) == time(.int4, old, 1e11))
        for (format, peaks) in [(NumberFormat.mxfp4, new), (.nvfp4, new), (.bf16, old)] {
            #expect(time(format, peaks, 1e11) == time(format, peaks, nil))
        }
        #expect(time(.int4, old, nil) < time(.int4, old, 1e11) / 3)
        // Fast ones wait for memory.
        #expect(time(.int4, old, 1e12) == time(.int4, old, nil))
        let experts = experts(tensor: 8, "power_law_1.2", .int4)
        let times = [nil, 1e11].map { clocks in
            Roofline(hardware: gpu(old, clocks: clocks)).time(experts, at: OperatorPoint(x: 16))
        }
        #expect(times[1] > 1.5 * times[0])
    }

    @Test("of experts that are dealt out the busiest GPU is waited for, unless loads are even")
    func skew() {
        let roofline = Roofline(hardware: gpu())
        let point = OperatorPoint(x: 16_384)
        let whole = roofline.time(experts(), at: point) - roofline.expertLaunch
        func share(_ degree: Int, _ distribution: String = "power_law_1.2") -> Double {
            (roofline.time(experts(expert: degree, distribution), at: point)
                - roofline.expertLaunch) / whole * Double(degree)
        }
        #expect(abs(share(8, ExpertShape.balanced) - 1) < 0.02)
        let inside = roofline.time(experts(expert: 8, ExpertShape.insideEngine), at: point)
        #expect(inside == roofline.time(experts(expert: 8, ExpertShape.balanced), at: point))
        // Sixteen experts on each of eight GPUs differ by a fifth; the one that has the most has 1.4 of that more.
        #expect(share(8) > 1.2 && share(8) < 1.35)
        #expect(share(2) < share(4) && share(4) < share(8))
        #expect(share(32) > share(8))
        // A degree between two powers lies between them.
        #expect(share(2) < share(3) && share(3) < share(4))
    }

    @Test("routers with favourites touch fewer experts, so that less has to be read at least")
    func touched() {
        let roofline = Roofline(hardware: gpu())
        for tokens in [1, 4, 64, 512, 16_384] {
            let point = OperatorPoint(x: tokens)
            let even = roofline.floor(experts(ExpertShape.balanced, .bf16), at: point)
            let own = roofline.floor(experts("power_law_1.2", .bf16), at: point)
            #expect(own <= even * 1.001, "\(tokens)")
            // One token touches as many whoever the favourites are; many touch all of them.
            #expect([4, 64].contains(tokens) ? own < 0.97 * even : own > 0.97 * even, "\(tokens)")
        }
    }

    @Test("few tokens wait longer for experts that are dealt out than for split ones, many do not")
    func split() {
        let roofline = Roofline(hardware: gpu())
        func share(_ tokens: Int) -> Double {
            let point = OperatorPoint(x: tokens)
            return (roofline.time(experts(expert: 8), at: point) - roofline.expertLaunch)
                / (roofline.time(experts(tensor: 8), at: point) - roofline.expertLaunch)
        }
        #expect(share(2) > 1.3 && share(64) > 1.1)
        // Rows of the output that a GPU has for its share of an expert are as long as those of all of it.
        #expect(share(8192) > 0.7 && share(8192) < 1)
    }

    @Test("more tokens never take experts less time, few ones least of all")
    func monotone() {
        let roofline = Roofline(hardware: gpu())
        for shape in [experts(), experts(tensor: 8), experts(expert: 8), experts("x", .nvfp4)] {
            var last = 0.0
            for power in 0...16 {
                for step in 0..<4 {
                    let tokens = (1 << power) + step * (1 << power) / 4
                    let time = roofline.time(shape, at: OperatorPoint(x: tokens))
                    #expect(time >= last, "\(tokens)")
                    #expect(time >= roofline.floor(shape, at: OperatorPoint(x: tokens)))
                    last = time
                }
            }
        }
    }

    private func experts(_ distribution: String, _ format: NumberFormat) -> OperatorShape {
        experts(tensor: 1, expert: 1, distribution, format)
    }

    @Test("a captured collective between GPUs that reach each other takes microseconds")
    func collectives() {
        func time(_ path: String, _ gpus: Int, on gpu: HardwareSpec) -> Double {
            Roofline(hardware: gpu).time(
                .collective(.allReduce, gpus: gpus, path: path), at: OperatorPoint(x: 256))
        }
        #expect(abs(time("vllm_graph", 8, on: gpu()) - 4.5e3) < 10)
        #expect(abs(time("vllm_eager", 8, on: gpu()) - 20e3) < 10)
        // Over the host's bus no GPU reaches another's memory directly, nor over a network.
        #expect(time("vllm_graph", 4, on: gpu(host: 900)) >= 20e3)
        #expect(time("vllm_graph", 16, on: gpu()) >= 20e3)
        #expect(abs(time("vllm_graph", 16, on: gpu(perNode: 4, linked: 72)) - 4.5e3) < 10)
    }

    @Test("a rack that is wired like one node is one, whatever a case says of its trays")
    func racks() {
        let wide = OperatorShape.collective(.allReduce, gpus: 16, path: "vllm_graph")
        let rack = gpu(perNode: 4, linked: 72)
        #expect(!Roofline(hardware: rack).isBetweenNodes(wide))
        #expect(!Roofline(hardware: rack, gpusPerNode: 8).isBetweenNodes(wide))
        #expect(Roofline(hardware: gpu(perNode: 4)).isBetweenNodes(wide))
        #expect(Roofline(hardware: gpu(), gpusPerNode: 4).isBetweenNodes(wide))
        let rows = OperatorShape.collective(.allReduce, gpus: 128, path: "vllm_graph")
        #expect(Roofline(hardware: rack).isBetweenNodes(rows))
    }
}
