public import ServingDomain
import Workloads

/// How many sessions were drawn from laws, and what they are like.
public struct DrawnSessions: Sendable {
    private let table: SessionTable
    private let figures: SessionFigures
    private let source: String
    private let file: String
    private let seed: UInt64
    private let toolVersion: String

    /// - Parameters:
    ///   - table: that was drawn.
    ///   - source: file of the laws.
    ///   - file: that the sessions went to.
    ///   - seed: of the draws.
    ///   - toolVersion: of this tool.
    public init(
        _ table: SessionTable, from source: String, file: String, seed: UInt64,
        toolVersion: String
    ) {
        self.table = table
        figures = SessionFigures(table)
        self.source = source
        self.file = file
        self.seed = seed
        self.toolVersion = toolVersion
    }

    /// A quantity per line, percentiles with their 95 % intervals.
    public var listing: TextTable {
        var listing = TextTable([
            ("quantity", .left), ("unit", .left), ("count", .right), ("mean", .right),
            ("p50", .right), ("p50_ci95", .left), ("p95", .right), ("p95_ci95", .left),
            ("max", .right),
        ])
        listing.append(["sessions", "", String(table.count)])
        for row in figures.rows {
            listing.append([
                row.quantity.rawValue, row.quantity.unit, String(row.figures.count),
                "\(fine(row.figures.mean))", "\(fine(row.figures.p50))",
                Self.text(row.p50Interval), "\(fine(row.figures.p95))",
                Self.text(row.p95Interval), "\(fine(row.figures.max))",
            ])
        }
        return listing
    }

    public var value: JSONValue {
        var quantities: [String: JSONValue] = [:]
        for row in figures.rows {
            quantities[row.quantity.rawValue] = [
                "unit": .string(row.quantity.unit), "n": .integer(row.figures.count),
                "mean": .number(fine(row.figures.mean)),
                "p50": .number(fine(row.figures.p50)), "p50_ci95": Self.value(row.p50Interval),
                "p95": .number(fine(row.figures.p95)), "p95_ci95": Self.value(row.p95Interval),
                "p99": .number(fine(row.figures.p99)),
                "max": .number(fine(row.figures.max)),
            ]
        }
        return .object([
            "tool_version": .string(toolVersion), "workload": .string(source),
            "file": .string(file), "seed": .integer(Int(clamping: seed)),
            "jobs": .integer(table.jobCount), "sessions": .integer(table.count),
            "rounds": .integer(table.rounds.count), "quantities": .object(quantities),
        ])
    }

    private static func text(_ range: ClosedRange<Double>) -> String {
        "\(fine(range.lowerBound))…\(fine(range.upperBound))"
    }

    private static func value(_ range: ClosedRange<Double>) -> JSONValue {
        [.number(fine(range.lowerBound)), .number(fine(range.upperBound))]
    }
}
