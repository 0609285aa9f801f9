import DiscreteEvents
import OrderedCollections
public import ServingDomain

/// The constants of one platform's engine that its own measurements tell.
public struct PlatformCalibration: Sendable {
    /// The version of the engine is nil where the constants are for builds of any.
    public let key: PlatformKey
    public let constants: EngineConstants
    /// Runs that could be predicted, of the version if there is one.
    public let rows: Int
    /// Different deployments among them; runs of one tell no more than its scatter.
    public let deployments: Int
    /// Errors with the constants that the engine has without a calibration.
    public let before: ErrorFigures?
    /// Errors of rows that were left out in turn; of constants for any build, where several were measured, with
    /// each build left out as a whole.
    public let after: ErrorFigures?
    /// Whether each version was left out as a whole.
    public let leavesVersions: Bool
    /// Factors by which rows that were left out miss, at the level of `PredictionInterval`; nil where
    /// there are too few rows to tell.
    public let factors: (ttft: Double, tpot: Double)?
    /// Factor by which each deployment misses.
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
                "\(usual.source); widened to the deployments of the calibration, most of which lie outside"
        )
    }

    /// Whose timings the constants stand beside, in words, each once; none of costs that are stated.
    public let timings: [String]
    /// Versions of the engine that the rows name, each once.
    public let versions: [EngineVersion]

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
    /// Parts of the deployments that are left out in turn.
    private static let folds = 5
    /// Median factors between predicted and measured times from which on something else than constants is wrong.
    ///
    /// No kernel is that far from the timings of others; TTFT holds waiting, which grows without limit.
    private static let (absurdTPOT, absurdTTFT) = (10.0, 100.0)

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
            if let reason = absurdity(known.map(\.predicted)) {
                found.append((key, .failure(reason)))
                continue
            }
            found.append((key, .success(await calibrations(known, of: key))))
        }
        return (found, validation(answers).refused)
    }

    private typealias Known = (row: Int, predicted: PredictedRow)

    private func absurdity(_ known: [PredictedRow]) -> Refusal? {
        func reason(_ name: String, _ most: Double, _ errors: [Double]) -> Refusal? {
            let factor = Percentile.value(50, of: errors.map { self.factor($0) }) ?? 1
            guard !(factor < most) else { return nil }
            let isLess = errors.count { $0 > 0 } * 2 > errors.count
            return Refusal(
                "measured \(name) are \(isLess ? "less" : "more") than predicted by a factor of "
                    + "\(Int(min(factor, 1e9))) and more; times are milliseconds, and model, GPU and "
                    + "layout those of the run")
        }
        return reason("TPOT", Self.absurdTPOT, known.map(\.tpotError))
            ?? reason("TTFT", Self.absurdTTFT, known.map(\.ttftError))
    }

    private func calibrations(
        _ known: [Known], of key: PlatformKey
    ) async -> [PlatformCalibration] {
        let rows = known.map(\.row)
        let calibration = Calibration(
            run: self, believed: EngineConstants(platform(of: rows[0]).planningCase.engine.overhead)
        )
        let told = await calibration.builds(rows)
        let left = await leftOut(parts(rows), of: rows) { await calibration.builds($0) }
        let builds = Dictionary(grouping: rows) { table.rows[$0].build }
        guard !told.builds.isEmpty else {
            // Where all rows name one version, it is the one that is known.
            let all = self.calibration(told.common, of: key, known, left)
            let only = builds.count == 1 ? builds.first?.key : nil
            return [all]
                + [only.map { self.calibration(told.common, of: key.of($0), known, left) }]
                .compactMap(\.self)
        }
        let strangers = await leftOut(builds.values.sorted { $0[0] < $1[0] }, of: rows) {
            BuildConstants(common: await calibration.constants($0))
        }
        return [self.calibration(told.common, of: key, known, strangers, leavesVersions: true)]
            + told.builds.sorted { $0.key < $1.key }.map { build, constants in
                self.calibration(
                    constants, of: key.of(build),
                    known.filter { $0.predicted.row.build == build },
                    left.filter { $0.row.build == build })
            }
    }

    /// The rows in parts of about the same size; runs of one deployment are in the same.
    private func parts(_ rows: [Int]) -> [[Int]] {
        let deployments = OrderedDictionary(grouping: rows) { DeploymentKey(table.rows[$0]) }
        let count = min(Self.folds, deployments.count)
        return (0..<count).map { part in
            deployments.values.enumerated().filter { $0.offset % count == part }
                .flatMap(\.element)
        }
    }

    private func calibration(
        _ constants: EngineConstants, of key: PlatformKey, _ known: [Known],
        _ left: [PredictedRow], leavesVersions: Bool = false
    ) -> PlatformCalibration {
        let misses = misses(left)
        return PlatformCalibration(
            key: key, constants: constants, rows: known.count,
            deployments: Set(known.map { DeploymentKey($0.predicted.row) }).count,
            before: ErrorFigures(known.map(\.predicted)), after: ErrorFigures(left),
            leavesVersions: leavesVersions, factors: conformal(misses), misses: misses,
            timings: Set(known.map { platform(of: $0.row).timings }).subtracting([""]).sorted(),
            versions: Set(known.compactMap(\.predicted.row.build)).sorted())
    }

    /// Predictions of all rows, part by part with constants that the rows of other parts tell.
    private func leftOut(
        _ parts: [[Int]], of rows: [Int], told: ([Int]) async -> BuildConstants
    ) async -> [PredictedRow] {
        var left: [PredictedRow] = []
        for own in parts {
            let answers = await predictions(
                of: own, with: await told(rows.filter { !own.contains($0) }))
            for (row, answer) in zip(own, answers) {
                if let latencies = try? answer.get() {
                    left.append(PredictedRow(row: table.rows[row], predicted: latencies))
                }
            }
        }
        return left
    }

    /// Factor by which each deployment misses; of runs of one the largest.
    private func misses(_ left: [PredictedRow]) -> [(ttft: Double, tpot: Double)] {
        OrderedDictionary(grouping: left) { DeploymentKey($0.row) }.values.map { runs in
            runs.reduce(into: (ttft: 1, tpot: 1)) { most, run in
                most.ttft = max(most.ttft, factor(run.ttftError))
                most.tpot = max(most.tpot, factor(run.tpotError))
            }
        }
    }

    /// The smallest factors that hold a new row at the level, if it is like those (cross-conformal
    /// prediction: the ⌈(n + 1) · level⌉-th smallest of n); nil where n is too small for one.
    private func conformal(
        _ misses: [(ttft: Double, tpot: Double)]
    ) -> (ttft: Double, tpot: Double)? {
        let place = Int((Double(misses.count + 1) * PredictionInterval.level).rounded(.up)) - 1
        guard misses.indices.contains(place) else { return nil }
        let (ttft, tpot) = (misses.map(\.ttft).sorted()[place], misses.map(\.tpot).sorted()[place])
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
