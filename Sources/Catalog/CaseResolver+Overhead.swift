import ServingDomain

/// Host times and factors that a case states itself.
extension CaseResolver {
    /// Nothing beside stated costs, which have it in them.
    mutating func overhead(
        of usual: Engine, isStated: Bool
    ) throws(CatalogError) -> EngineOverhead {
        let own = ownOverhead
        guard isStated else {
            assumptions += CaseDraft.assumptions(of: usual.overhead, except: own)
            return own.over(usual.overhead)
        }
        if let figure = OverheadFigure.allCases.first(where: { own[$0] != nil }) {
            throw values.invalid(
                CaseFields.overheadKey(figure),
                expected: "absent beside a `cost_model`, which has it")
        }
        return .none
    }

    /// What the case states of it.
    var ownOverhead: [OverheadFigure: Double] {
        var own: [OverheadFigure: Double] = [:]
        for figure in OverheadFigure.allCases {
            own[figure] = values.number(CaseFields.overheadKey(figure))
        }
        return own
    }
}
