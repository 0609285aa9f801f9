import Planning
import Simulation

extension PlanFigures {
    /// Workers that are shown, at most.
    private static let mostRows = 24

    /// How busy each worker is over time.
    var activity: Figure {
        let (all, rows) = (study.activity.rows, shownRows)
        let cut =
            rows.count < all.count
            ? " Shown are \(rows.count) of \(all.count) workers, evenly spread; the table has all."
            : ""
        return Figure(
            id: "utilisation", title: "Utilisation of each worker over time",
            caption:
                "Share of each stretch of \(rounded(study.activity.stretch / 1e9, 1)) s in which a "
                + "worker computes, in one replication; behind it the mean of the whole time. Other "
                + "sessions fill the cluster before and behind the measured ones."
                + (study.activity.isCut ? " The record was full before the run ended." : "") + cut,
            reading: "Darker is busier; between the broken lines the measured sessions arrive.",
            chart: activityChart(rows), table: activityTable)
    }

    private var shownRows: [WorkerActivity.Row] {
        let all = study.activity.rows
        guard all.count > Self.mostRows else { return all }
        return (0..<Self.mostRows).map { all[$0 * all.count / Self.mostRows] }
    }

    private func activityChart(_ rows: [WorkerActivity.Row]) -> ShareStrips {
        let seconds = study.activity.stretch * Double(WorkerActivity.stretches) / 1e9
        let measured = study.activity.measured.map {
            min($0.lowerBound / 1e9, seconds)...min($0.upperBound / 1e9, seconds)
        }
        return ShareStrips(
            rows: rows.map { row in
                ShareStrips.Row(
                    name: Self.name(of: row), shares: row.shares,
                    note: Self.percent(row.mean, 0))
            }, seconds: seconds, measured: measured)
    }

    private static func name(of row: WorkerActivity.Row) -> String {
        "\(row.worker.name) TP\(row.worker.degree)"
    }

    private var activityTable: TextTable {
        var table = TextTable(
            [("worker", .left), ("mean", .right)]
                + (0..<WorkerActivity.stretches).map { place in
                    let start = Double(place) * study.activity.stretch / 1e9
                    return ("from_\(rounded(start, 1))_s", .right)
                })
        for row in study.activity.rows {
            table.append(
                [Self.name(of: row)] + ([row.mean] + row.shares).map { "\(rounded($0, 3))" })
        }
        return table
    }
}
