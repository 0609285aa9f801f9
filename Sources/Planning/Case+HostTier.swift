import CostModeling
import ServingDomain

extension Case {
    /// Host memory beside each worker, where the case has some and a link to it.
    var hostTier: HostTier? {
        let bytesPerToken = model.kvBytesPerToken(kvFormat)
        guard let bandwidth = hardware.hostBandwidth, engine.behaviour.hostMemory > .zero else {
            return nil
        }
        return HostTier(
            capacity: Tokens(engine.behaviour.hostMemory.value / bytesPerToken.value),
            latency: EngineBehaviour.hostCopyLatency, bandwidth: bandwidth,
            bytesPerToken: bytesPerToken)
    }
}
