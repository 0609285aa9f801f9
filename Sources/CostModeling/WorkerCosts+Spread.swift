import ServingDomain

extension WorkerCosts {
    /// Whether decode steps take longer where the contexts of a batch differ.
    public var dependsOnSpread: Bool {
        guard let lines = curves.decode.given?.lines else { return false }
        return lines.small.perSpreadToken > 0 || lines.large.perSpreadToken > 0
    }

    /// Nanoseconds by which a decode step is longer than one of equal contexts, whose standard
    /// deviation is given in tokens.
    public func spreadTime(batch: Int, deviation: Double) -> Double {
        guard let lines = curves.decode.given?.lines else { return 0 }
        return lines.line(batch: batch).perSpreadToken * deviation
    }
}
