/// How many tokens of KV cache a worker can hold, in whole blocks.
public struct KVCapacity: Hashable, Sendable {
    /// Whole blocks times tokens per block; 0 where not even the weights fit.
    ///
    /// Where some layers keep a window alone, a block is one of the others, less those that the
    /// prompts of one step need in the windowed ones; what sequences keep there is left out
    /// (`KeptBeside`).
    public let tokens: Tokens
    /// Tokens of the longest sequence that there is room for.
    public let longestSequence: Tokens
    /// Memory that weights, reserve and utilisation leave for KV on each GPU; negative where they
    /// do not fit.
    public let bytesPerGPU: Int

    /// Per GPU: utilisation × memory − weights of the GPU − reserve, in whole blocks.
    ///
    /// `stepTokens` are those of the prompts that a step takes at most, the engine's `tokenBudget` where
    /// nothing else is said.
    public init(
        model: ModelSpec, weightFormat: NumberFormat, kvFormat: NumberFormat,
        hardware: HardwareSpec, engine: Engine, degree: TensorParallelDegree,
        split: ModelSplit = .none, stepTokens: Int? = nil
    ) {
        let usable = Int(engine.memoryUtilization * Double(hardware.memory.value))
        bytesPerGPU =
            usable - model.weightBytesPerGPU(weightFormat, degree: degree, split: split).value
            - hardware.reservedMemory.value
        let (kept, size) = (engine.behaviour.slidingWindowKV, engine.blockSize)
        let perToken = model.kvBytesPerTokenPerGPU(kvFormat, degree: degree, keeping: kept).value
        let beside = model.keptBeside(kept, kvFormat, degree: degree)
        let ofStep = beside?.stepBlocks(
            min(stepTokens ?? engine.tokenBudget, model.maxContext.value), of: size)
        let blocks = max(0, max(0, bytesPerGPU) / (perToken * size) - (ofStep ?? 0))
        tokens = Tokens(blocks * size)
        longestSequence = beside.map { Tokens($0.longestSequence(in: blocks, of: size)) } ?? tokens
    }
}

extension Case {
    /// KV capacity of one rank of a serving worker of this case; nil where its pool is not known.
    public func kvCapacity(_ kind: WorkerKind) -> KVCapacity? {
        kvCapacity(kind, engine.behaviour.servingSplit)
    }

    /// KV capacity of one rank of a prefill worker of this case; nil where its pool is not known.
    public func prefillKVCapacity(_ kind: WorkerKind) -> KVCapacity? {
        let batch: Int? =
            if case .tokens(let tokens) = engine.behaviour.prefillBatch { tokens } else { nil }
        return kvCapacity(kind, engine.behaviour.prefillSplit, stepTokens: batch)
    }

    private func kvCapacity(
        _ kind: WorkerKind, _ split: ModelSplit, stepTokens: Int? = nil
    ) -> KVCapacity? {
        pool(kind.pool).map { pool in
            KVCapacity(
                model: model, weightFormat: weightFormat, kvFormat: kvFormat,
                hardware: pool.hardware, engine: engine, degree: kind.degree,
                split: kind.parallelism.split ?? split, stepTokens: stepTokens)
        }
    }
}
