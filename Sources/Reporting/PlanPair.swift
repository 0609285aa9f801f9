public import Simulation
import Validating

/// Two plans side by side.
public struct PlanPair: Answer, Sendable {
    /// One side: the name of its document, and what it predicts.
    public typealias Side = (name: String, figures: PlanPredictions)

    private let first: Side
    private let second: Side
    /// Second less first on the same sessions; empty where they were not simulated together.
    private let differences: [PairedDifference]
    private let toolVersion: String

    public init(
        _ first: Side, _ second: Side, differences: [PairedDifference], toolVersion: String
    ) {
        self.first = first
        self.second = second
        self.differences = differences
        self.toolVersion = toolVersion
    }

    private struct Row {
        let name: String
        let first: String
        let second: String
        var difference = ""
    }

    private var entries: [Row] {
        func both(_ name: String, _ text: (PlanPredictions) -> String) -> Row {
            Row(name: name, first: text(first.figures), second: text(second.figures))
        }
        let figures = Set(first.figures.values.keys).union(second.figures.values.keys).sorted()
        return [
            both("layout") { $0.layout }, both("verdict") { $0.verdict },
            both("gpus") { $0.gpus.map(String.init) ?? "" },
            both("usd_per_hour") { $0.dollarsPerHour?.shown ?? "" },
            both("attainment") { Self.text($0.attainment) },
        ] + figures.map { figure in both(figure.name) { Self.text($0.values[figure]) } }
            + differences.map(row)
    }

    private static func text(_ prediction: PlanPredictions.Prediction?) -> String {
        guard let prediction else { return "" }
        guard let low = prediction.low, let high = prediction.high else {
            return prediction.value.shown
        }
        return "\(prediction.value.shown) [\(low.shown), \(high.shown)]"
    }

    private func row(_ difference: PairedDifference) -> Row {
        let scale = difference.scale
        let told = difference.isSignificant ? "" : " (not told apart)"
        let figure = difference.difference
        return Row(
            name: "same sessions: \(difference.name)", first: (difference.base * scale).shown,
            second: (difference.other * scale).shown,
            difference: "\((figure.value * scale).shown)\(Self.ends(difference))\(told)")
    }

    /// Nothing where a single replication tells no interval.
    private static func ends(_ difference: PairedDifference) -> String {
        let (figure, scale) = (difference.difference, difference.scale)
        guard figure.low.isFinite, figure.high.isFinite else { return "" }
        return " [\((figure.low * scale).shown), \((figure.high * scale).shown)]"
    }

    public var table: TextTable {
        var table = TextTable([
            ("", .left), (first.name, .right), (second.name, .right), ("difference", .right),
        ])
        for row in entries { table.append([row.name, row.first, row.second, row.difference]) }
        return table
    }

    /// The plans.
    public var lines: [JSONValue] { value["plans"]?.elements ?? [] }

    public var value: JSONValue {
        [
            "apiVersion": .string(PlanDocument.apiVersion), "kind": "PlanComparison",
            "tool_version": .string(toolVersion),
            "plans": .array([side(first), side(second)]),
            "differences": .array(
                differences.map { difference in
                    let scale = difference.scale
                    func number(_ value: Double) -> JSONValue {
                        JSONValue(finite: rounded(value * scale, 6))
                    }
                    return [
                        "figure": .string(difference.name), "first": number(difference.base),
                        "second": number(difference.other),
                        "difference": number(difference.difference.value),
                        "low": number(difference.difference.low),
                        "high": number(difference.difference.high),
                        "told_apart": .bool(difference.isSignificant),
                    ]
                }),
        ]
    }

    private func side(_ side: Side) -> JSONValue {
        func entry(_ prediction: PlanPredictions.Prediction) -> JSONValue {
            [
                "value": JSONValue(finite: prediction.value),
                "low": JSONValue(finite: prediction.low),
                "high": JSONValue(finite: prediction.high),
            ]
        }
        let figures = side.figures.values.map { figure, prediction in
            (figure.name.replacing(" ", with: "_"), entry(prediction))
        }
        return [
            "document": .string(side.name), "layout": .string(side.figures.layout),
            "verdict": .string(side.figures.verdict),
            "gpus": side.figures.gpus.map(JSONValue.integer) ?? .null,
            "usd_per_hour": JSONValue(finite: side.figures.dollarsPerHour),
            "attainment": side.figures.attainment.map(entry) ?? .null,
            "figures": .object(Dictionary(figures) { first, _ in first }),
        ]
    }
}

extension PairedDifference {
    fileprivate var name: String {
        switch statistic {
        case .attainment: "attainment"
        case .latency(let latency, let figure): "\(latency.rawValue)_ms \(figure.rawValue)"
        }
    }

    /// Milliseconds of a nanosecond, or 1 for a share.
    fileprivate var scale: Double {
        if case .latency = statistic { 1e-6 } else { 1 }
    }
}

extension PlanPair {
    static var shape: DocumentShape {
        let number = DocumentShape.number.orNull
        let figure = DocumentShape.object(["value": number, "low": number, "high": number])
        return .object([
            "apiVersion": .apiVersion, "kind": .const("PlanComparison"), "tool_version": .text,
            "plans": .list(
                .object([
                    "document": .text, "layout": .text, "verdict": .verdict,
                    "gpus": DocumentShape.positive.orNull, "usd_per_hour": number,
                    "attainment": figure.orNull, "figures": .map(figure),
                ])),
            "differences": .list(
                .object([
                    "figure": .text, "first": number, "second": number, "difference": number,
                    "low": number, "high": number, "told_apart": .flag,
                ])),
        ])
    }
}
