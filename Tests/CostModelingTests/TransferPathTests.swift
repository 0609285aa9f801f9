import CostModeling
import ServingDomain
import Testing

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
        #expect(between.floor(wide, at: point) == 2 * inside.floor(wide, at: point))
        let moved = between.time(wide, at: point) / inside.time(wide, at: point)
        #expect(moved > 1.99 && moved < 2)
        let narrow = reduce(8, "graph")
        #expect(between.time(narrow, at: point) == inside.time(narrow, at: point))
    }
}
