/// How many tokens of KV cache a worker can hold, in whole blocks.
public struct KVCapacity: Hashable, Sendable {
    /// Whole blocks times tokens per block; 0 where not even the weights fit.
    ///
    /// Where some layers keep a window alone, a block is one of the others, less those that the
    /// prompts of one step need in the windowed ones; what sequences keep there is left out
    /// (`Case.windowBlocks`).
    public let tokens: Tokens
    /// Memory that weights, reserve and utilisation leave for KV on each GPU; negative where they
    /// do not fit.
    public let bytesPerGPU: Int

    /// Per GPU: utilisation × memory − weights of the GPU − reserve, in whole blocks.
    public init(
        model: ModelSpec, weightFormat: NumberFormat, kvFormat: NumberFormat,
        hardware: HardwareSpec, engine: Engine, degree: TensorParallelDegree,
        split: ModelSplit = .none
    ) {
        let usable = Int(engine.memoryUtilization * Double(hardware.memory.value))
        bytesPerGPU =
            usable - model.weightBytesPerGPU(weightFormat, degree: degree, split: split).value
            - hardware.reservedMemory.value
        let kept = engine.behaviour.slidingWindowKV
        let perToken = model.kvBytesPerTokenPerGPU(kvFormat, degree: degree, keeping: kept).value
        let blocks = max(0, bytesPerGPU) / (perToken * engine.blockSize)
        let ofStep = model.keptWindow(kept)?.stepBlocks(
            tokenBudget: engine.tokenBudget, blockSize: engine.blockSize)
        tokens = Tokens(max(0, blocks - (ofStep ?? 0)) * engine.blockSize)
    }
}

extension Case {
    /// KV capacity of one rank of a serving worker of this case; nil where its pool is not known.
    public func kvCapacity(_ kind: WorkerKind) -> KVCapacity? {
        kvCapacity(kind, engine.behaviour.servingSplit)
    }

    /// KV capacity of one rank of a prefill worker of this case; nil where its pool is not known.
    public func prefillKVCapacity(_ kind: WorkerKind) -> KVCapacity? {
        kvCapacity(kind, engine.behaviour.prefillSplit)
    }

    private func kvCapacity(_ kind: WorkerKind, _ split: ModelSplit) -> KVCapacity? {
        pool(kind.pool).map { pool in
            KVCapacity(
                model: model, weightFormat: weightFormat, kvFormat: kvFormat,
                hardware: pool.hardware, engine: engine, degree: kind.degree,
                split: kind.parallelism.split ?? split)
        }
    }
}
