/// Fits the constants of one deployment's engine to some of its own measurements.
///
/// Few rows say little, so that what they do not tell stays as it was believed. Rows that agree on
/// something else than is believed are followed, up to the limits of the constants.
struct Calibration {
    /// Relative error that a single row may have for reasons of its own.
    ///
    /// More than rows of one deployment scatter around its level, for rows that are alike are off to the
    /// same side (docs/cost-model.md).
    private static let spread = 0.15
    /// The same where a row tells how its build differs from what the rows of all builds say.
    ///
    /// The row is one of those: what it shares with them, errors included, is in what they say already, and
    /// what is left of it here is the surer.
    private static let ownSpread = ConstantFit.spread
    /// Times that slopes are taken anew around the last constants.
    private static let rounds = 3

    let run: ValidationRun
    let believed: EngineConstants
    private let spread: Double

    init(run: ValidationRun, believed: EngineConstants) {
        self.init(run: run, believed: believed, spread: Self.spread)
    }

    private init(run: ValidationRun, believed: EngineConstants, spread: Double) {
        (self.run, self.believed, self.spread) = (run, believed, spread)
    }

    /// What `rows`, places in the table, say of the builds that they ran on.
    ///
    /// What rows of several builds say together is believed of each of these, and its own rows tell how it differs.
    func builds(_ rows: [Int]) async -> BuildConstants {
        let common = await constants(rows)
        let builds = Dictionary(grouping: rows) { run.table.rows[$0].build }
        var told = BuildConstants(common: common)
        guard builds.count(where: { $0.key != nil }) > 1 else { return told }
        for (build, own) in builds {
            guard let build else { continue }
            let beside = Calibration(run: run, believed: common, spread: Self.ownSpread)
            told.builds[build] = await beside.constants(own)
        }
        return told
    }

    /// The constants that predict `rows`, places in the table, best.
    ///
    /// - Returns: what is believed where none of them can be predicted.
    func constants(_ rows: [Int]) async -> EngineConstants {
        var constants = believed
        for _ in 0..<Self.rounds {
            let sensitivity = await Sensitivity(run, rows: rows, around: constants)
            constants = solution(sensitivity, of: rows, around: constants)
        }
        return constants
    }

    /// The constants that some of the rows tell by the slopes around others.
    func solution(
        _ sensitivity: Sensitivity, of rows: [Int], around constants: EngineConstants
    ) -> EngineConstants {
        let observations = rows.flatMap { row in
            sensitivity.observations(
                row, in: run.table.rows[row].group, run.table.rows[row].measured,
                beside: sensitivity.base[row])
        }.map { one in
            ConstantFit.Observation(
                residual: one.residual, slopes: one.slopes,
                weight: ConstantFit.spread / spread)
        }
        return ConstantFit(
            start: constants, believed: believed,
            doubts: EngineConstant.allCases.map(\.scatter), admitsOutliers: true,
            observations: observations
        ).solution()
    }
}
