import CostModeling
import ServingDomain

extension Case {
    /// Host memory beside each worker of some pools, where the case has some and a link to it; the slowest
    /// link of several.
    func hostTier(of names: Set<String>) -> HostTier? {
        let bytesPerToken = model.kvBytesPerToken(
            kvFormat, keeping: engine.behaviour.slidingWindowKV)
        let links = pools.filter { names.contains($0.name) }.map(\.hardware.hostBandwidth)
        guard engine.behaviour.hostMemory > .zero, !links.contains(nil),
            let slowest = links.compactMap({ $0?.bytesPerSecond }).min()
        else { return nil }
        return HostTier(
            capacity: Tokens(engine.behaviour.hostMemory.value / bytesPerToken.value),
            latency: EngineBehaviour.hostCopyLatency,
            bandwidth: Bandwidth(bytesPerSecond: slowest), bytesPerToken: bytesPerToken,
            parts: model.kvParts, stateBytes: model.linearAttention?.stateBytes ?? .zero,
            stateParts: model.linearAttention?.keyHeads ?? .max)
    }
}
