public import ServingDomain

/// Host memory beside each worker as a second tier of KV cache, and the way back from it.
///
/// What is evicted from the GPUs is there already: copies are made while nobody waits for them, and
/// cost nothing. Coming back takes a fixed time and the bytes over the host links of all GPUs of the
/// worker at once.
public struct HostTier: Hashable, Sendable {
    /// KV cache that fits beside one worker.
    public let capacity: Tokens
    /// Fixed time to begin a copy.
    public let latency: Duration
    /// KV cache of one token over all layers.
    public let bytesPerToken: Bytes
    /// Most GPUs that hold different parts of it; others hold copies.
    public let parts: Int
    /// States of a sequence over the layers that keep one, and most GPUs that hold different parts of them.
    public let stateBytes: Bytes
    public let stateParts: Int
    /// Of the host link of one GPU, in one direction.
    public let bandwidth: Bandwidth

    /// - Parameters:
    ///   - capacity: tokens beside one worker.
    ///   - latency: fixed time of one copy.
    ///   - bandwidth: of the host link of one GPU, in one direction.
    ///   - bytesPerToken: KV cache of one token over all layers.
    ///   - parts: most GPUs that hold different parts of it.
    ///   - stateBytes: states of a sequence over the layers that keep one.
    ///   - stateParts: most GPUs that hold different parts of them.
    public init(
        capacity: Tokens, latency: Duration, bandwidth: Bandwidth, bytesPerToken: Bytes,
        parts: Int = .max, stateBytes: Bytes = .zero, stateParts: Int = .max
    ) {
        self.stateBytes = stateBytes
        self.stateParts = stateParts
        self.parts = parts
        self.capacity = capacity
        self.latency = latency
        self.bytesPerToken = bytesPerToken
        self.bandwidth = bandwidth
    }

    /// Nanoseconds in which the bytes of one token move, without the fixed time.
    public func timePerToken(_ degree: TensorParallelDegree) -> Double {
        Double(bytesPerToken.value) * (1e9 / bandwidth.bytesPerSecond)
            / Double(min(degree.value, parts))
    }

    /// Nanoseconds of one copy to the GPUs of a worker.
    public func time(tokens: Int, _ degree: TensorParallelDegree) -> Double {
        latency.inSeconds * 1e9 + Double(tokens) * timePerToken(degree) + stateTime(degree)
    }

    /// Nanoseconds in which the states of a sequence move.
    private func stateTime(_ degree: TensorParallelDegree) -> Double {
        Double(stateBytes.value) * (1e9 / bandwidth.bytesPerSecond)
            / Double(min(degree.value, stateParts))
    }
}
