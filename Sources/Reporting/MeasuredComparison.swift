public import Validating

/// A plan beside measurements: error per figure, inside or outside of what was predicted.
public struct MeasuredComparison: Answer, Sendable {
    private struct Row {
        let figure: ServingFigure
        let predicted: PlanPredictions.Prediction
        let expected: (low: Double, high: Double)?
        let measured: Double

        /// Predicted over measured, less one.
        var error: Double? { measured > 0 ? predicted.value / measured - 1 : nil }
        var isInside: Bool? { expected.map { $0.low <= measured && measured <= $0.high } }
    }

    private let plan: PlanPredictions
    private let files: [(name: String, figures: BenchmarkFigures)]
    private let toolVersion: String

    public init(
        _ plan: PlanPredictions, measured files: [(name: String, figures: BenchmarkFigures)],
        toolVersion: String
    ) {
        self.plan = plan
        self.files = files
        self.toolVersion = toolVersion
    }

    /// Figures that both sides tell.
    private func rows(_ figures: BenchmarkFigures) -> [Row] {
        figures.values.keys.sorted().compactMap { figure in
            guard let predicted = plan.values[figure], let measured = figures.values[figure] else {
                return nil
            }
            return Row(
                figure: figure, predicted: predicted, expected: plan.expected(figure),
                measured: measured)
        }
    }

    /// Whether any file tells a figure that the plan predicts.
    public var isEmpty: Bool { files.allSatisfy { rows($0.figures).isEmpty } }

    public var table: TextTable {
        var table = TextTable([
            ("file", .left), ("figure", .left), ("predicted", .right), ("expected", .right),
            ("measured", .right), ("error", .right), ("", .left),
        ])
        for file in files {
            for row in rows(file.figures) {
                table.append([
                    file.name, row.figure.name, row.predicted.value.shown,
                    row.expected.map { "[\($0.low.shown), \($0.high.shown)]" } ?? "",
                    row.measured.shown, row.error.map { "\(($0 * 100).signedTenths) %" } ?? "",
                    row.isInside.map { $0 ? "inside" : "outside" } ?? "",
                ])
            }
        }
        return table
    }

    /// The figures of all files.
    public var lines: [JSONValue] {
        files.flatMap { file in
            rows(file.figures).map { figure($0).with(["file": .string(file.name)]) }
        }
    }

    public var value: JSONValue {
        [
            "apiVersion": .string(PlanDocument.apiVersion), "kind": "MeasuredComparison",
            "tool_version": .string(toolVersion), "layout": .string(plan.layout),
            "tenant": plan.tenant.map(JSONValue.string) ?? .null,
            "files": .array(
                files.map { file in
                    [
                        "file": .string(file.name),
                        "format": .string(file.figures.format.rawValue),
                        "figures": .array(rows(file.figures).map(figure)),
                    ]
                }),
        ]
    }

    private func figure(_ row: Row) -> JSONValue {
        func number(_ value: Double?) -> JSONValue {
            JSONValue(finite: value.map { rounded($0, 6) })
        }
        return [
            "metric": .string(row.figure.metric.rawValue),
            "statistic": .string(row.figure.statistic.rawValue),
            "predicted": number(row.predicted.value), "predicted_low": number(row.predicted.low),
            "predicted_high": number(row.predicted.high),
            "expected_low": number(row.expected?.low),
            "expected_high": number(row.expected?.high), "measured": number(row.measured),
            "error": number(row.error),
            "inside": row.isInside.map(JSONValue.bool) ?? .null,
        ]
    }
}

extension Double {
    /// At most three decimals.
    var shown: String {
        let thousandths = (self * 1000).rounded() / 1000
        return Int(exactly: thousandths).map(String.init) ?? String(thousandths)
    }

    /// One decimal, with a sign.
    fileprivate var signedTenths: String {
        let tenths = (self * 10).rounded() / 10
        return (tenths >= 0 ? "+" : "") + String(tenths == 0 ? 0 : tenths)
    }
}

extension MeasuredComparison {
    static var shape: DocumentShape {
        let number = DocumentShape.number.orNull
        return .object([
            "apiVersion": .apiVersion, "kind": .const("MeasuredComparison"), "tool_version": .text,
            "layout": .text, "tenant": DocumentShape.text.orNull,
            "files": .list(
                .object([
                    "file": .text, "format": .text,
                    "figures": .list(
                        .object([
                            "metric": .oneOf(ServingFigure.Metric.allCases.map(\.rawValue)),
                            "statistic": .oneOf(
                                ServingFigure.Statistic.allCases.map(\.rawValue)),
                            "predicted": number, "predicted_low": number,
                            "predicted_high": number, "expected_low": number,
                            "expected_high": number, "measured": number, "error": number,
                            "inside": DocumentShape.flag.orNull,
                        ])),
                ])),
        ])
    }
}
