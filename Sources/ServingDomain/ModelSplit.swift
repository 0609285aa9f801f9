/// How the GPUs of one engine share a model beyond tensor parallelism.
public struct ModelSplit: Hashable, Sendable {
    /// Data-parallel ranks: each has attention, dense layers and KV cache of its own, split over the
    /// GPUs of its tensor-parallel group; routed experts are spread over the GPUs of all ranks.
    public let ranks: Int
    /// GPUs of the engine that routed experts are dealt out over whole; the others split them.
    ///
    /// An engine of fewer GPUs deals them out over all it has.
    public let expertDegree: Int

    /// - Precondition: both are positive.
    public init(ranks: Int = 1, expertDegree: Int = 1) {
        precondition(ranks > 0 && expertDegree > 0, "something is left of every model")
        self.ranks = ranks
        self.expertDegree = expertDegree
    }

    /// One rank, whose GPUs split every expert.
    public static let none = Self()

    /// GPUs of an engine whose ranks have this degree.
    public func gpus(_ degree: TensorParallelDegree) -> Int { degree.value * ranks }
}
