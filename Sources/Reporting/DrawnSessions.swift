public import ServingDomain
import Workloads

/// How many sessions were drawn from laws, and what they are like.
public struct DrawnSessions: Answer, Sendable {
    private let sessions: SessionTable
    private let figures: SessionFigures
    private let recording: SessionTable?
    private let source: String
    private let file: String
    private let seed: UInt64
    private let toolVersion: String

    /// - Parameters:
    ///   - table: that was drawn.
    ///   - source: file of the laws.
    ///   - recording: whole sessions that were drawn; nil where laws were.
    ///   - file: that the sessions went to.
    ///   - seed: of the draws.
    ///   - toolVersion: of this tool.
    public init(
        _ table: SessionTable, from source: String, of recording: SessionTable? = nil,
        file: String, seed: UInt64, toolVersion: String
    ) {
        sessions = table
        self.recording = recording
        figures = SessionFigures(table, isIndependent: recording == nil)
        self.source = source
        self.file = file
        self.seed = seed
        self.toolVersion = toolVersion
    }

    /// Why there are no intervals, where whole sessions were drawn.
    public var notes: [String] {
        guard let recording else { return [] }
        return [
            """
            Drawn from \(recording.jobCount) whole sessions that the file names: more draws tell no more than \
            these, so that percentiles have no intervals; those of `workload fit` tell how well a trace \
            knows them.
            """
        ]
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
                row.p50Interval.map(Self.text) ?? "-", "\(fine(row.figures.p95))",
                row.p95Interval.map(Self.text) ?? "-", "\(fine(row.figures.max))",
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
                "p50": .number(fine(row.figures.p50)),
                "p50_ci95": row.p50Interval.map(Self.value) ?? .null,
                "p95": .number(fine(row.figures.p95)),
                "p95_ci95": row.p95Interval.map(Self.value) ?? .null,
                "p99": .number(fine(row.figures.p99)),
                "max": .number(fine(row.figures.max)),
            ]
        }
        return .object([
            "tool_version": .string(toolVersion), "workload": .string(source),
            "file": .string(file), "seed": .integer(Int(clamping: seed)),
            "jobs": .integer(sessions.jobCount), "sessions": .integer(sessions.count),
            "rounds": .integer(sessions.rounds.count), "quantities": .object(quantities),
            "jobs_drawn_from": recording.map { .integer($0.jobCount) } ?? .null,
            "notes": .array(notes.map(JSONValue.string)),
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
        let range = DocumentShape.list(.number).orNull
        return .object([
            "tool_version": .text, "workload": .text, "file": .text, "seed": .count,
            "jobs": .count, "sessions": .count, "rounds": .count,
            "quantities": .map(
                .object([
                    "unit": .text, "n": .count, "mean": .number, "p50": .number,
                    "p50_ci95": range, "p95": .number, "p95_ci95": range, "p99": .number,
                    "max": .number,
                ])),
            "jobs_drawn_from": DocumentShape.count.orNull, "notes": .list(.text),
        ])
    }
}
