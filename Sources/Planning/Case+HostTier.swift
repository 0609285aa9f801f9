import CostModeling
import ServingDomain

extension Case {
    /// Time to begin a copy from host memory: that of one message over a link of the GPU.
    private static let copyLatency = Duration.microseconds(10)

    /// Host memory beside each worker, where the case has some and a link to it.
    func hostTier(bytesPerToken: Bytes) -> HostTier? {
        guard let bandwidth = hardware.hostBandwidth, engine.behaviour.hostMemory > .zero,
            bytesPerToken > .zero
        else { return nil }
        return HostTier(
            capacity: Tokens(engine.behaviour.hostMemory.value / bytesPerToken.value),
            latency: Self.copyLatency, bandwidth: bandwidth, bytesPerToken: bytesPerToken)
    }
}
