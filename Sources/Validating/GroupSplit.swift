import DiscreteEvents
import ServingDomain

/// Predictions of each group of rows with constants that were fitted to the others.
public struct SplitValidation: Sendable {
    /// Constants, and the groups that they were fitted to; none leaves what is believed.
    public struct Fit: Sendable {
        public let constants: EngineConstants
        public let groups: [String]
    }

    public let validation: Validation
    /// What each group was predicted with, in the order of the file; groups without a prediction
    /// are missing.
    public let fits: [(group: String, fit: Fit)]
    /// What all groups of each engine together say.
    public let engines: [(engine: String, fit: Fit)]
}

/// Leaves every group of an engine out in turn.
///
/// The fit begins at what is believed of any engine, so that nothing of the group that is left out
/// comes back through the constants that ship with the engine.
struct GroupSplit {
    let run: ValidationRun
    /// Times that predictions are made anew around the last constants.
    private static let rounds = 2

    init(_ run: ValidationRun) { self.run = run }

    func validation() async -> SplitValidation {
        var answers: [Result<MeanLatencies, Refusal>] = run.platforms.places.map { place in
            place.flatMap { _ in .failure(Refusal("not asked")) }
        }
        var fits: [String: SplitValidation.Fit] = [:]
        var whole: [(engine: String, fit: SplitValidation.Fit)] = []
        for (engine, rows) in engines() {
            let sensitivity = await Sensitivity(run, rows: rows, around: .believed)
            for group in names(of: rows) {
                let own = rows.filter { run.table.rows[$0].group == group }
                let fit = await fit(sensitivity, leavingOut: group)
                let found = await run.predictions(of: own, with: [fit.constants])[0]
                for (row, answer) in zip(own, found) { answers[row] = answer }
                fits[group] = fit
            }
            whole.append((engine, await fit(sensitivity, leavingOut: nil)))
        }
        return SplitValidation(
            validation: run.validation(answers),
            fits: names(of: Array(run.table.rows.indices)).compactMap { group in
                fits[group].map { (group, $0) }
            },
            engines: whole)
    }

    private func fit(
        _ sensitivity: Sensitivity, leavingOut group: String?
    ) async -> SplitValidation.Fit {
        let others = sensitivity.rows.filter { run.table.rows[$0].group != group }
        guard !others.isEmpty else { return SplitValidation.Fit(constants: .believed, groups: []) }
        var (constants, found) = (EngineConstants.believed, sensitivity.base)
        for round in 0..<Self.rounds {
            if round > 0 {
                let answers = await run.predictions(of: others, with: [constants])[0]
                found = Dictionary(
                    uniqueKeysWithValues: zip(others, answers).compactMap { row, answer in
                        (try? answer.get()).map { (row, $0) }
                    })
            }
            let observed = others.flatMap { row in
                sensitivity.observations(
                    row, in: run.table.rows[row].group, run.table.rows[row].measured,
                    beside: found[row])
            }
            constants = ConstantFit(
                start: constants, believed: .believed,
                observations: GroupWeights(observed).weighted
            ).solution()
        }
        return SplitValidation.Fit(constants: constants, groups: names(of: others))
    }

    /// Rows that have a platform, by the engine that they ran on.
    private func engines() -> [(name: String, rows: [Int])] {
        var (order, members): ([String], [String: [Int]]) = ([], [:])
        for (row, place) in run.platforms.places.enumerated() {
            guard let place = try? place.get() else { continue }
            let engine = run.platforms.platforms[place].planningCase.engine.name
            if members[engine] == nil { order.append(engine) }
            members[engine, default: []].append(row)
        }
        return order.map { ($0, members[$0] ?? []) }
    }

    private func names(of rows: [Int]) -> [String] {
        var seen: Set<String> = []
        return rows.map { run.table.rows[$0].group }.filter { seen.insert($0).inserted }
    }
}

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
            low[constant] = max(constant.range.lowerBound, center[constant] - constant.reach)
            high[constant] = min(constant.range.upperBound, center[constant] + constant.reach)
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
        return [
            GroupWeights.Observed(
                group: group, figure: .ttft,
                residual: DeterministicMath.log(measured.ttft / predicted.ttft),
                slopes: slopes.ttft),
            GroupWeights.Observed(
                group: group, figure: .tpot,
                residual: DeterministicMath.log(measured.tpot / predicted.tpot),
                slopes: slopes.tpot),
        ]
    }
}

extension ValidationRun {
    /// Simulates each group of rows with constants that were fitted to the others of its engine.
    public func splitByGroup() async -> SplitValidation { await GroupSplit(self).validation() }
}
