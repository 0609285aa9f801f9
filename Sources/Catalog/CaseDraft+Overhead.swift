public import ServingDomain

/// What an engine adds to kernels, which no case file says.
extension CaseDraft {
    /// Takes constants that were calibrated in place of those of the engine's file.
    public mutating func calibrate(_ overhead: EngineOverhead) {
        let known = Set(Self.settings(of: overhead).map(\.key))
        let place = assumptions.firstIndex { known.contains($0.key) } ?? assumptions.count
        let perStep = assumptions.filter { $0.key == Self.perStep }
        assumptions.removeAll { known.contains($0.key) }
        // Time per step is no constant of a calibration.
        let own = Self.settings(of: overhead).filter { $0.key != Self.perStep }
        assumptions.insert(
            contentsOf: perStep
                + own.map { Assumption($0.key, .decimal($0.value), overhead.source) },
            at: place)
        engine.overhead = overhead
    }

    /// Says what an engine adds on the GPUs of another pool than the first.
    public mutating func note(_ overhead: EngineOverhead, inPool place: Int) {
        let section = CaseFields.section(ofPool: place)
        assumptions += Self.assumptions(of: overhead).map { assumption in
            var copy = assumption
            copy.key = section + assumption.key
            return copy
        }
    }

    private static let perStep = "overhead.per_step_us"

    /// Times, and factors that are not 1.
    static func assumptions(of overhead: EngineOverhead) -> [Assumption] {
        settings(of: overhead).filter { !($0.isFactor && $0.value == 1) }.map {
            Assumption($0.key, .decimal($0.value), overhead.source)
        }
    }

    private static func settings(
        of overhead: EngineOverhead
    ) -> [(key: String, value: Double, isFactor: Bool)] {
        let times = [
            ("per_step_us", overhead.perStep, 1e3), ("per_layer_us", overhead.perLayer, 1e3),
            ("per_sequence_us", overhead.perSequence, 1e3),
            ("per_collective_us", overhead.perCollective, 1e3),
            ("per_first_token_ms", overhead.perFirstToken, 1e6),
        ].map { ($0.0, Double($0.1.inNanoseconds) / $0.2, false) }
        let factors = [
            ("prompt_factor", overhead.promptFactor), ("decode_factor", overhead.decodeFactor),
            ("expert_factor", overhead.expertFactor),
        ].map { ($0.0, $0.1, true) }
        return (times + factors).map { ("overhead." + $0.0, $0.1, $0.2) }
    }
}
