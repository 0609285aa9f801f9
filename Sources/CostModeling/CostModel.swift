public import ServingDomain

/// A model with the formats that it is served in.
public struct ServedModel: Hashable, Sendable {
    public let model: ModelSpec
    public let weightFormat: NumberFormat
    public let kvFormat: NumberFormat
    /// How engines of serving workers share the model.
    public let split: ModelSplit
    /// How prefill workers do.
    public let prefillSplit: ModelSplit

    /// - Parameters:
    ///   - model: what is served.
    ///   - weightFormat: of the layers' matrices.
    ///   - kvFormat: of the KV cache.
    ///   - split: how engines of serving workers share the model.
    ///   - prefillSplit: how prefill workers do; nil for the same.
    public init(
        model: ModelSpec, weightFormat: NumberFormat, kvFormat: NumberFormat,
        split: ModelSplit = .none, prefillSplit: ModelSplit? = nil
    ) {
        self.model = model
        self.weightFormat = weightFormat
        self.kvFormat = kvFormat
        self.split = split
        self.prefillSplit = prefillSplit ?? split
    }

    /// The model in the engines of a case.
    public init(
        model: ModelSpec, weightFormat: NumberFormat, kvFormat: NumberFormat,
        behaviour: EngineBehaviour
    ) {
        self.init(
            model: model, weightFormat: weightFormat, kvFormat: kvFormat,
            split: behaviour.servingSplit, prefillSplit: behaviour.prefillSplit)
    }
}

/// The three time cost functions of §3 for one model on one GPU type.
public struct CostModel: Sendable {
    /// Of serving workers; of prefill workers too unless those share the model otherwise.
    public let workers: [WorkerCosts]
    let prefillWorkers: [WorkerCosts]
    public let transfer: TransferCosts
    /// How much of the time of typical steps is known how well.
    public let trust: TrustShares
    /// Every operator by degree, for reports.
    public let components: [TensorParallelDegree: [StepComponent]]

    /// - Parameters:
    ///   - workers: costs of serving workers.
    ///   - prefillWorkers: costs of prefill workers; nil where they are the same.
    ///   - transfer: of KV cache between them.
    ///   - components: the operators behind the costs of serving workers.
    public init(
        workers: [WorkerCosts], prefillWorkers: [WorkerCosts]? = nil, transfer: TransferCosts,
        components: [TensorParallelDegree: [StepComponent]] = [:]
    ) {
        self.workers = workers
        self.prefillWorkers = prefillWorkers ?? workers
        self.transfer = transfer
        self.components = components
        trust = TrustShares(components)
    }

    /// Costs of a serving worker at one degree; nil for a degree that the model was not built for.
    public func worker(_ degree: TensorParallelDegree) -> WorkerCosts? {
        workers.first { $0.degree == degree }
    }

    /// Costs of a prefill worker at one degree; nil for a degree that the model was not built for.
    public func prefillWorker(_ degree: TensorParallelDegree) -> WorkerCosts? {
        prefillWorkers.first { $0.degree == degree }
    }

    /// Adds up the operators of `planningCase`'s model at each degree.
    ///
    /// - Parameters:
    ///   - planningCase: model, formats, transfer figures and hardware.
    ///   - degrees: the degrees to build costs for.
    ///   - resolver: where the curves of the operators come from.
    ///   - overhead: host time per step; `.none` gives the bare sum of operators.
    /// - Returns: costs at each degree, with every operator behind them.
    public static func build(
        _ planningCase: Case, degrees: [TensorParallelDegree], resolver: CurveResolver,
        overhead: EngineOverhead
    ) -> Self {
        build(
            ServedModel(
                model: planningCase.model, weightFormat: planningCase.weightFormat,
                kvFormat: planningCase.kvFormat, behaviour: planningCase.engine.behaviour),
            degrees: degrees, resolver: resolver, overhead: overhead,
            transfer: TransferCosts(
                planningCase.transfer,
                bytesPerToken: planningCase.model.kvBytesPerToken(planningCase.kvFormat),
                blockSize: planningCase.engine.blockSize,
                networkLanes: planningCase.hardware.gpusPerNode))
    }

    /// As `build(_:degrees:resolver:overhead:)`, for a model that belongs to no case.
    public static func build(
        _ model: ServedModel, degrees: [TensorParallelDegree], resolver: CurveResolver,
        overhead: EngineOverhead, transfer: TransferCosts
    ) -> Self {
        func costs(_ split: ModelSplit) -> [(worker: WorkerCosts, parts: [StepComponent])] {
            degrees.map { degree in
                let operators = StepOperators(
                    model: model.model, weightFormat: model.weightFormat,
                    kvFormat: model.kvFormat, degree: degree, split: split)
                let parts = Phase.allCases.flatMap { phase in
                    operators.operators(of: phase).map {
                        StepComponent(
                            phase: phase, use: $0, resolved: resolver.resolve($0.shape),
                            roofline: resolver.roofline, overhead: overhead)
                    }
                }
                let compiler = PhaseCompiler(overhead: overhead, layers: model.model.layers)
                return (compiler.worker(degree, parts, resolver), parts)
            }
        }
        let serving = costs(model.split)
        return Self(
            workers: serving.map(\.worker),
            prefillWorkers: model.prefillSplit == model.split
                ? nil : costs(model.prefillSplit).map(\.worker),
            transfer: transfer,
            components: Dictionary(
                serving.map { ($0.worker.degree, $0.parts) },
                uniquingKeysWith: { first, _ in first }))
    }
}

extension CostModel {
    /// The same costs at `degrees` only, with the trust of what is left.
    public func keeping(_ degrees: [TensorParallelDegree]) -> Self {
        let kept = components.filter { degrees.contains($0.key) }
        return Self(
            workers: workers.filter { degrees.contains($0.degree) },
            prefillWorkers: prefillWorkers.filter { degrees.contains($0.degree) },
            transfer: transfer, components: kept)
    }
}
