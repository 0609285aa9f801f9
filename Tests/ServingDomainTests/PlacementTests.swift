import ServingDomain
import Testing

@Suite("Workers on nodes")
struct PlacementTests {
    private func degrees(_ values: Int...) -> [TensorParallelDegree] {
        values.compactMap(TensorParallelDegree.init)
    }

    @Test("the largest come first, equal ones in their order, each on the first node with room")
    func order() {
        let cluster = Cluster(gpu: "any", nodes: 3, gpusPerNode: 8)
        #expect(cluster.nodes(for: degrees(2, 4, 8, 4, 2, 2)) == [2, 1, 0, 1, 2, 2])
        #expect(cluster.nodes(for: []) == [])
    }

    @Test("everything that a cluster holds gets a place on its nodes, and nothing else does")
    func packing() {
        let sizes = [1, 2, 4, 8, 16]
        for gpusPerNode in [1, 3, 6, 8, 12] {
            let cluster = Cluster(gpu: "any", nodes: 3, gpusPerNode: gpusPerNode)
            // Every mix of up to four workers of each degree.
            for mix in 0..<3125 {
                let counts = sizes.indices.map { index in
                    mix / sizes.prefix(index).reduce(1) { power, _ in power * 5 } % 5
                }
                let workers = sizes.indices.flatMap {
                    Array(repeating: TensorParallelDegree(sizes[$0]), count: counts[$0])
                }.compactMap { $0 }
                let groups = sizes.indices.compactMap { index in
                    TensorParallelDegree(sizes[index]).map {
                        WorkerGroup(
                            parallelism: Parallelism(tensor: $0), replicas: counts[index])
                    }
                }.filter { $0.replicas > 0 }
                let nodes = cluster.nodes(for: workers)
                var used: [Int: Int] = [:]
                for (node, degree) in zip(nodes, workers) { used[node, default: 0] += degree.value }
                let fits = used.allSatisfy { $0.key < 3 && $0.value <= gpusPerNode }
                #expect(fits == cluster.holds(groups), "\(counts) on \(gpusPerNode)")
            }
        }
    }
}
