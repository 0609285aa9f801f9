/// Which kind of link lies between two workers.
public enum LinkClass: Int, Hashable, Sendable, CaseIterable {
    /// Between GPUs of one node.
    case intraNode
    /// The network between two nodes.
    case interNode
}

/// How KV cache moves between workers.
public struct KVTransfer: Hashable, Sendable {
    /// What transfers that use the same link at the same time do to each other.
    public enum Contention: String, Hashable, Sendable, CaseIterable {
        /// They share its bandwidth equally.
        case shared
        /// Each moves as if it were alone.
        case none
    }

    /// Fixed latency of the software path of one transfer.
    public var latency: Duration
    /// Added to the latency for every KV block that is moved.
    public var perBlock: Duration
    /// Bandwidth per GPU between workers of one node.
    public var intraNode: Bandwidth
    /// Bandwidth per GPU between workers of two nodes.
    public var interNode: Bandwidth
    public var contention: Contention

    public init(
        latency: Duration, perBlock: Duration = .zero, intraNode: Bandwidth, interNode: Bandwidth,
        contention: Contention = .shared
    ) {
        self.latency = latency
        self.perBlock = perBlock
        self.intraNode = intraNode
        self.interNode = interNode
        self.contention = contention
    }

    /// The same bandwidth inside a node and between nodes.
    public init(latency: Duration, bandwidth: Bandwidth) {
        self.init(latency: latency, intraNode: bandwidth, interNode: bandwidth)
    }

    /// Bandwidth per GPU over a link of this class.
    public func bandwidth(_ link: LinkClass) -> Bandwidth {
        switch link {
        case .intraNode: intraNode
        case .interNode: interNode
        }
    }
}
