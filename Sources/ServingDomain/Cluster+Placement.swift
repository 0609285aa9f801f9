extension Cluster {
    /// The class of link that transfers are planned with where nobody stands anywhere yet.
    public var widestLink: LinkClass { nodes > 1 ? .interNode : .intraNode }

    /// Numbers of the nodes on which workers of these degrees stand.
    ///
    /// The largest workers are placed first, equal ones in the given order, each on the first node
    /// that has room for it. Degrees are powers of two, so this finds a place for all of them
    /// wherever there is one (`holds`). A worker that fits nowhere gets a further node, beyond those
    /// of the cluster.
    ///
    /// - Returns: a node for each worker, in the order of `degrees`.
    public func nodes(for degrees: [TensorParallelDegree]) -> [Int] {
        let order = degrees.indices.sorted {
            (degrees[$1].value, $0) < (degrees[$0].value, $1)
        }
        var (free, places) = ([Int](), Array(repeating: 0, count: degrees.count))
        for worker in order {
            let size = degrees[worker].value
            let node = free.firstIndex { $0 >= size } ?? free.count
            if node == free.count { free.append(max(gpusPerNode, size)) }
            free[node] -= size
            places[worker] = node
        }
        return places
    }
}
