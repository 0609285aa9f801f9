public import Planning
import ServingDomain
import Simulation

/// GPUs against load, as a document and as a table.
public struct RateSweepDocument: Answer, Sendable {
    private let sweep: RateSweep
    private let provenance: PlanDocument.Provenance

    public init(sweep: RateSweep, provenance: PlanDocument.Provenance) {
        (self.sweep, self.provenance) = (sweep, provenance)
    }

    /// Each rate with the whole plan behind it.
    public var value: JSONValue {
        [
            "apiVersion": .string(PlanDocument.apiVersion), "kind": "RateSweep",
            "tool_version": .string(provenance.toolVersion),
            "interrupted": .bool(sweep.isInterrupted),
            "points": .array(
                sweep.points.map { point in
                    [
                        "rate_per_s": .number(rounded(point.rate.sessionsPerSecond, 9)),
                        "found": .bool(point.isFound),
                        "gpus": point.layout.map { .integer($0.gpus.value) } ?? .null,
                        "layout": JSONValue(point.layout?.description),
                        "plan": PlanDocument(result: point.result, provenance: provenance).value,
                    ]
                }),
            "core": JSONValue(core),
        ]
    }

    /// Workers of all layouts in the notation of layouts; nil where they have none in common.
    private var core: String? {
        let kinds = [
            ("P", sweep.core.prefill), ("D", sweep.core.decode), ("C", sweep.core.colocated),
        ]
        let parts = kinds.flatMap { letter, groups in
            groups.map { $0.notation(letter) }
        }
        return parts.isEmpty ? nil : parts.joined(separator: ",")
    }

    /// The rates, each with its plan.
    public var lines: [JSONValue] { value["points"]?.elements ?? [] }

    /// One row for each rate.
    public var table: TextTable {
        var table = TextTable(
            [
                ("rate_per_s", .right), ("gpus", .right), ("layout", .left), ("attainment", .right),
                ("ttft_p95_ms", .right), ("itl_p95_ms", .right), ("verdict", .left),
            ], extra: PlanTable.furtherColumns)
        for point in sweep.points {
            let best = point.result.recommended
            func figure(_ value: Double?, _ places: Int) -> String {
                value.map { "\(rounded($0, places))" } ?? "-"
            }
            table.append(
                [
                    figure(point.rate.sessionsPerSecond, 6),
                    point.layout?.gpus.description ?? "-", best?.deployment.description ?? "-",
                    figure(best?.attainment.value, 3),
                    figure(best?.report.ttft.map { $0.p95.value / 1e6 }, 1),
                    figure(best?.report.itl.map { $0.p95.value / 1e6 }, 1),
                    point.isFound ? "pass" : (best?.verdict ?? .fail).rawValue,
                ] + (best.map(PlanTable.furtherFigures) ?? []))
        }
        return table
    }

    /// The table with what the layouts have in common.
    public func text(_ style: TextStyle) -> String {
        var notes: [String] = []
        if sweep.isInterrupted { notes.append("Interrupted: these are the rates until then.") }
        let found = sweep.points.filter(\.isFound)
        if found.count > 1 {
            notes.append(
                core.map { "All layouts have \($0); the rest comes with the load." }
                    ?? "The layouts have no workers in common.")
        }
        if let first = sweep.points.first(where: { !$0.isFound }) {
            notes.append(
                "From \(fine(first.rate.sessionsPerSecond))/s on the GPUs of the case are not enough."
            )
        }
        return table.text(style) + notes.map { $0 + "\n" }.joined()
    }
}

extension RateSweepDocument {
    static var shape: DocumentShape {
        .object([
            "apiVersion": .apiVersion, "kind": .const("RateSweep"), "tool_version": .text,
            "interrupted": .flag, "core": DocumentShape.text.orNull,
            "points": .list(
                .object([
                    "rate_per_s": .amount, "found": .flag, "gpus": DocumentShape.positive.orNull,
                    "layout": DocumentShape.text.orNull, "plan": DocumentShape(PlanSchema.body),
                ])),
        ])
    }
}
