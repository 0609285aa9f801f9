import ServingDomain

/// Keys of what an engine adds to kernels, one for each figure of its file.
extension CaseFields {
    static func overheadKey(_ figure: OverheadFigure) -> String {
        "engine.overhead.\(figure.rawValue)"
    }

    static let overhead =
        [
            CaseField(
                "engine.overhead", .section, .none,
                "Host times and factors of your build, in place of those of the engine's file or a calibration."
            )
        ]
        + OverheadFigure.allCases.map { figure in
            let range = figure.range
            return CaseField(
                overheadKey(figure), .number(.from(range.lowerBound, to: range.upperBound)),
                unit: figure.unit, .derived("of the engine, or of a calibration"), figure.summary)
        }
}
