public import CostModeling
public import ServingDomain

/// One operator of a step with its work at one point.
public struct OperatorRow: Sendable {
    let degree: TensorParallelDegree
    let phase: Phase
    let use: OperatorUse
    let point: OperatorPoint
    let work: Work

    public init(
        degree: TensorParallelDegree, phase: Phase, use: OperatorUse, _ tokens: Int, _ cached: Int
    ) {
        self.degree = degree
        self.phase = phase
        self.use = use
        point = use.point(
            tokens: tokens, cached: cached, sampled: phase == .prefill ? 1 : tokens)
        work = use.shape.work(at: point)
    }
}

/// The operators of steps, as table or document.
///
/// FLOPs and bytes are those of one execution.
public struct OperatorListing: Answer, Sendable {
    private let rows: [OperatorRow]

    public init(_ rows: [OperatorRow]) { self.rows = rows }

    public var table: TextTable {
        var table = TextTable(
            [
                ("tp", .right), ("phase", .left), ("operator", .left), ("kind", .left),
                ("format", .left), ("shape", .left), ("count", .right), ("flops", .right),
                ("bytes", .right),
            ], extra: [("x", .right), ("y", .right)])
        for row in rows {
            let record = row.use.shape.record
            table.append([
                row.degree.description, row.phase.rawValue, row.use.name, record.kind,
                record.format, record.shapeText, String(row.use.count), plain(row.work.flops),
                plain(row.work.bytes), String(row.point.x), String(row.point.y),
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
                    "format": .string(record.format), "variant": .string(record.variant),
                    "shape": .object(record.shapeMembers), "count": .integer(row.use.count),
                    "x": .integer(row.point.x), "y": .integer(row.point.y),
                    "flops": .number(row.work.flops), "bytes": .number(row.work.bytes),
                ]
            })
    }

    private func plain(_ value: Double) -> String { String(Int(value.rounded())) }
}

extension OperatorRecord {
    /// Dimensions by name, in order.
    var namedDimensions: [(name: String, size: Int)] {
        let names = Self.dimensionNames(of: kind) ?? []
        return zip(names, dimensions).map { ($0, $1) }
    }

    /// `n=2560 k=8192`, with the variant in front where there is one.
    var shapeText: String {
        ((variant.isEmpty ? [] : [variant]) + namedDimensions.map { "\($0.name)=\($0.size)" })
            .joined(separator: " ")
    }

    var shapeMembers: [String: JSONValue] {
        Dictionary(
            namedDimensions.map { ($0.name, JSONValue.integer($0.size)) },
            uniquingKeysWith: { first, _ in first })
    }
}

extension OperatorListing {
    static let shape = DocumentShape.list(
        .object([
            "tp": .positive, "phase": .phase, "operator": .text, "kind": .operatorKind,
            "format": .text, "variant": .text, "shape": .dimensions, "count": .count, "x": .count,
            "y": .count, "flops": .amount, "bytes": .amount,
        ]))
}
