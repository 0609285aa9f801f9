public import ServingDomain
import Workloads

/// How many sessions were drawn from laws, and what they are like.
public struct DrawnSessions: Answer, Sendable {
    private let sessions: SessionTable
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
        sessions = table
        figures = SessionFigures(table)
        self.source = source
        self.file = file
        self.seed = seed
        self.toolVersion = toolVersion
    }

    /// A quantity per line, percentiles with their 95 % intervals.
    public var table: TextTable {
        var table = TextTable(
            [
                ("quantity", .left), ("unit", .left), ("count", .right), ("mean", .right),
                ("p50", .right), ("p50_ci95", .left), ("p95", .right), ("p95_ci95", .left),
                ("max", .right),
            ], extra: [("p99", .right)])
        table.append(["sessions", "", String(sessions.count)])
        for row in figures.rows {
            table.append([
                row.quantity.rawValue, row.quantity.unit, String(row.figures.count),
                "\(fine(row.figures.mean))", "\(fine(row.figures.p50))",
                Self.text(row.p50Interval), "\(fine(row.figures.p95))",
                Self.text(row.p95Interval), "\(fine(row.figures.max))",
                "\(fine(row.figures.p99))",
            ])
        }
        return table
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
            "jobs": .integer(sessions.jobCount), "sessions": .integer(sessions.count),
            "rounds": .integer(sessions.rounds.count), "quantities": .object(quantities),
        ])
    }

    private static func text(_ range: ClosedRange<Double>) -> String {
        "\(fine(range.lowerBound))…\(fine(range.upperBound))"
    }

    private static func value(_ range: ClosedRange<Double>) -> JSONValue {
        [.number(fine(range.lowerBound)), .number(fine(range.upperBound))]
    }
}

extension DrawnSessions {
    static var shape: DocumentShape {
        let range = DocumentShape.list(.number)
        return .object([
            "tool_version": .text, "workload": .text, "file": .text, "seed": .count,
            "jobs": .count, "sessions": .count, "rounds": .count,
            "quantities": .map(
                .object([
                    "unit": .text, "n": .count, "mean": .number, "p50": .number,
                    "p50_ci95": range, "p95": .number, "p95_ci95": range, "p99": .number,
                    "max": .number,
                ])),
        ])
    }
}
