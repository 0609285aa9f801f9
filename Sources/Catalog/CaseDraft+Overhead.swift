public import ServingDomain

/// What an engine adds to kernels, which no case file says.
extension CaseDraft {
    /// Takes constants that were calibrated in place of those of the engine's file.
    public mutating func calibrate(_ overhead: EngineOverhead) {
        let known = Set(Self.settings(of: overhead).map(\.key))
        let place = assumptions.firstIndex { known.contains($0.key) } ?? assumptions.count
        let kept = assumptions.filter { Self.uncalibrated.contains($0.key) }
        assumptions.removeAll { known.contains($0.key) }
        let own = Self.settings(of: overhead).filter { !Self.uncalibrated.contains($0.key) }
        assumptions.insert(
            contentsOf: kept
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

    /// What is no constant of a calibration.
    private static let uncalibrated: Set = [
        "overhead.per_step_us", "overhead.launch_per_layer_us",
    ]

    /// All but what does nothing: factors of 1, and launches that take no time.
    static func assumptions(of overhead: EngineOverhead) -> [Assumption] {
        settings(of: overhead).filter { $0.value != $0.idle }.map {
            Assumption($0.key, .decimal($0.value), overhead.source)
        }
    }

    private static func settings(
        of overhead: EngineOverhead
    ) -> [(key: String, value: Double, idle: Double?)] {
        let launch = Double(overhead.launchPerLayer.inNanoseconds) / 1e3
        let times = [
            ("per_step_us", overhead.perStep, 1e3), ("per_layer_us", overhead.perLayer, 1e3),
            ("per_sequence_us", overhead.perSequence, 1e3),
            ("per_collective_us", overhead.perCollective, 1e3),
            ("per_first_token_ms", overhead.perFirstToken, 1e6),
        ].map { ($0.0, Double($0.1.inNanoseconds) / $0.2, Double?.none) }
        let factors = [
            ("prompt_factor", overhead.promptFactor), ("decode_factor", overhead.decodeFactor),
            ("expert_factor", overhead.expertFactor),
        ].map { ($0.0, $0.1, Double?.some(1)) }
        return (times + [("launch_per_layer_us", launch, 0)] + factors).map { ("overhead." + $0.0, $0.1, $0.2) }
    }
}
