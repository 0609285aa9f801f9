import ServingDomain
public import Validating

/// A log of requests beside its simulation, as table or document.
public struct RequestValidationDocument: Answer, Sendable {
    /// A deviation up to which a statistic counts as met.
    private static let close = 0.05

    private let statistics: RequestStatistics
    private let log: RequestLog
    private let costSources: [String]
    private let toolVersion: String

    public init(
        _ statistics: RequestStatistics, of log: RequestLog, costSources: [String],
        toolVersion: String
    ) {
        self.statistics = statistics
        self.log = log
        self.costSources = costSources
        self.toolVersion = toolVersion
    }

    public var table: TextTable {
        var table = TextTable([
            ("figure", .left), ("statistic", .left), ("measured_ms", .right),
            ("predicted_ms", .right), ("error", .right),
        ])
        for line in statistics.lines {
            table.append([
                line.figure.rawValue, line.statistic.rawValue, text(line.measured),
                text(line.predicted), line.error.map { "\(rounded(100 * $0, 1)) %" } ?? "-",
            ])
        }
        return table
    }

    public var lines: [JSONValue] { value["statistics"]?.elements ?? [] }

    public var value: JSONValue {
        [
            "apiVersion": .string(PlanDocument.apiVersion), "kind": "RequestValidation",
            "tool_version": .string(toolVersion), "model": .string(log.engine.model),
            "engine_version": log.engine.version.map(JSONValue.string) ?? .null,
            "requests": .integer(log.requests.count),
            "costs": .array(costSources.map(JSONValue.string)),
            "statistics": .array(
                statistics.lines.map { line in
                    [
                        "figure": .string(line.figure.rawValue),
                        "statistic": .string(line.statistic.rawValue),
                        "measured_ms": figure(line.measured, 4),
                        "predicted_ms": figure(line.predicted, 4),
                        "error": figure(line.error, 5),
                    ]
                }),
            "mean_abs_error": figure(statistics.meanError, 5),
            "largest_abs_error": figure(statistics.largestError, 5),
            "within_5pct": .integer(statistics.count(within: Self.close)),
        ]
    }

    private func figure(_ value: Double?, _ places: Int) -> JSONValue {
        JSONValue(finite: value.map { rounded($0, places) })
    }

    private func text(_ value: Double?) -> String { value.map { "\(rounded($0, 2))" } ?? "-" }
}

extension RequestValidationDocument {
    static var shape: DocumentShape {
        let figure = DocumentShape.number.orNull
        return .object([
            "apiVersion": .apiVersion, "kind": .const("RequestValidation"), "tool_version": .text,
            "model": .text, "engine_version": DocumentShape.text.orNull, "requests": .count,
            "costs": .list(.text), "mean_abs_error": figure, "largest_abs_error": figure,
            "within_5pct": .count,
            "statistics": .list(
                .object([
                    "figure": .oneOf(RequestStatistics.Figure.allCases.map(\.rawValue)),
                    "statistic": .oneOf(RequestStatistics.Statistic.allCases.map(\.rawValue)),
                    "measured_ms": figure, "predicted_ms": figure, "error": figure,
                ])),
        ])
    }
}
