public import ServingDomain

/// What the costs of a model on the GPUs of one pool are added up from, whatever an engine adds to it.
public struct CostRecipe: Sendable {
    public let model: ServedModel
    public let pool: String
    /// Of this pool.
    public let kinds: [WorkerKind]
    public let resolver: CurveResolver
    public let transfer: TransferCosts

    public init(
        model: ServedModel, pool: String, kinds: [WorkerKind], resolver: CurveResolver,
        transfer: TransferCosts
    ) {
        self.model = model
        self.pool = pool
        self.kinds = kinds
        self.resolver = resolver
        self.transfer = transfer
    }

    /// Workers of tensor parallelism alone in the only pool.
    public init(
        model: ServedModel, degrees: [TensorParallelDegree], resolver: CurveResolver,
        transfer: TransferCosts
    ) {
        self.init(
            model: model, pool: GPUPool.onlyName, kinds: degrees.map { WorkerKind($0) },
            resolver: resolver, transfer: transfer)
    }

    /// The costs with the host time and the factors of an engine.
    ///
    /// Kinds whose records say how their GPUs share the model do so; others as the engine's settings say.
    public func costs(_ overhead: EngineOverhead) -> CostModel {
        func workers(_ split: ModelSplit) -> [CostModel.Worker] {
            kinds.map { worker($0, $0.parallelism.split ?? split, overhead) }
        }
        let serving = workers(model.split)
        return CostModel(
            serving: serving,
            prefilling: model.prefillSplit == model.split ? serving : workers(model.prefillSplit),
            transfers: [(pool, transfer)])
    }

    private func worker(
        _ kind: WorkerKind, _ split: ModelSplit, _ overhead: EngineOverhead
    ) -> CostModel.Worker {
        let operators = StepOperators(
            model: model.model, weightFormat: model.weightFormat, kvFormat: model.kvFormat,
            degree: kind.degree, split: split)
        let rows = overhead.dealtExperts?.rows(on: resolver.roofline.hardware.name) ?? .asTimed
        let parts = Phase.allCases.flatMap { phase in
            operators.operators(of: phase).map {
                StepComponent(
                    phase: phase, use: $0, resolved: resolver.resolve($0.shape, rows),
                    roofline: resolver.roofline, overhead: overhead)
            }
        }
        let compiler = PhaseCompiler(overhead: overhead, layers: model.model.layers)
        return CostModel.Worker(
            kind: kind, costs: compiler.worker(kind.degree, parts, resolver), parts: parts)
    }

    /// The same for some kinds only.
    public func keeping(_ kinds: [WorkerKind]) -> Self {
        Self(
            model: model, pool: pool, kinds: self.kinds.filter { kinds.contains($0) },
            resolver: resolver, transfer: transfer)
    }
}
