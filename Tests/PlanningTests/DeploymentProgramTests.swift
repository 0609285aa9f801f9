import DiscreteEvents
import ServingDomain
import Simulation
import Testing

@testable import Planning

@Suite("The integer program against enumeration")
struct DeploymentProgramTests {
    /// Random coefficients on a coarse grid, so that ties are frequent.
    private func coefficients(_ seed: UInt64, budget: Int) -> [LatencyCoefficient] {
        let stream = RandomStream(seed: seed, named: "coefficients")
        var found: [LatencyCoefficient] = []
        for phase in Phase.allCases {
            for degree in TensorParallelDegree.usual where degree.value < budget {
                for replicas in 1...((budget - 1) / degree.value) {
                    let ratio = Double(1 + stream.integer(below: 12, found.count)) / 8
                    found.append(
                        LatencyCoefficient(
                            phase: phase, degree: degree, replicas: replicas,
                            p95: Estimate(value: ratio, low: ratio, high: ratio), ratio: ratio,
                            memoryWaitP95: 0, overloaded: false))
                }
            }
        }
        return found
    }

    /// Every pair within the budget as (Z, sum, GPUs), in the order of the program.
    private func enumerated(
        _ columns: [LatencyCoefficient], budget: Int
    ) -> [(z: Double, sum: Double, gpus: Int)] {
        let pairs = columns.filter { $0.phase == .prefill }.flatMap { prefill in
            columns.filter { $0.phase == .decode }.map { decode in
                (
                    z: max(prefill.ratio, decode.ratio), sum: prefill.ratio + decode.ratio,
                    gpus: prefill.gpus.value + decode.gpus.value
                )
            }
        }
        return pairs.filter { $0.gpus <= budget }
            .sorted { ($0.z, $0.sum, $0.gpus) < ($1.z, $1.sum, $1.gpus) }
    }

    @Test("the ten best are those of enumeration, in its order", arguments: 1...20)
    func tenBest(_ seed: Int) throws {
        let budget = 4 + seed % 9
        let columns = coefficients(UInt64(seed), budget: budget)
        let selection = try DeploymentProgram(
            coefficients: columns,
            cluster: Cluster(gpu: "any", nodes: 1, gpusPerNode: budget)
        ).best(10)
        let truth = enumerated(columns, budget: budget).prefix(10)
        #expect(selection.choices.count == truth.count)
        for (choice, best) in zip(selection.choices, truth) {
            #expect(choice.value == best.z && choice.sum == best.sum)
            #expect(choice.deployment.gpus.value == best.gpus)
        }
        #expect(Set(selection.choices.map(\.deployment)).count == selection.choices.count)
        #expect(selection.objective == truth.first?.z)
    }

    @Test("columns that cannot keep up are left out while others can, and listed as a range")
    func overloaded() throws {
        let columns = coefficients(7, budget: 8).map { column in
            LatencyCoefficient(
                phase: column.phase, degree: column.degree, replicas: column.replicas,
                p95: column.p95, ratio: column.ratio, memoryWaitP95: 0,
                overloaded: column.degree == .one && column.replicas < 4)
        }
        let selection = try DeploymentProgram(
            coefficients: columns, cluster: Cluster(gpu: "any", nodes: 1, gpusPerNode: 8)
        ).best(3)
        #expect(selection.rejected.map(\.layout) == ["P:1x1...3", "D:1x1...3"])
        let used = selection.choices.flatMap(\.deployment.allGroups)
        #expect(!used.contains { $0.parallelism.tensor == .one && $0.replicas < 4 })
    }
}

@Suite("Workers and nodes")
struct NodePackingTests {
    @Test("two nodes of six GPUs hold two workers of four, and what is left between them")
    func packing() throws {
        let cluster = Cluster(gpu: "any", nodes: 2, gpusPerNode: 6)
        func holds(_ notation: String) throws -> Bool {
            cluster.holds(try #require(Deployment(notation: notation)).allGroups)
        }
        #expect(try !holds("C:4x3"))
        #expect(try holds("P:4x2,D:2x2"))
        #expect(try !holds("P:4x2,D:2x3"))
        #expect(try holds("P:4x1,D:2x4"))
        #expect(try !holds("P:4x1,D:2x5"))
    }
}

@Suite("Replica counts of large clusters")
struct ReplicaCountTests {
    @Test("every count up to 64, then steps of a sixteenth, and the largest")
    func counts() {
        #expect(LatencyCoefficients.replicaCounts(upTo: 3) == [1, 2, 3])
        #expect(LatencyCoefficients.replicaCounts(upTo: 0) == [])
        let many = LatencyCoefficients.replicaCounts(upTo: 1000)
        #expect(many.prefix(64) == Array(1...64)[...])
        #expect(many.last == 1000)
        #expect(zip(many, many.dropFirst()).allSatisfy { $0 < $1 && $1 <= $0 + max(1, $0 / 16) })
    }
}
