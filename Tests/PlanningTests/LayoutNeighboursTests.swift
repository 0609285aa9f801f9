import ServingDomain
import Testing

@testable import Planning

@Suite("Layouts around a layout")
struct LayoutNeighboursTests {
    private func around(
        _ notation: String, budget: Int, nodes: Int = 2, fills: Bool = false
    ) throws -> [String] {
        let layout = try #require(Deployment(notation: notation))
        return LayoutNeighbours(
            candidates: CandidateWorkers(Array(TensorParallelDegree.usual.prefix(3))),
            bounds: LayoutBounds(
                [.init(cluster: Cluster(gpu: "x", nodes: nodes, gpusPerNode: 8))],
                budget: LayoutBudget(gpus: budget), fillsBudget: fills)
        ).around(layout).map(\.description)
    }

    @Test("GPUs go from one phase to the other in steps that double, and degrees change")
    func all() throws {
        #expect(
            try around("P:2x4,D:1x8", budget: 16) == [
                "P:2x5,D:1x6", "P:2x3,D:1x10", "P:2x6,D:1x4", "P:2x2,D:1x12",
                "P:1x8,D:1x8", "P:1x8,D:2x4", "P:1x8,D:4x2", "P:2x4,D:2x4", "P:2x4,D:4x2",
                "P:4x2,D:1x8", "P:4x2,D:2x4", "P:4x2,D:4x2",
            ])
    }

    @Test("what is left of the budget stays unused, unless every GPU has to be taken")
    func remainders() throws {
        #expect(try around("P:1x2,D:4x3", budget: 15).first == "P:1x3,D:4x3")
        #expect(
            try around("P:1x3,D:4x3", budget: 15, fills: true).allSatisfy {
                Deployment(notation: $0)?.gpus.value == 15
            })
    }

    @Test("none takes more than the budget, spans nodes, is the layout itself or comes twice")
    func bounds() throws {
        for budget in 2...16 {
            for notation in ["P:1x1,D:1x1", "P:2x3,D:4x2", "P:1x5,D:2x4"] {
                let found = try around(notation, budget: budget)
                #expect(!found.contains(notation) && Set(found).count == found.count)
                for text in found {
                    let layout = try #require(Deployment(notation: text))
                    #expect(layout.gpus.value <= budget)
                    #expect(Cluster(gpu: "x", nodes: 2, gpusPerNode: 8).holds(layout.allGroups))
                }
            }
        }
        #expect(try around("C:1x8", budget: 8).isEmpty)
    }
}
