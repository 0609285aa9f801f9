public import ServingDomain
public import Validating

/// Calibrations as rows and as a document.
public struct CalibrationTable: Answer, Sendable {
    /// One platform with what was found for it.
    public struct Entry: Sendable {
        public let platform: PlatformKey
        public let constants: EngineConstants
        public let rows: Int
        public let interval: PredictionInterval?
        /// Errors before the calibration, and of rows that were left out of it; nil for one that was
        /// read from the store.
        public let errors: (before: ErrorFigures?, after: ErrorFigures?)?
        public let source: String
        /// Whose timings the constants stand beside, in words; none where nobody noted it.
        public let timings: [String]
        /// Versions of the engine that were measured; none where nobody named one.
        public let versions: [EngineVersion]

        public init(
            platform: PlatformKey, constants: EngineConstants, rows: Int,
            interval: PredictionInterval?,
            errors: (before: ErrorFigures?, after: ErrorFigures?)?, source: String,
            timings: [String], versions: [EngineVersion]
        ) {
            self.platform = platform
            self.constants = constants
            self.rows = rows
            self.interval = interval
            self.errors = errors
            self.source = source
            self.timings = timings
            self.versions = versions
        }
    }

    private let entries: [Entry]
    private let refused: [(platform: PlatformKey, reason: String)]
    private let rowsRefused: [RefusedRow]
    private let toolVersion: String

    public init(
        _ entries: [Entry], refused: [(platform: PlatformKey, reason: String)] = [],
        rowsRefused: [RefusedRow] = [], toolVersion: String
    ) {
        self.entries = entries
        self.refused = refused
        self.rowsRefused = rowsRefused
        self.toolVersion = toolVersion
    }

    public var value: JSONValue {
        [
            "apiVersion": .string(PlanDocument.apiVersion), "kind": "Calibrations",
            "tool_version": .string(toolVersion),
            "calibrations": .array(entries.map(value)),
            "refused": .array(
                refused.map { platform, reason in
                    .object(named(platform).merging(["reason": .string(reason)]) { $1 })
                }),
            "rows_refused": .array(
                rowsRefused.map { row in
                    [
                        "id": .string(row.id), "line": .integer(row.line),
                        "reason": .string(row.reason),
                    ]
                }),
        ]
    }

    public var lines: [JSONValue] { value["calibrations"]?.elements ?? [] }

    private func named(_ platform: PlatformKey) -> [String: JSONValue] {
        [
            "gpu": .string(platform.gpu), "engine": .string(platform.engine),
            "model": .string(platform.model),
        ]
    }

    private func value(_ entry: Entry) -> JSONValue {
        var members = named(entry.platform)
        members["engine_version"] = entry.platform.version.map { .string($0.description) } ?? .null
        members["rows"] = .integer(entry.rows)
        members["source"] = .string(entry.source)
        members["timings"] = .array(entry.timings.map(JSONValue.string))
        members["versions"] = .array(entry.versions.map { .string($0.description) })
        members["constants"] = .object(
            Dictionary(
                uniqueKeysWithValues: EngineConstant.allCases.map {
                    ($0.name, .number(rounded(entry.constants[$0], 4)))
                }))
        members["prediction_interval"] =
            entry.interval.map { interval in
                [
                    "level": .number(PredictionInterval.level),
                    "ttft_factor": .number(rounded(interval.ttftFactor, 4)),
                    "tpot_factor": .number(rounded(interval.tpotFactor, 4)),
                    "source": .string(interval.source),
                ]
            } ?? .null
        for (name, figures) in [
            ("before", entry.errors?.before), ("left_out", entry.errors?.after),
        ] {
            guard let figures else { continue }
            members[name] = [
                "ttft_median_abs_error": .number(rounded(figures.ttft.median, 4)),
                "tpot_median_abs_error": .number(rounded(figures.tpot.median, 4)),
            ]
        }
        return .object(members)
    }

    /// A line for each platform, and for each of its builds that has constants of its own.
    public var table: TextTable {
        var table = TextTable(
            [
                ("model", .left), ("gpu", .left), ("engine", .left), ("version", .left),
                ("rows", .right),
                ("ttft_before", .right), ("ttft_left_out", .right), ("tpot_before", .right),
                ("tpot_left_out", .right), ("ttft_factor", .right), ("tpot_factor", .right),
            ] + EngineConstant.allCases.map { ($0.name, .right) },
            extra: [("interval_source", .left), ("source", .left), ("timings", .left)])
        for entry in entries {
            let (before, after) = (entry.errors?.before, entry.errors?.after)
            table.append(
                [
                    entry.platform.model, entry.platform.gpu, entry.platform.engine,
                    entry.platform.version?.description ?? "any", String(entry.rows),
                    percent(before?.ttft.median), percent(after?.ttft.median),
                    percent(before?.tpot.median), percent(after?.tpot.median),
                    number(entry.interval?.ttftFactor), number(entry.interval?.tpotFactor),
                ] + EngineConstant.allCases.map { number(entry.constants[$0]) }
                    + [
                        entry.interval?.source ?? "-", entry.source,
                        entry.timings.joined(separator: "; "),
                    ])
        }
        return table
    }

    private func percent(_ value: Double?) -> String {
        value.map { "\(rounded(100 * $0, 1)) %" } ?? "-"
    }

    private func number(_ value: Double?) -> String {
        value.map { "\(rounded($0, 3))" } ?? "-"
    }
}

extension CalibrationTable {
    static var shape: DocumentShape {
        let platform: [String: DocumentShape] = ["gpu": .text, "engine": .text, "model": .text]
        let errors = DocumentShape.object([
            "ttft_median_abs_error": .amount, "tpot_median_abs_error": .amount,
        ])
        let calibration: [String: DocumentShape] = [
            "rows": .count, "source": .text, "timings": .list(.text), "versions": .list(.text),
            "engine_version": DocumentShape.text.orNull,
            "constants": .object(
                Dictionary(
                    uniqueKeysWithValues: EngineConstant.allCases.map { ($0.name, .number) })),
            "prediction_interval": DocumentShape.object([
                "level": .share, "ttft_factor": .amount, "tpot_factor": .amount, "source": .text,
            ]).orNull,
        ]
        return .object([
            "apiVersion": .apiVersion, "kind": .const("Calibrations"), "tool_version": .text,
            "calibrations": .list(
                .object(
                    platform.merging(calibration) { $1 },
                    optional: ["before": errors, "left_out": errors])),
            "refused": .list(.object(platform.merging(["reason": .text]) { $1 })),
            "rows_refused": .list(.object(["id": .text, "line": .count, "reason": .text])),
        ])
    }
}
