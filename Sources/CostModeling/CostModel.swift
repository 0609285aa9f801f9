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

/// The three time cost functions of §3 for one model, on one GPU type or on those of several pools.
public struct CostModel: Sendable {
    /// One kind of worker.
    public struct Worker: Sendable {
        public let kind: WorkerKind
        public let costs: WorkerCosts
        /// The operators behind the costs, for reports; none where they are stated.
        public let parts: [StepComponent]

        public init(kind: WorkerKind, costs: WorkerCosts, parts: [StepComponent] = []) {
            self.kind = kind
            self.costs = costs
            self.parts = parts
        }
    }

    /// Serving workers; those that prefill too unless they share the model otherwise.
    public let serving: [Worker]
    let prefilling: [Worker]
    /// Of KV cache between workers of the first pool.
    public var transfer: TransferCosts { transfers[0].costs }
    /// By pool; at least one.
    private let transfers: [(pool: String, costs: TransferCosts)]
    /// How much of the time of typical steps is known how well.
    public let trust: TrustShares

    init(
        serving: [Worker], prefilling: [Worker],
        transfers: [(pool: String, costs: TransferCosts)]
    ) {
        self.serving = serving
        self.prefilling = prefilling
        self.transfers = transfers
        trust = TrustShares(serving.map(\.parts))
    }

    /// - Parameters:
    ///   - workers: costs of serving workers, each of tensor parallelism alone in the only pool.
    ///   - prefillWorkers: costs of prefill workers; nil where they are the same.
    ///   - transfer: of KV cache between them.
    public init(
        workers: [WorkerCosts], prefillWorkers: [WorkerCosts]? = nil, transfer: TransferCosts
    ) {
        func named(_ costs: [WorkerCosts]) -> [Worker] {
            costs.map { Worker(kind: WorkerKind($0.degree), costs: $0) }
        }
        self.init(
            serving: named(workers), prefilling: named(prefillWorkers ?? workers),
            transfers: [(GPUPool.onlyName, transfer)])
    }

    /// Costs of a serving worker; nil for a kind that the model was not built for.
    public func worker(_ kind: WorkerKind) -> WorkerCosts? {
        serving.first { $0.kind == kind }?.costs
    }

    /// Costs of a serving worker of the only pool; nil for a degree that the model was not built for.
    public func worker(_ degree: TensorParallelDegree) -> WorkerCosts? {
        worker(WorkerKind(degree))
    }

    /// Costs of a prefill worker; nil for a kind that the model was not built for.
    public func prefillWorker(_ kind: WorkerKind) -> WorkerCosts? {
        prefilling.first { $0.kind == kind }?.costs
    }

    /// The operators of a serving worker's steps; none where they are not known.
    public func parts(of kind: WorkerKind) -> [StepComponent] {
        serving.first { $0.kind == kind }?.parts ?? []
    }

    /// Kernels that the engine's version has in decode in place of experts that were timed, each once.
    public var slowerExperts: [SlowerExperts] {
        serving.flatMap(\.parts).flatMap(\.slower).reduce(into: []) { found, slower in
            if !found.contains(slower) { found.append(slower) }
        }
    }

    /// Of KV cache between workers of these pools: where they are several, the slowest of each link.
    public func transfer(among pools: Set<String>) -> TransferCosts {
        let own = transfers.filter { pools.contains($0.pool) }.map(\.costs)
        return own.dropFirst().reduce(own.first ?? transfer) { $0.slowest(with: $1) }
    }

    /// Adds up the operators of `planningCase`'s model at each degree, on the GPUs of its first pool.
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
        let pool = planningCase.pools[0]
        return CostRecipe(
            model: ServedModel(
                model: planningCase.model, weightFormat: planningCase.weightFormat,
                kvFormat: planningCase.kvFormat, behaviour: planningCase.engine.behaviour),
            pool: pool.name, kinds: degrees.map { WorkerKind(pool: pool.name, $0) },
            resolver: resolver,
            transfer: TransferCosts(
                pool.transfer, of: planningCase.model, planningCase.kvFormat,
                engine: planningCase.engine, networkLanes: pool.hardware.gpusPerNode)
        ).costs(overhead)
    }

    /// As `build(_:degrees:resolver:overhead:)`, for a model that belongs to no case.
    public static func build(
        _ model: ServedModel, degrees: [TensorParallelDegree], resolver: CurveResolver,
        overhead: EngineOverhead, transfer: TransferCosts
    ) -> Self {
        CostRecipe(model: model, degrees: degrees, resolver: resolver, transfer: transfer)
            .costs(overhead)
    }

    /// The costs of several pools in one.
    ///
    /// - Precondition: there is at least one, and no pool in two of them.
    public static func joining(_ models: [Self]) -> Self {
        precondition(!models.isEmpty, "a case has at least one pool")
        return Self(
            serving: models.flatMap(\.serving), prefilling: models.flatMap(\.prefilling),
            transfers: models.flatMap(\.transfers))
    }
}

extension CostModel {
    /// The same costs of some kinds only, with the trust of what is left.
    public func keeping(_ kinds: [WorkerKind]) -> Self {
        Self(
            serving: serving.filter { kinds.contains($0.kind) },
            prefilling: prefilling.filter { kinds.contains($0.kind) }, transfers: transfers)
    }

    /// The same model with other costs of each worker.
    func changing(_ change: (WorkerCosts) -> WorkerCosts) -> Self {
        func changed(_ workers: [Worker]) -> [Worker] {
            workers.map { Worker(kind: $0.kind, costs: change($0.costs), parts: $0.parts) }
        }
        return Self(
            serving: changed(serving), prefilling: changed(prefilling), transfers: transfers)
    }
}
