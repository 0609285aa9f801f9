import ServingDomain
import Simulation

/// Predicts every row of a table.
public struct ValidationRun: Sendable {
    public let table: MeasuredTable
    public let seed: UInt64
    /// Most simulations at the same time; the result does not depend on it.
    public let jobs: Int
    let platforms: RowPlatforms

    /// - Precondition: there is a platform or a refusal for every row of the table.
    public init(table: MeasuredTable, platforms: RowPlatforms, seed: UInt64, jobs: Int) {
        precondition(
            platforms.places.count == table.rows.count, "every row has a platform or none")
        let rows = zip(table.rows, platforms.places).map { row, place in
            (try? place.get()).map { row.placed(on: PlatformKey(platforms.platforms[$0])) } ?? row
        }
        self.table = MeasuredTable(rows: rows, unusable: table.unusable)
        self.platforms = platforms
        self.seed = seed
        self.jobs = jobs
    }

    /// Simulates each row on its platform as it is.
    ///
    /// - Returns: predictions and refusals in the order of the file.
    public func validation() async -> Validation {
        await validation(predictions(of: Array(table.rows.indices), with: [nil])[0])
    }

    /// Answers to the rows of the table but those left out, and those that could not be asked.
    func validation(
        _ answers: [Result<MeanLatencies, Refusal>], leavingOut left: Set<Int> = []
    ) -> Validation {
        var (predicted, refused): ([PredictedRow], [RefusedRow]) = ([], [])
        for (place, answer) in answers.enumerated() where !left.contains(place) {
            let row = table.rows[place]
            switch answer {
            case .success(let latencies):
                let planningCase = platform(of: place)?.planningCase
                predicted.append(
                    PredictedRow(
                        row: row, predicted: latencies,
                        interval: left.isEmpty ? interval(of: place) : nil,
                        engine: platform(of: place).map {
                            RowPrediction(row: row, platform: $0).engine
                        },
                        kvFormat: planningCase?.kvFormat,
                        mxfp4Activations: planningCase.flatMap {
                            $0.mxfp4Activations(on: $0.hardware)
                        }))
            case .failure(let refusal):
                refused.append(
                    RefusedRow(
                        id: row.id, line: row.line, group: row.group, reason: refusal.reason))
            }
        }
        refused += table.unusable.map {
            RefusedRow(id: $0.id, line: $0.line, group: $0.group, reason: $0.reason)
        }
        return Validation(predicted: predicted, refused: refused.sorted { $0.line < $1.line })
    }

    private func interval(of row: Int) -> PredictionInterval? {
        platform(of: row)?.interval
    }

    private func platform(of row: Int) -> MeasuredPlatform? {
        (try? platforms.places[row].get()).map { platforms.platforms[$0] }
    }

    /// Simulates rows with several settings of the constants of their engines.
    ///
    /// - Parameters:
    ///   - rows: places in the table.
    ///   - settings: nil leaves an engine as it is.
    /// - Returns: for each setting an answer for each of the rows.
    func predictions(
        of rows: [Int], with settings: [EngineConstants?]
    ) async -> [[Result<MeanLatencies, Refusal>]] {
        let used = Set(rows.compactMap { try? platforms.places[$0].get() }).sorted()
        let wanted = settings.indices.flatMap { setting in used.map { (setting, $0) } }
        let (known, seed, table) = (platforms, seed, table)
        let built = await mapConcurrently(wanted, jobs: jobs) { setting, place in
            let platform = known.platforms[place]
            return settings[setting].map(platform.with) ?? platform
        }
        let order = Dictionary(uniqueKeysWithValues: zip(used, used.indices))
        let questions = settings.indices.flatMap { setting in rows.map { (setting, $0) } }
        let answers = await mapConcurrently(questions, jobs: jobs) { setting, row in
            known.places[row].flatMap { place in
                Result { () throws(Refusal) in
                    try RowPrediction(
                        row: table.rows[row],
                        platform: built[setting * used.count + (order[place] ?? 0)]
                    ).latencies(seed: seed)
                }
            }
        }
        return settings.indices.map { setting in
            Array(answers[setting * rows.count..<(setting + 1) * rows.count])
        }
    }
}
