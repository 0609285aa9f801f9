public import ServingDomain

/// Time to move KV cache between two workers: T_kv of §3, on links that nobody else uses.
///
/// Software latency α and a term per KV block, in which no link is occupied, then the bytes over the
/// narrower of the two sides: (n · bytes + min(n, window) · bytes in layers that keep one) / (lanes ·
/// bandwidth per GPU), where the lanes are the GPUs
/// of the smaller worker, at most those that hold different parts (copies have to come to every GPU) and, between
/// nodes, at most the network cards of a node. Zero tokens take no time.
public struct TransferCosts: Hashable, Sendable {
    /// Links of one class.
    public struct Link: Hashable, Sendable {
        /// Nanoseconds per byte of one GPU-to-GPU lane.
        public let perByte: Double
        /// Most lanes of one transfer, whatever the degrees of its ends.
        public let lanes: Double

        func slowest(with other: Self) -> Self {
            Self(perByte: max(perByte, other.perByte), lanes: min(lanes, other.lanes))
        }
    }

    /// Fixed software latency in nanoseconds.
    public let latency: Double
    /// Nanoseconds of software latency for each KV block.
    public let perBlock: Double
    /// Tokens in one KV block.
    public let blockSize: Int
    public let bytesPerToken: Bytes
    /// Bytes for each of the last tokens of a sequence beyond those, in layers that keep a window.
    public let windowBytes: Bytes
    /// Tokens of that window.
    public let window: Int
    /// Bytes of a sequence's states, in layers with linear attention, whatever its length.
    public let stateBytes: Bytes
    /// Most GPUs that hold different parts of those states.
    public let stateParts: Int
    /// Most GPUs that hold different parts of a token's KV cache.
    public let parts: Int
    private var intraNode: Link
    private var interNode: Link

    /// - Parameters:
    ///   - transfer: latencies and bandwidths.
    ///   - bytesPerToken: KV cache of one token over the layers that keep the whole context.
    ///   - windowBytes: KV cache of one token over the layers that keep a window alone.
    ///   - window: tokens of that window.
    ///   - stateBytes: states of a sequence over the layers that keep one, which move over lanes of their own number.
    ///   - stateParts: most GPUs that hold different parts of them.
    ///   - blockSize: tokens in one KV block.
    ///   - parts: most GPUs that hold different parts of a token's KV cache.
    ///   - networkLanes: GPUs whose share of the network a node has in all.
    public init(
        _ transfer: KVTransfer, bytesPerToken: Bytes, windowBytes: Bytes = .zero, window: Int = 0,
        stateBytes: Bytes = .zero, stateParts: Int = .max, blockSize: Int = 16, parts: Int = .max,
        networkLanes: Int = .max
    ) {
        self.parts = parts
        latency = transfer.latency.inSeconds * 1e9
        perBlock = transfer.perBlock.inSeconds * 1e9
        self.blockSize = blockSize
        self.bytesPerToken = bytesPerToken
        self.windowBytes = windowBytes
        self.window = window
        self.stateBytes = stateBytes
        self.stateParts = stateParts
        intraNode = Link(perByte: 1e9 / transfer.intraNode.bytesPerSecond, lanes: .infinity)
        interNode = Link(
            perByte: 1e9 / transfer.interNode.bytesPerSecond, lanes: Double(networkLanes))
    }

    /// Transfers of a model's KV cache as an engine keeps it, between GPUs of one kind.
    public init(
        _ transfer: KVTransfer, of model: ModelSpec, _ format: NumberFormat, engine: Engine,
        networkLanes: Int = .max
    ) {
        let kept = engine.behaviour.slidingWindowKV
        self.init(
            transfer, bytesPerToken: model.kvBytesPerToken(format, keeping: kept),
            windowBytes: model.windowBytesPerToken(format, keeping: kept),
            window: model.keptWindow(kept)?.tokens ?? 0,
            stateBytes: model.linearAttention?.stateBytes ?? .zero,
            stateParts: model.linearAttention?.keyHeads ?? .max, blockSize: engine.blockSize,
            parts: model.kvParts, networkLanes: networkLanes)
    }

    /// The same bandwidth on every link.
    public init(latency: Duration, bandwidth: Bandwidth, bytesPerToken: Bytes) {
        self.init(
            KVTransfer(latency: latency, bandwidth: bandwidth), bytesPerToken: bytesPerToken)
    }

    /// The same where every link is the slower of both.
    func slowest(with other: Self) -> Self {
        var copy = self
        copy.intraNode = intraNode.slowest(with: other.intraNode)
        copy.interNode = interNode.slowest(with: other.interNode)
        return copy
    }

    /// Nanoseconds before the first byte of `tokens` tokens moves.
    public func lead(tokens: Int) -> Double {
        guard tokens > 0 else { return 0 }
        return latency + Double((tokens + blockSize - 1) / blockSize) * perBlock
    }

    /// Nanoseconds in which the bytes of `tokens` tokens move over links that nobody else uses.
    public func bytes(
        tokens: Int, between first: TensorParallelDegree, and second: TensorParallelDegree,
        over link: LinkClass
    ) -> Double {
        let link = link == .intraNode ? intraNode : interNode
        let lanes = min(link.lanes, Double(min(first.value, second.value, parts)))
        let bytes = tokens * bytesPerToken.value + min(tokens, window) * windowBytes.value
        let time = Double(bytes) * link.perByte / lanes
        guard tokens > 0, stateBytes > .zero else { return time }
        let stateLanes = min(link.lanes, Double(min(first.value, second.value, stateParts)))
        return time + Double(stateBytes.value) * link.perByte / stateLanes
    }

    /// Nanoseconds to move the KV cache of `tokens` tokens over links that nobody else uses.
    public func time(
        tokens: Int, between first: TensorParallelDegree, and second: TensorParallelDegree,
        over link: LinkClass
    ) -> Double {
        lead(tokens: tokens) + bytes(tokens: tokens, between: first, and: second, over: link)
    }
}
