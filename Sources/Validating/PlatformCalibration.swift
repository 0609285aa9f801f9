public import ServingDomain

/// The constants of one platform's engine that its own measurements tell.
public struct PlatformCalibration: Sendable {
    /// The version of the engine is nil where the constants are for builds of any.
    public let key: PlatformKey
    public let constants: EngineConstants
    /// Measured deployments that could be predicted, of the version if there is one.
    public let rows: Int
    /// Of any version.
    public let rowsOfPlatform: Int
    /// Errors with the constants that the engine has without a calibration.
    public let before: ErrorFigures?
    /// Errors of rows that were left out in turn; of constants for any build, where several were measured, with
    /// each build left out as a whole.
    public let after: ErrorFigures?
    /// Factors by which rows that were left out miss, at the level of `PredictionInterval`; nil where
    /// there are too few rows to tell.
    public let factors: (ttft: Double, tpot: Double)?
    /// Factor by which each of them misses.
    fileprivate let misses: [(ttft: Double, tpot: Double)]

    /// The interval of other deployments; where most of the rows that were left out lie outside of it, it
    /// holds all of them.
    public func interval(unless usual: PredictionInterval) -> PredictionInterval {
        func widened(_ factor: Double, _ misses: [Double]) -> Double {
            let outside = misses.count { $0 > factor }
            guard 2 * outside > misses.count, let most = misses.max(), most.isFinite else {
                return factor
            }
            return most
        }
        let ttft = widened(usual.ttftFactor, misses.map(\.ttft))
        let tpot = widened(usual.tpotFactor, misses.map(\.tpot))
        guard ttft > usual.ttftFactor || tpot > usual.tpotFactor else { return usual }
        return PredictionInterval(
            ttftFactor: ttft, tpotFactor: tpot,
            source:
                "\(usual.source); widened to the rows of the calibration, most of which lie outside"
        )
    }

    /// Constants that could not follow the rows any farther, by their names in engine files.
    public var exhausted: [String] {
        EngineConstant.allCases.filter { $0.isExhausted(constants[$0]) }.map(\.name)
    }
}

extension PlatformKey {
    init(_ platform: MeasuredPlatform) {
        self.init(
            gpu: platform.planningCase.hardware.name, engine: platform.planningCase.engine.name,
            model: platform.planningCase.model.name)
    }
}

extension ValidationRun {
    /// Fewest rows that a platform is calibrated to.
    public static let fewestRows = 2
    /// Parts of the rows that are left out in turn.
    private static let folds = 5

    /// Calibrates each platform of the table to all of its rows that can be predicted.
    ///
    /// - Returns: platforms in the order of the table, each for builds of any version and then for each
    ///   version, where rows are of several; those with fewer than two such rows refused; and
    ///   every line of the file that tells nothing, with the reason.
    public func calibrations() async -> (
        platforms: [(key: PlatformKey, result: Result<[PlatformCalibration], Refusal>)],
        refused: [RefusedRow]
    ) {
        let rows = Array(table.rows.indices)
        let answers = await predictions(of: rows, with: [nil])[0]
        var found: [(key: PlatformKey, result: Result<[PlatformCalibration], Refusal>)] = []
        for (key, rows) in rowsByPlatform() {
            let known = rows.compactMap { row in
                (try? answers[row].get()).map {
                    (row: row, predicted: PredictedRow(row: table.rows[row], predicted: $0))
                }
            }
            guard known.count >= Self.fewestRows else {
                let refusal = Refusal(
                    "a calibration needs \(Self.fewestRows) measured deployments that can be "
                        + "predicted, found \(known.count)")
                found.append((key, .failure(refusal)))
                continue
            }
            found.append((key, .success(await calibrations(known, of: key))))
        }
        return (found, validation(answers).refused)
    }

    private typealias Known = (row: Int, predicted: PredictedRow)

    private func calibrations(
        _ known: [Known], of key: PlatformKey
    ) async -> [PlatformCalibration] {
        let rows = known.map(\.row)
        let calibration = Calibration(
            run: self, believed: EngineConstants(platform(of: rows[0]).planningCase.engine.overhead)
        )
        let told = await calibration.builds(rows)
        let parts = min(Self.folds, rows.count)
        let left = await leftOut(
            (0..<parts).map { part in rows.indices.filter { $0 % parts == part }.map { rows[$0] } },
            of: rows, calibration)
        guard !told.builds.isEmpty else {
            return [self.calibration(told.common, of: key, known, among: known.count, left)]
        }
        let builds = Dictionary(grouping: rows) { table.rows[$0].build }
        let strangers = await leftOut(
            builds.values.sorted { $0[0] < $1[0] }, of: rows, calibration)
        return [self.calibration(told.common, of: key, known, among: known.count, strangers)]
            + told.builds.sorted { $0.key < $1.key }.map { build, constants in
                self.calibration(
                    constants, of: key.of(version: build),
                    known.filter { $0.predicted.row.build == build }, among: known.count,
                    left.filter { $0.row.build == build })
            }
    }

    private func calibration(
        _ constants: EngineConstants, of key: PlatformKey, _ known: [Known],
        among all: Int, _ left: [PredictedRow]
    ) -> PlatformCalibration {
        PlatformCalibration(
            key: key, constants: constants, rows: known.count, rowsOfPlatform: all,
            before: ErrorFigures(known.map(\.predicted)), after: ErrorFigures(left),
            factors: conformal(left),
            misses: left.map { (factor($0.ttftError), factor($0.tpotError)) })
    }

    /// Predictions of all rows, part by part with constants that the rows of other parts tell.
    private func leftOut(
        _ parts: [[Int]], of rows: [Int], _ calibration: Calibration
    ) async -> [PredictedRow] {
        var left: [PredictedRow] = []
        for own in parts {
            let told = await calibration.builds(rows.filter { !own.contains($0) })
            let answers = await predictions(of: own, with: told)
            for (row, answer) in zip(own, answers) {
                if let latencies = try? answer.get() {
                    left.append(PredictedRow(row: table.rows[row], predicted: latencies))
                }
            }
        }
        return left
    }

    /// The smallest factors that hold a new row at the level, if it is like those (cross-conformal
    /// prediction: the ⌈(n + 1) · level⌉-th smallest of n); nil where n is too small for one.
    private func conformal(_ left: [PredictedRow]) -> (ttft: Double, tpot: Double)? {
        let place = Int((Double(left.count + 1) * PredictionInterval.level).rounded(.up)) - 1
        guard left.indices.contains(place) else { return nil }
        func factor(_ error: (PredictedRow) -> Double) -> Double {
            left.map { self.factor(error($0)) }.sorted()[place]
        }
        let (ttft, tpot) = (factor(\.ttftError), factor(\.tpotError))
        return ttft.isFinite && tpot.isFinite ? (ttft, tpot) : nil
    }

    /// What a relative error is as a factor to either side.
    private func factor(_ error: Double) -> Double { max(1 + error, 1 / (1 + error)) }

    private func platform(of row: Int) -> MeasuredPlatform {
        guard let place = try? platforms.places[row].get() else {
            preconditionFailure("a row that was predicted has a platform")
        }
        return platforms.platforms[place]
    }

    private func rowsByPlatform() -> [(key: PlatformKey, rows: [Int])] {
        var (order, members): ([PlatformKey], [PlatformKey: [Int]]) = ([], [:])
        for (row, place) in platforms.places.enumerated() {
            guard let place = try? place.get() else { continue }
            let key = PlatformKey(platforms.platforms[place])
            if members[key] == nil { order.append(key) }
            members[key, default: []].append(row)
        }
        return order.map { ($0, members[$0] ?? []) }
    }
}
