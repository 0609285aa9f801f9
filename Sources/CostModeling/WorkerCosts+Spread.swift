import ServingDomain

extension WorkerCosts {
    /// Whether decode steps take longer where the contexts of a batch differ.
    public var dependsOnSpread: Bool {
        if curves.beside.perDeviation != nil { return true }
        guard let lines = curves.decode.given?.value.lines else { return false }
        return lines.small.perSpreadToken > 0 || lines.large.perSpreadToken > 0
    }

    /// Nanoseconds by which a decode step is longer than one of equal contexts, whose standard
    /// deviation is given in tokens.
    ///
    /// What was timed counts in steps without prompts alone: beside one, from 64 sequences on, no more
    /// than 4 % of the way from the mean context to the longest was seen (docs/cost-model.md).
    public func spreadTime(batch: Int, deviation: Double, besidePrompts: Bool = false) -> Double {
        let timed = besidePrompts ? 0 : curves.beside.perDeviation?(Double(batch)) ?? 0
        let given = curves.decode.given?.value.lines?.line(batch: batch).perSpreadToken ?? 0
        return (timed + given) * deviation
    }
}
