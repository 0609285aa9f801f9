/// Published facts of one GPU type and of the node it is sold in.
public struct HardwareSpec: Hashable, Sendable {
    /// One way between two GPUs, in one direction.
    public struct Link: Hashable, Sendable {
        /// Bandwidth per GPU in one direction.
        public let bandwidth: Bandwidth
        /// Fixed wire latency of one message.
        public let latency: Duration

        public init(bandwidth: Bandwidth, latency: Duration) {
            self.bandwidth = bandwidth
            self.latency = latency
        }
    }

    /// Canonical name in kebab-case, for example `h100-sxm`.
    public let name: String
    public let aliases: [String]
    /// Dense peak in FLOP/s by compute format; a format that is missing is not accelerated.
    public let peakFLOPS: [NumberFormat: Double]
    /// FLOP/s that operands would reach the units for, were these infinitely fast.
    public let operandRate: Double
    /// Clocks per second of all multiprocessors together; nil where nobody has said.
    public let multiprocessorClocks: Double?
    public let memory: Bytes
    public let memoryBandwidth: Bandwidth
    /// Memory per GPU that neither weights nor KV may use: run time, activations, collectives.
    public let reservedMemory: Bytes
    /// Between GPUs of one node, or of `linkedGPUs` where that are more.
    public private(set) var intraNode: Link
    /// Between GPUs of two nodes, one adapter's share per GPU.
    public private(set) var interNode: Link
    /// Between a GPU and its host's memory, in one direction; nil where nobody has said.
    public private(set) var hostBandwidth: Bandwidth?
    public let gpusPerNode: Int
    /// GPUs that the links of a node join: more than it has where a rack is wired like one node.
    public let linkedGPUs: Int
    /// Whether GPUs of a node reach each other's memory by links of their own, faster than the host's bus.
    public let reachesPeers: Bool
    /// Power limit in watts.
    public let power: Double
    /// Where the figures come from and when they were read.
    public let source: String

    public init(
        name: String, aliases: [String] = [], peakFLOPS: [NumberFormat: Double],
        operandRate: Double? = nil, multiprocessorClocks: Double? = nil, memory: Bytes,
        memoryBandwidth: Bandwidth, reservedMemory: Bytes, intraNode: Link, interNode: Link,
        hostBandwidth: Bandwidth? = nil, gpusPerNode: Int, linkedGPUs: Int? = nil,
        reachesPeers: Bool? = nil, power: Double, source: String
    ) {
        self.name = name
        self.aliases = aliases
        self.peakFLOPS = peakFLOPS
        self.operandRate = operandRate ?? Self.usualOperands * (peakFLOPS[.bf16] ?? 0)
        self.multiprocessorClocks = multiprocessorClocks
        self.memory = memory
        self.memoryBandwidth = memoryBandwidth
        self.reservedMemory = reservedMemory
        self.intraNode = intraNode
        self.interNode = interNode
        self.hostBandwidth = hostBandwidth
        self.gpusPerNode = gpusPerNode
        self.linkedGPUs = max(gpusPerNode, linkedGPUs ?? gpusPerNode)
        self.reachesPeers =
            reachesPeers ?? hostBandwidth.map { intraNode.bandwidth > $0 } ?? true
        self.power = power
        self.source = source
    }

    /// What operands reach the units for beside the bf16 peak, of H100 and H200 (docs/cost-model.md).
    private static let usualOperands = 3.3

    /// The same GPU with other bandwidths of its links; latencies, and whether GPUs reach each other, stay.
    public func linked(
        intraNode intra: Bandwidth, interNode inter: Bandwidth, host: Bandwidth?
    ) -> Self {
        var other = self
        other.intraNode = Link(bandwidth: intra, latency: intraNode.latency)
        other.interNode = Link(bandwidth: inter, latency: interNode.latency)
        other.hostBandwidth = host
        return other
    }

    /// Dense peak in FLOP/s for a product in `format`; bf16 where the format is not accelerated.
    public func peak(_ format: NumberFormat) -> Double {
        peakFLOPS[format.computeFormat] ?? peakFLOPS[.bf16] ?? 0
    }
}

/// The GPUs that a plan may use: `nodes` servers of one type.
public struct Cluster: Hashable, Sendable {
    public let gpu: String
    public let nodes: Int
    public let gpusPerNode: Int
    /// US dollars for one GPU and hour; nil where nobody has said.
    public let pricePerGPUHour: Double?

    public init(gpu: String, nodes: Int, gpusPerNode: Int, pricePerGPUHour: Double? = nil) {
        self.gpu = gpu
        self.nodes = nodes
        self.gpusPerNode = gpusPerNode
        self.pricePerGPUHour = pricePerGPUHour
    }

    public var gpus: GPUs { GPUs(nodes * gpusPerNode) }

    /// Workers of this degree that fit if no worker spans nodes.
    public func room(for degree: TensorParallelDegree) -> Int {
        nodes * (gpusPerNode / degree.value)
    }

    /// Whether workers of these degrees fit together, none of them spanning nodes.
    ///
    /// Degrees are powers of two, so they do if, counted in units of each degree, those at least
    /// as large leave room.
    public func holds(_ groups: [WorkerGroup]) -> Bool {
        let degrees = Set(groups.map(\.parallelism.tensor))
        return groups.reduce(GPUs.zero) { $0 + $1.gpus } <= gpus
            && degrees.allSatisfy { degree in
                let units = groups.filter { $0.parallelism.tensor >= degree }
                    .reduce(0) { $0 + $1.gpus.value / degree.value }
                return units <= room(for: degree)
            }
    }
}
