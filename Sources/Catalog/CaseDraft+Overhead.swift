public import ServingDomain

/// What an engine adds to kernels, where the case does not say it.
extension CaseDraft {
    /// Takes constants that were calibrated in place of those of the engine's file; what the case itself says
    /// stays.
    ///
    /// - Parameter overhead: the calibrated one.
    /// - Returns: the overhead that holds.
    @discardableResult
    public mutating func calibrate(_ overhead: EngineOverhead) -> EngineOverhead {
        let told = Set(OverheadFigure.allCases.filter(\.isCalibrated).map(Self.key))
        let place = assumptions.firstIndex { told.contains($0.key) } ?? assumptions.count
        assumptions.removeAll { told.contains($0.key) }
        let figures = OverheadFigure.allCases.filter {
            $0.isCalibrated && ownOverhead[$0] == nil
        }
        assumptions.insert(
            contentsOf: figures.map { Self.assumption(of: $0, in: overhead) },
            at: min(place, assumptions.count))
        engine.overhead = ownOverhead.over(overhead)
        return engine.overhead
    }

    /// Says what an engine adds on the GPUs of another pool than the first.
    ///
    /// - Parameters:
    ///   - overhead: the one calibrated there.
    ///   - place: of the pool.
    /// - Returns: the overhead that holds there.
    public mutating func note(
        _ overhead: EngineOverhead, inPool place: Int
    ) -> EngineOverhead {
        let section = CaseFields.section(ofPool: place)
        let figures = OverheadFigure.allCases.filter {
            $0.isCalibrated && ownOverhead[$0] == nil
                && ($0.isAlwaysNamed || $0.value(in: overhead) != $0.idle)
        }
        assumptions += figures.map { figure in
            var copy = Self.assumption(of: figure, in: overhead)
            copy.key = section + copy.key
            return copy
        }
        return ownOverhead.over(overhead)
    }

    /// Says that experts of a pool's decode workers take longer than those that were timed.
    ///
    /// - Parameters:
    ///   - slower: kernels of the engine's version.
    ///   - place: of the pool.
    public mutating func note(_ slower: SlowerExperts, inPool place: Int) {
        let section = place == 0 ? "" : CaseFields.section(ofPool: place)
        assumptions.append(
            Assumption(section + "engine.slower_experts", .decimal(slower.factor), slower.source))
    }

    /// All that a case leaves open, but what does nothing: factors of 1, and launches that take no time.
    static func assumptions(
        of overhead: EngineOverhead, except own: [OverheadFigure: Double]
    ) -> [Assumption] {
        OverheadFigure.allCases.filter { figure in
            own[figure] == nil
                && (figure.isAlwaysNamed || figure.value(in: overhead) != figure.idle)
        }.map { assumption(of: $0, in: overhead) }
    }

    private static func assumption(
        of figure: OverheadFigure, in overhead: EngineOverhead
    ) -> Assumption {
        Assumption(key(figure), .decimal(figure.value(in: overhead)), overhead.source)
    }

    private static func key(_ figure: OverheadFigure) -> String { "overhead." + figure.rawValue }
}
