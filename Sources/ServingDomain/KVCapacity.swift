/// How many tokens of KV cache a worker can hold, in whole blocks.
public struct KVCapacity: Hashable, Sendable {
    /// Whole blocks times tokens per block; 0 where not even the weights fit.
    public let tokens: Tokens
    /// Memory that weights, reserve and utilisation leave for KV on each GPU; negative where they
    /// do not fit.
    public let bytesPerGPU: Int

    /// Per GPU: utilisation × memory − weights / degree − reserve, in whole blocks.
    public init(
        model: ModelSpec, weightFormat: NumberFormat, kvFormat: NumberFormat,
        hardware: HardwareSpec, engine: Engine, degree: TensorParallelDegree
    ) {
        let usable = Int(engine.memoryUtilization * Double(hardware.memory.value))
        bytesPerGPU =
            usable - model.weightBytesPerGPU(weightFormat, degree: degree).value
            - hardware.reservedMemory.value
        let perToken = model.kvBytesPerTokenPerGPU(kvFormat, degree: degree).value
        let blocks = max(0, bytesPerGPU) / (perToken * engine.blockSize)
        tokens = Tokens(blocks * engine.blockSize)
    }
}

extension Case {
    /// KV capacity of one worker of this case.
    public func kvCapacity(_ degree: TensorParallelDegree) -> KVCapacity {
        KVCapacity(
            model: model, weightFormat: weightFormat, kvFormat: kvFormat, hardware: hardware,
            engine: engine, degree: degree)
    }
}
