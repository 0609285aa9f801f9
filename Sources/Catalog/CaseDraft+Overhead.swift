public import ServingDomain

/// What an engine adds to kernels, which no case file says.
extension CaseDraft {
    /// Takes constants that were calibrated in place of those of the engine's file.
    public mutating func calibrate(_ overhead: EngineOverhead) {
        let old = Set(Self.assumptions(of: engine.overhead).map(\.key))
        let place = assumptions.firstIndex { old.contains($0.key) } ?? assumptions.count
        assumptions.removeAll { old.contains($0.key) }
        assumptions.insert(contentsOf: Self.assumptions(of: overhead), at: place)
        engine.overhead = overhead
    }

    /// Times, and factors that are not 1.
    static func assumptions(of overhead: EngineOverhead) -> [Assumption] {
        let times = [
            ("per_step_us", overhead.perStep, 1e3), ("per_layer_us", overhead.perLayer, 1e3),
            ("per_sequence_us", overhead.perSequence, 1e3),
            ("per_collective_us", overhead.perCollective, 1e3),
            ("per_first_token_ms", overhead.perFirstToken, 1e6),
        ].map { ($0.0, Double($0.1.inNanoseconds) / $0.2) }
        let factors = [
            ("prompt_factor", overhead.promptFactor), ("decode_factor", overhead.decodeFactor),
            ("expert_factor", overhead.expertFactor),
        ].filter { $0.1 != 1 }
        return (times + factors).map {
            Assumption("overhead." + $0.0, .decimal($0.1), overhead.source)
        }
    }
}
