public import CostModeling
public import ServingDomain

/// Which operators of a model have timings.
public struct CoverageListing: Answer, Sendable {
    public struct Row: Sendable {
        let degree: TensorParallelDegree
        let phase: Phase
        let use: OperatorUse
        let resolved: ResolvedCurve

        public init(
            _ degree: TensorParallelDegree, _ phase: Phase, _ use: OperatorUse,
            _ resolved: ResolvedCurve
        ) {
            self.degree = degree
            self.phase = phase
            self.use = use
            self.resolved = resolved
        }

        var standIn: String { resolved.neighbour.map { $0.record.shapeText } ?? "" }
    }

    private let rows: [Row]

    public init(_ rows: [Row]) { self.rows = rows }

    public var table: TextTable {
        var table = TextTable(
            [
                ("tp", .right), ("phase", .left), ("operator", .left), ("kind", .left),
                ("shape", .left), ("trust", .left), ("stands_in", .left),
                ("timed_with", .left),
            ], extra: [("format", .left)])
        for row in rows {
            let record = row.use.shape.record
            table.append([
                row.degree.description, row.phase.rawValue, row.use.name, record.kind,
                record.shapeText, row.resolved.trust.rawValue, row.standIn,
                row.resolved.kernels ?? "", record.format,
            ])
        }
        return table
    }

    public var value: JSONValue {
        .array(
            rows.map { row in
                let record = row.use.shape.record
                return [
                    "tp": .integer(row.degree.value), "phase": .string(row.phase.rawValue),
                    "operator": .string(row.use.name), "kind": .string(record.kind),
                    "format": .string(record.format), "shape": .object(record.shapeMembers),
                    "trust": .string(row.resolved.trust.rawValue),
                    "stands_in": row.resolved.neighbour == nil ? .null : .string(row.standIn),
                    "timed_with": row.resolved.kernels.map(JSONValue.string) ?? .null,
                ]
            })
    }
}

extension CoverageListing {
    static let shape = DocumentShape.list(
        .object([
            "tp": .positive, "phase": .phase, "operator": .text, "kind": .operatorKind,
            "format": .text, "shape": .dimensions, "trust": .trust,
            "stands_in": DocumentShape.text.orNull, "timed_with": DocumentShape.text.orNull,
        ]))
}
