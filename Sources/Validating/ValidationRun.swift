import Simulation

/// Predicts every row of a table.
public struct ValidationRun: Sendable {
    public let table: MeasuredTable
    public let seed: UInt64
    /// Most simulations at the same time; the result does not depend on it.
    public let jobs: Int

    public init(table: MeasuredTable, seed: UInt64, jobs: Int) {
        self.table = table
        self.seed = seed
        self.jobs = jobs
    }

    /// Simulates each row on what was found for it.
    ///
    /// - Parameter platforms: one for each row, in the same order.
    /// - Returns: predictions and refusals in the order of the file.
    public func validation(
        on platforms: [Result<MeasuredPlatform, Refusal>]
    ) async -> Validation {
        precondition(platforms.count == table.rows.count, "every row has a platform or none")
        let asked = Array(zip(table.rows, platforms))
        let seed = seed
        let answers = await mapConcurrently(asked, jobs: jobs) { row, platform in
            platform.flatMap { platform in
                Result { () throws(Refusal) in
                    PredictedRow(
                        row: row,
                        predicted: try RowPrediction(row: row, platform: platform)
                            .latencies(seed: seed))
                }
            }
        }
        var (predicted, refused): ([PredictedRow], [RefusedRow]) = ([], [])
        for (row, answer) in zip(table.rows, answers) {
            switch answer {
            case .success(let prediction): predicted.append(prediction)
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
}
