import DiscreteEvents

/// How predictions change with the constants of an engine, around a setting.
struct Sensitivity {
    /// Rows that were predicted with every setting.
    let rows: [Int]
    /// Predictions at the setting itself.
    let base: [Int: MeanLatencies]
    /// Slopes of the logarithms of TTFT and TPOT by each constant.
    private let slopes: [Int: (ttft: [Double], tpot: [Double])]

    init(_ run: ValidationRun, rows: [Int], around center: EngineConstants) async {
        var settings = [center]
        var widths: [Double] = []
        for constant in EngineConstant.allCases {
            var (low, high) = (center, center)
            let range = constant.range(with: center[constant])
            low[constant] = max(range.lowerBound, center[constant] - constant.reach)
            high[constant] = min(range.upperBound, center[constant] + constant.reach)
            settings += [low, high]
            widths.append(high[constant] - low[constant])
        }
        let answers = await run.predictions(of: rows, with: settings)
        var (base, slopes): ([Int: MeanLatencies], [Int: (ttft: [Double], tpot: [Double])]) =
            ([:], [:])
        for (index, row) in rows.enumerated() {
            let found = answers.compactMap { try? $0[index].get() }
            guard found.count == settings.count else { continue }
            func slope(_ figure: (MeanLatencies) -> Double) -> [Double] {
                widths.indices.map { place in
                    let (low, high) = (figure(found[1 + 2 * place]), figure(found[2 + 2 * place]))
                    return DeterministicMath.log(high / low) / widths[place]
                }
            }
            base[row] = found[0]
            slopes[row] = (slope(\.ttft), slope(\.tpot))
        }
        self.rows = rows.filter { base[$0] != nil }
        self.base = base
        self.slopes = slopes
    }

    /// What a measured row says of the constants; nothing where it was not predicted.
    func observations(
        _ row: Int, in group: String, _ measured: MeanLatencies,
        beside predicted: MeanLatencies?
    ) -> [GroupWeights.Observed] {
        guard let slopes = slopes[row], let predicted else { return [] }
        let both = [
            GroupWeights.Observed(
                group: group, figure: .ttft,
                residual: DeterministicMath.log(measured.ttft / predicted.ttft),
                slopes: slopes.ttft),
            GroupWeights.Observed(
                group: group, figure: .tpot,
                residual: DeterministicMath.log(measured.tpot / predicted.tpot),
                slopes: slopes.tpot),
        ]
        // What is measured may be beyond what a logarithm can hold.
        return both.filter { $0.residual.isFinite && $0.slopes.allSatisfy(\.isFinite) }
    }
}
