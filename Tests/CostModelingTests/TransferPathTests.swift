import ServingDomain
import Testing

@testable import CostModeling

@Suite("Transfers inside a node and between nodes")
struct TransferPathTests {
    private func reduce(_ gpus: Int, _ path: String) -> OperatorShape {
        .collective(.allReduce, gpus: gpus, path: path)
    }

    @Test(
        "inside a node stand paths inside a node, the plainest first; between nodes what is as wide"
    )
    func paths() {
        let measured = MeasuredShapes([
            reduce(2, "nccl-1-per-node"), reduce(2, "nccl-pairwise-nvlink-2-per-node"),
            reduce(2, "nccl-2-per-node"), reduce(4, "nccl-2-per-node"),
            reduce(8, "nccl-8-per-node"), reduce(16, "nccl-8-per-node"),
        ])
        func found(_ gpus: Int) -> OperatorShape? {
            measured.standIn(for: reduce(gpus, "graph"))?.shape
        }
        #expect(found(2) == reduce(2, "nccl-2-per-node"))
        #expect(found(4) == nil)
        #expect(found(8) == reduce(8, "nccl-8-per-node"))
        #expect(found(16) == reduce(16, "nccl-8-per-node"))
        #expect(found(32) == nil)
    }

    @Test("a table of network transfers alone says nothing of the links inside a node")
    func network() {
        let measured = MeasuredShapes([
            reduce(2, "nccl-1-per-node"), .pointToPoint(path: "nccl-1-per-node"),
        ])
        #expect(measured.standIn(for: reduce(2, "graph")) == nil)
        #expect(measured.standIn(for: .pointToPoint(path: "graph")) == nil)
        let other = MeasuredShapes([reduce(2, "nccl")])
        #expect(other.standIn(for: reduce(2, "graph"))?.shape == reduce(2, "nccl"))
    }

    @Test(
        "collectives of more GPUs than a node has go over the network, whose links are half as fast"
    )
    func roofline() {
        let point = OperatorPoint(x: 1 << 30)
        let inside = Roofline(hardware: roundGPU, gpusPerNode: 16)
        let between = Roofline(hardware: roundGPU)
        let wide = reduce(16, "graph")
        // All eight adapters of a node may carry what one GPU sends to all, but not what each sends to each.
        #expect(between.floor(wide, at: point) == inside.floor(wide, at: point))
        let each = OperatorShape.collective(.allToAll, gpus: 16, path: "graph")
        #expect(between.floor(each, at: point) == 2 * inside.floor(each, at: point))
        let moved = between.time(wide, at: point) / inside.time(wide, at: point)
        #expect(moved > 1.99 && moved < 2)
        let narrow = reduce(8, "graph")
        #expect(between.time(narrow, at: point) == inside.time(narrow, at: point))
    }

    @Test("where a node has fewer GPUs than timings inside one, they do not stand for its network")
    func smallNodes() {
        let samples = [1024, 1 << 20].map { sample(reduce(8, "graph"), $0, 0, Double($0)) }
        let fit = ProfileFit.fit(samples, trust: .measured)
        func trust(_ gpusPerNode: Int) -> Trust {
            CurveResolver(
                fit: fit, roofline: Roofline(hardware: roundGPU, gpusPerNode: gpusPerNode)
            ).resolve(reduce(8, "graph")).trust
        }
        #expect(trust(8) == .measured)
        #expect(trust(4) == .analytic)
    }

    @Test("copies come to every GPU: no more lanes than parts of the KV cache")
    func copies() {
        func time(_ parts: Int, _ first: Int, _ second: Int) -> Double {
            TransferCosts(
                KVTransfer(latency: .zero, bandwidth: Bandwidth(gigabytesPerSecond: 1)),
                bytesPerToken: Bytes(1_000), parts: parts
            ).bytes(tokens: 1_000, between: degree(first), and: degree(second), over: .interNode)
        }
        #expect(time(.max, 8, 8) == 125_000)
        #expect(time(4, 8, 8) == 250_000)
        #expect(time(4, 2, 8) == 500_000)
        #expect(time(1, 8, 8) == 1_000_000)
        func host(_ parts: Int) -> Double {
            HostTier(
                capacity: Tokens(1), latency: .zero, bandwidth: Bandwidth(gigabytesPerSecond: 1),
                bytesPerToken: Bytes(1_000), parts: parts
            ).timePerToken(degree(8))
        }
        #expect(host(.max) == 125 && host(4) == 250 && host(1) == 1_000)
        #expect(latentModel.kvParts == 1 && llama70B.kvParts == 8)
    }
}
