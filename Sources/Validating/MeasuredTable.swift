public import Foundation
import Workloads

/// A table of measured deployments, one per line of a CSV file.
///
/// The columns are those of docs/measured-csv.md; others are not read.
public struct MeasuredTable: Hashable, Sendable {
    /// A line that states no deployment with its latencies.
    public struct Unusable: Hashable, Sendable {
        public let id: String
        public let line: Int
        public let group: String
        public let reason: String
    }

    public let rows: [MeasuredRow]
    public let unusable: [Unusable]

    public init(rows: [MeasuredRow], unusable: [Unusable] = []) {
        self.rows = rows
        self.unusable = unusable
    }

    /// Reads the table of a file's bytes.
    ///
    /// A line that was marked as incomplete, or that lacks a layout, a load or a latency, is listed as
    /// unusable with the reason; a line that cannot be understood ends the reading.
    ///
    /// - Parameters:
    ///   - bytes: of the file.
    ///   - log: reads the log that a column `log` names; what it says counts as said by the line.
    /// - Throws: where a line or its log cannot be understood.
    public init(
        _ bytes: Data, log: (String) throws(RunLogError) -> RunLog = Self.noLogs
    ) throws(MeasuredTableError) {
        guard let text = String(data: bytes, encoding: .utf8) else { throw .notText }
        var columns: MeasuredColumns?
        var (rows, unusable): ([MeasuredRow], [Unusable]) = ([], [])
        var (lines, runs): ([String: Int], [RunLog: String]) = ([:], [:])
        for (index, raw) in text.split(
            omittingEmptySubsequences: false, whereSeparator: \.isNewline
        ).enumerated() {
            let number = index + 1
            let line = index == 0 && raw.hasPrefix("\u{FEFF}") ? raw.dropFirst() : raw
            guard line.contains(where: { !$0.isWhitespace }), !line.hasPrefix("#") else { continue }
            guard let fields = CSVFields.split(String(line)) else {
                throw .badLine(
                    number, found: "an open quote", expected: "quotes closed on their line")
            }
            guard let known = columns else {
                columns = try MeasuredColumns(fields, line: number)
                continue
            }
            var record = try known.record(fields, line: number)
            if let path = record.text("log"), !record.isIncomplete {
                let run: RunLog
                do {
                    run = try log(path)
                } catch {
                    throw .badLog(number, path: path, reason: error.description)
                }
                if let first = runs.updateValue(record.id, forKey: run) {
                    throw .badLog(number, path: path, reason: Self.again(first))
                }
                record = try record.with(run)
            }
            if let first = lines.updateValue(number, forKey: record.id) {
                throw .badLine(
                    number, found: "the id \(record.id), which line \(first) has too",
                    expected: "an id of its own")
            }
            try Self.add(record, to: &rows, or: &unusable)
        }
        guard columns != nil, !rows.isEmpty || !unusable.isEmpty else { throw .empty }
        self.init(rows: rows.namingCopies(), unusable: unusable)
    }

    /// The runs of logs, each by a name of its own, on deployments that are stated.
    ///
    /// - Parameters:
    ///   - runs: in order.
    ///   - stated: what the logs do not say, or say in words that are not known here, by the names of
    ///     columns.
    /// - Throws: where what is stated or logged cannot be understood, or a run is there twice.
    public init(
        runs: [(name: String, log: RunLog)], stated: [String: String]
    ) throws(MeasuredTableError) {
        var (rows, unusable): ([MeasuredRow], [Unusable]) = ([], [])
        var names: [RunLog: String] = [:]
        for (index, run) in runs.enumerated() {
            if let first = names.updateValue(run.name, forKey: run.log) {
                throw .badRun(run.name, reason: Self.again(first))
            }
            let record = MeasuredRecord(
                line: index + 1, id: run.name, run.log, stated: stated)
            do {
                try Self.add(record, to: &rows, or: &unusable)
            } catch .badField(_, let column, let found, let expected) {
                throw .badRun(
                    run.name,
                    reason:
                        "\(column): found \(found), expected \(expected); state it by an option.")
            }
        }
        self.init(rows: rows, unusable: unusable)
    }

    private static func again(_ first: String) -> String {
        "found the run of \(first) again, expected each run once."
    }

    private static func add(
        _ record: MeasuredRecord, to rows: inout [MeasuredRow], or unusable: inout [Unusable]
    ) throws(MeasuredTableError) {
        switch try record.row() {
        case .success(let row): rows.append(row)
        case .failure(let lack):
            unusable.append(
                Unusable(
                    id: record.id, line: record.line, group: try record.group, reason: lack.reason))
        }
    }

    /// For tables that are not read from files.
    public static func noLogs(_ path: String) throws(RunLogError) -> RunLog {
        throw RunLogError("logs beside this table are not read.")
    }
}

/// Why a table of measurements cannot be read.
public enum MeasuredTableError: Error, Hashable, Sendable {
    case notText
    case empty
    case missingColumn(Int, names: [String])
    case badLine(Int, found: String, expected: String)
    case badField(Int, column: String, found: String, expected: String)
    case badLog(Int, path: String, reason: String)
    case badRun(String, reason: String)
}

extension MeasuredTableError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notText: "Found bytes that are not UTF-8; save the table as UTF-8 text."
        case .empty: "The table holds no rows; expected a header and a line for each measurement."
        case .missingColumn(let line, let names):
            "Line \(line): found no column \(names.joined(separator: " or ")); add it to the header "
                + "and to every row."
        case .badLine(let line, let found, let expected):
            "Line \(line): found \(found), expected \(expected); correct the line."
        case .badField(let line, let column, let found, let expected):
            "Line \(line), \(column): found \(found), expected \(expected); correct the line."
        case .badLog(let line, let path, let reason):
            "Line \(line), log \(path): \(reason)"
        case .badRun(let name, let reason): "\(name): \(reason)"
        }
    }
}
