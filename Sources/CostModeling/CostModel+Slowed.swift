import ServingDomain

extension CostModel {
    /// The same costs where every step takes so many times as long; transfers stay as they are.
    ///
    /// For what becomes of a plan if its costs are wrong.
    ///
    /// - Parameters:
    ///   - prefill: factor on steps of prompts, above 0.
    ///   - decode: factor on decode steps, above 0.
    /// - Returns: costs at the same degrees, of the same trust.
    public func slowed(prefill: Double, decode: Double) -> Self {
        changing { $0.slowed(prefill: prefill, decode: decode) }
    }
}

extension WorkerCosts {
    /// The same worker where every step takes so many times as long.
    public func slowed(prefill: Double, decode: Double) -> Self {
        Self(
            degree: degree, prefill: self.prefill.scaled(by: prefill),
            decode: self.decode.scaled(by: decode), beside: curves.beside.scaled(by: decode),
            firstToken: firstToken)
    }
}

extension PhaseCosts {
    fileprivate func scaled(by factor: Double) -> Self {
        var copy = self
        copy.linear = linear.scaled(by: factor).compiled()
        copy.shared = shared?.scaled(by: factor).compiled()
        copy.perPromptStep = perPromptStep * factor
        copy.sampled = sampled?.scaled(by: factor).compiled()
        copy.context = context?.scaled(by: factor).compiled()
        copy.attention = attention.map { $0.scaled(by: factor) }
        copy.host = host?.scaled(by: factor)
        copy.given = given.map { Shared($0.value.scaled(by: factor)) }
        return copy
    }
}

extension DecodeLine {
    func scaled(by factor: Double) -> Self {
        Self(
            constant: constant * factor, perContextToken: perContextToken * factor,
            perSequence: perSequence * factor, perSpreadToken: perSpreadToken * factor)
    }
}
