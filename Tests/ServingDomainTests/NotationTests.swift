import ServingDomain
import Testing

@Suite("Layout notation")
struct NotationTests {
    private static let degrees = [1, 2, 4, 8, 16, 32, 64]

    /// Groups drawn from a counter, as a plain congruential sequence.
    private func groups(_ state: inout UInt64) throws -> [WorkerGroup] {
        func draw(_ bound: UInt64) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % bound)
        }
        return try (0...draw(3)).map { _ in
            WorkerGroup(
                pool: [GPUPool.onlyName, "h20", "a.b-3", "dp8", "0"][draw(5)],
                parallelism: Parallelism(
                    tensor: try degree(Self.degrees[draw(7)]),
                    data: draw(2) == 0 ? 1 : 1 + draw(16), expert: 1 << draw(11)),
                replicas: 1 + draw(4096))
        }
    }

    @Test("what a deployment prints it reads again: 500 drawn deployments")
    func roundTrip() throws {
        var state: UInt64 = 1
        for index in 0..<500 {
            let deployment: Deployment =
                index.isMultiple(of: 2)
                ? .disaggregated(prefill: try groups(&state), decode: try groups(&state))
                : .colocated(try groups(&state))
            #expect(Deployment(notation: deployment.description) == deployment)
        }
    }

    @Test("GPUs are degree times replicas over all groups")
    func gpus() throws {
        let layout = try #require(Deployment(notation: "P:4x2,P:2x1,D:8x3"))
        // 4 · 2 + 2 · 1 + 8 · 3.
        #expect(layout.gpus == 34)
        #expect(layout.allGroups.map(\.replicas) == [2, 1, 3])
        #expect(Deployment(notation: "C:8x2")?.gpus == 16)
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", ",", "P:4x2", "D:4x2", "P:4x2,C:4x2,D:1x1", "C:1x1,", "P:3x1,D:1x1", "C:4", "C:x",
            "C:4x0", "C:4x-1", "C:4x4097", "C:128x1", "c:4x1", "CC:4x1", "C:4x1x1", "C:4:1",
            "C: 4x1", "C:4dpx1", "C:4dp0x1", "C:4dp1025x1", "C:4dp1024x65", "C:4ep8dp2x1",
            "C:dp8x1",
            "C:4x1@", "C:4x1@A", "C:4x1@-a", "C:4x1@a@b", "C:4x1@a b", "C:4@ax1", "C:4DP2x1",
            "C:4x1@a23456789b123456789c123456789d123456789ef", "C:99999999999999999999x1",
            "C:4x99999999999999999999", "Z:1x1",
        ])
    func refused(text: String) {
        #expect(Deployment(notation: text) == nil)
    }
}
