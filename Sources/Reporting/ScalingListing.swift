public import CostModeling

/// How far timings that were carried over to a GPU are from those taken on it.
public struct ScalingListing: Sendable {
    private let from: String
    private let to: String
    private let errors: [ScalingError]

    public init(from: String, to: String, errors: [ScalingError]) {
        self.from = from
        self.to = to
        self.errors = errors
    }

    public var table: TextTable {
        var table = TextTable([
            ("kind", .left), ("format", .left), ("points", .right), ("median_abs_error", .right),
            ("p95_abs_error", .right), ("median_error", .right),
        ])
        for error in errors {
            table.append([
                error.kind, error.format, String(error.points),
                "\(rounded(error.medianAbsolute * 100, 2)) %",
                "\(rounded(error.p95Absolute * 100, 2)) %",
                "\(rounded(error.median * 100, 2)) %",
            ])
        }
        return table
    }

    public var value: JSONValue {
        [
            "from": .string(from), "to": .string(to),
            "kinds": .array(
                errors.map { error in
                    [
                        "kind": .string(error.kind), "format": .string(error.format),
                        "points": .integer(error.points),
                        "median_abs_error": .number(rounded(error.medianAbsolute, 5)),
                        "p95_abs_error": .number(rounded(error.p95Absolute, 5)),
                        "median_error": .number(rounded(error.median, 5)),
                    ]
                }),
        ]
    }
}
