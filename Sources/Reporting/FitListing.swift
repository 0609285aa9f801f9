public import CostModeling
public import ServingDomain

/// The quality of a fit: a row per kind for people, every shape for machines.
public struct FitListing: Answer, Sendable {
    private let fit: ProfileFit
    private let gpu: String
    private let defects: [(shape: OperatorShape, ratio: Double)]

    public init(fit: ProfileFit, gpu: String, defects: [(shape: OperatorShape, ratio: Double)]) {
        self.fit = fit
        self.gpu = gpu
        self.defects = defects
    }

    public var table: TextTable {
        var table = TextTable([
            ("kind", .left), ("format", .left), ("shapes", .right), ("samples", .right),
            ("knots", .right), ("held_out", .right), ("median_error", .right),
            ("p95_error", .right), ("monotone_cost", .right), ("range", .left),
        ])
        for summary in fit.summaries {
            let axis = OperatorRecord.axisNames(of: summary.kind).first ?? ""
            table.append([
                summary.kind, summary.format, String(summary.shapes), String(summary.samples),
                String(summary.knots), String(summary.heldOut), share(summary.medianError),
                share(summary.p95Error), share(summary.monotoneCost),
                "\(Int(summary.range.lowerBound))...\(Int(summary.range.upperBound)) \(axis)",
            ])
        }
        return table
    }

    public var lines: [JSONValue] { value["kinds"]?.elements ?? [] }

    public var value: JSONValue {
        [
            "gpu": .string(gpu), "trust": .string(fit.trust.rawValue),
            "kinds": .array(fit.summaries.map(summary)),
            "shapes": .array(fit.shapes.compactMap { fit.entries[$0] }.map(entry)),
            "defects": .array(
                defects.map { defect in
                    [
                        "kind": .string(defect.shape.record.kind),
                        "shape": .object(defect.shape.record.shapeMembers),
                        "times_faster_than_peak": .number(rounded(defect.ratio, 4)),
                    ]
                }),
        ]
    }

    private func summary(_ summary: FitSummary) -> JSONValue {
        [
            "kind": .string(summary.kind), "format": .string(summary.format),
            "shapes": .integer(summary.shapes), "samples": .integer(summary.samples),
            "knots": .integer(summary.knots), "held_out": .integer(summary.heldOut),
            "median_error": figure(summary.medianError), "p95_error": figure(summary.p95Error),
            "monotone_cost": figure(summary.monotoneCost),
            "range": [.number(summary.range.lowerBound), .number(summary.range.upperBound)],
        ]
    }

    private func entry(_ entry: ProfileFit.Entry) -> JSONValue {
        let record = entry.curve.shape.record
        let range = entry.curve.range
        return [
            "kind": .string(record.kind), "format": .string(record.format),
            "variant": .string(record.variant), "shape": .object(record.shapeMembers),
            "samples": .integer(entry.quality.samples), "knots": .integer(entry.quality.knots),
            "held_out": .integer(entry.quality.heldOut),
            "median_error": figure(entry.quality.medianError),
            "p95_error": figure(entry.quality.p95Error),
            "monotone_cost": figure(entry.quality.monotoneCost),
            "range": [.number(range.lowerBound), .number(range.upperBound)],
        ]
    }

    private func figure(_ value: Double?) -> JSONValue {
        JSONValue(finite: value.map { rounded($0, 5) })
    }

    private func share(_ value: Double?) -> String {
        value.map { "\(rounded($0 * 100, 2)) %" } ?? "-"
    }
}

extension FitListing {
    static var shape: DocumentShape {
        let quality: [String: DocumentShape] = [
            "kind": .operatorKind, "format": .text, "samples": .count, "knots": .count,
            "held_out": .count, "median_error": DocumentShape.amount.orNull,
            "p95_error": DocumentShape.amount.orNull, "monotone_cost": DocumentShape.number.orNull,
            "range": .list(.number),
        ]
        return .object([
            "gpu": .text, "trust": .trust,
            "kinds": .list(.object(quality.merging(["shapes": .count]) { $1 })),
            "shapes": .list(
                .object(quality.merging(["variant": .text, "shape": .dimensions]) { $1 })),
            "defects": .list(
                .object([
                    "kind": .operatorKind, "shape": .dimensions,
                    "times_faster_than_peak": .amount,
                ])),
        ])
    }
}
