public import ServingDomain

/// A model with the formats that it is served in.
public struct ServedModel: Hashable, Sendable {
    public let model: ModelSpec
    public let weightFormat: NumberFormat
    public let kvFormat: NumberFormat
    /// GPUs that routed experts are dealt out over whole, at most those of the worker.
    public let expertDegree: Int

    public init(
        model: ModelSpec, weightFormat: NumberFormat, kvFormat: NumberFormat, expertDegree: Int = 1
    ) {
        self.model = model
        self.weightFormat = weightFormat
        self.kvFormat = kvFormat
        self.expertDegree = expertDegree
    }
}

/// The three time cost functions of §3 for one model on one GPU type.
public struct CostModel: Sendable {
    public let workers: [WorkerCosts]
    public let transfer: TransferCosts
    /// How much of the time of typical steps is known how well.
    public let trust: TrustShares
    /// Every operator by degree, for reports.
    public let components: [TensorParallelDegree: [StepComponent]]

    public init(
        workers: [WorkerCosts], transfer: TransferCosts,
        components: [TensorParallelDegree: [StepComponent]] = [:]
    ) {
        self.workers = workers
        self.transfer = transfer
        self.components = components
        trust = TrustShares(components)
    }

    /// Costs at one degree; nil for a degree that the model was not built for.
    public func worker(_ degree: TensorParallelDegree) -> WorkerCosts? {
        workers.first { $0.degree == degree }
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
                kvFormat: planningCase.kvFormat,
                expertDegree: planningCase.engine.behaviour.expertDegree),
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
        var workers: [WorkerCosts] = []
        var components: [TensorParallelDegree: [StepComponent]] = [:]
        for degree in degrees {
            let operators = StepOperators(
                model: model.model, weightFormat: model.weightFormat, kvFormat: model.kvFormat,
                degree: degree, expertDegree: model.expertDegree)
            let parts = Phase.allCases.flatMap { phase in
                operators.operators(of: phase).map {
                    StepComponent(
                        phase: phase, use: $0, resolved: resolver.resolve($0.shape),
                        roofline: resolver.roofline, overhead: overhead)
                }
            }
            let compiler = PhaseCompiler(overhead: overhead, layers: model.model.layers)
            components[degree] = parts
            workers.append(
                WorkerCosts(
                    degree: degree,
                    prefill: compiler.compile(parts.filter { $0.phase == .prefill }, .prefill),
                    decode: compiler.compile(parts.filter { $0.phase == .decode }, .decode),
                    firstToken: overhead.perFirstToken))
        }
        return Self(workers: workers, transfer: transfer, components: components)
    }
}

extension CostModel {
    /// The same costs at `degrees` only, with the trust of what is left.
    public func keeping(_ degrees: [TensorParallelDegree]) -> Self {
        let kept = components.filter { degrees.contains($0.key) }
        return Self(
            workers: workers.filter { degrees.contains($0.degree) }, transfer: transfer,
            components: kept)
    }
}
