/// GPUs of one type that a plan may use, with the links between them.
public struct GPUPool: Hashable, Sendable {
    /// Name of the only pool of a case, which nobody has to write.
    public static let onlyName = "default"

    public var name: String
    /// With the links of this pool.
    public var hardware: HardwareSpec
    public var cluster: Cluster
    /// How KV cache moves between its workers.
    public var transfer: KVTransfer
    /// What its workers may do; co-located ones do both.
    public var phases: Set<Phase>

    public init(
        name: String = Self.onlyName, hardware: HardwareSpec, cluster: Cluster,
        transfer: KVTransfer, phases: Set<Phase> = Set(Phase.allCases)
    ) {
        self.name = name
        self.hardware = hardware
        self.cluster = cluster
        self.transfer = transfer
        self.phases = phases
    }

    /// Whether `name` can stand in a layout: up to 40 lower-case letters, digits, hyphens and dots,
    /// no hyphen or dot first.
    public static func isName(_ name: String) -> Bool {
        guard (1...40).contains(name.utf8.count), let first = name.utf8.first else { return false }
        func isPlain(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        return isPlain(first)
            && name.utf8.allSatisfy {
                isPlain($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
            }
    }
}

extension Case {
    public func pool(_ name: String) -> GPUPool? { pools.first { $0.name == name } }

    /// GPUs of all pools together.
    public var gpus: GPUs { pools.reduce(.zero) { $0 + $1.cluster.gpus } }

    /// Whether more than one type of GPU, or more than one price, is there to choose from.
    public var hasPools: Bool { pools.count > 1 }

    /// US dollars an hour for the GPUs of a layout; nil where a price is missing.
    public func pricePerHour(of deployment: Deployment) -> Double? {
        var sum = 0.0
        for group in deployment.allGroups {
            guard let price = pool(group.pool)?.cluster.pricePerGPUHour else { return nil }
            sum += price * Double(group.gpus.value)
        }
        return sum
    }

    /// The class of link that transfers between workers of a pool are planned with where nobody stands
    /// anywhere yet.
    public func widestLink(in name: String) -> LinkClass {
        pool(name)?.cluster.widestLink ?? .interNode
    }

    /// Numbers of the nodes on which tensor-parallel groups stand, those of the first pool first.
    ///
    /// - Parameter workers: the kinds of the groups, each as often as there are such; every rank of a
    ///   data-parallel engine is one.
    /// - Returns: a node for each, in their order.
    public func nodes(for workers: [WorkerKind]) -> [Int] {
        var (places, first) = (Array(repeating: 0, count: workers.count), 0)
        for pool in pools {
            let own = workers.indices.filter { workers[$0].pool == pool.name }
            let nodes = pool.cluster.nodes(for: own.map { workers[$0].degree })
            for (worker, node) in zip(own, nodes) { places[worker] = first + node }
            first += max(pool.cluster.nodes, (nodes.max() ?? -1) + 1)
        }
        return places
    }
}
