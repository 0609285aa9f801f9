public import ServingDomain

/// Time to move KV cache between two workers: T_kv of §3.
///
/// α + n · bytes / (min(source degree, target degree) · bandwidth per GPU), and zero for zero
/// tokens. Other transfers on the same links are not considered.
public struct TransferCosts: Hashable, Sendable {
    /// Fixed software and wire latency in nanoseconds.
    public let latency: Double
    /// Nanoseconds per byte of one GPU-to-GPU lane.
    public let perByte: Double
    public let bytesPerToken: Bytes

    public init(latency: Duration, bandwidth: Bandwidth, bytesPerToken: Bytes) {
        self.latency = latency.inSeconds * 1e9
        perByte = 1e9 / bandwidth.bytesPerSecond
        self.bytesPerToken = bytesPerToken
    }

    /// Nanoseconds to move the KV cache of `tokens` tokens.
    public func time(
        tokens: Int, from source: TensorParallelDegree, to target: TensorParallelDegree
    ) -> Double {
        guard tokens > 0 else { return 0 }
        let lanes = Double(min(source.value, target.value))
        return latency + Double(tokens) * Double(bytesPerToken.value) * perByte / lanes
    }
}
