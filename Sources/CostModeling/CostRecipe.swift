public import ServingDomain

/// What the costs of a platform are added up from, whatever an engine adds to it.
public struct CostRecipe: Sendable {
    public let model: ServedModel
    public let degrees: [TensorParallelDegree]
    public let resolver: CurveResolver
    public let transfer: TransferCosts

    public init(
        model: ServedModel, degrees: [TensorParallelDegree], resolver: CurveResolver,
        transfer: TransferCosts
    ) {
        self.model = model
        self.degrees = degrees
        self.resolver = resolver
        self.transfer = transfer
    }

    /// The costs with the host time and the factors of an engine.
    public func costs(_ overhead: EngineOverhead) -> CostModel {
        CostModel.build(
            model, degrees: degrees, resolver: resolver, overhead: overhead, transfer: transfer)
    }

    /// The same at `degrees` only.
    public func keeping(_ degrees: [TensorParallelDegree]) -> Self {
        Self(
            model: model, degrees: self.degrees.filter { degrees.contains($0) },
            resolver: resolver, transfer: transfer)
    }
}
