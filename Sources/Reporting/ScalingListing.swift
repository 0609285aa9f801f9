public import CostModeling

/// Errors of the timings of one engine.
public struct ScalingComparison: Sendable {
    let engine: String
    let version: String
    let otherVersion: String
    let errors: [ScalingError]

    /// - Parameters:
    ///   - engine: that both GPUs were timed with.
    ///   - version: of the engine on the GPU whose timings are carried over.
    ///   - otherVersion: of the engine on the other GPU.
    ///   - errors: by kind and format.
    public init(engine: String, version: String, otherVersion: String, errors: [ScalingError]) {
        self.engine = engine
        self.version = version
        self.otherVersion = otherVersion
        self.errors = errors
    }
}

/// How far timings that were carried over to a GPU are from those taken on it.
public struct ScalingListing: Answer, Sendable {
    private let from: String
    private let to: String
    private let comparisons: [ScalingComparison]

    public init(from: String, to: String, comparisons: [ScalingComparison]) {
        self.from = from
        self.to = to
        self.comparisons = comparisons
    }

    public var table: TextTable {
        var table = TextTable(
            [
                ("engine", .left), ("version", .left), ("kind", .left), ("format", .left),
                ("points", .right), ("median_abs_error", .right), ("p95_abs_error", .right),
                ("median_error", .right),
            ], extra: [("to_version", .left)])
        for comparison in comparisons {
            for error in comparison.errors {
                table.append([
                    comparison.engine, comparison.version, error.kind, error.format,
                    String(error.points),
                    "\(rounded(error.medianAbsolute * 100, 2)) %",
                    "\(rounded(error.p95Absolute * 100, 2)) %",
                    "\(rounded(error.median * 100, 2)) %", comparison.otherVersion,
                ])
            }
        }
        return table
    }

    public var lines: [JSONValue] { value["comparisons"]?.elements ?? [] }

    public var value: JSONValue {
        [
            "from": .string(from), "to": .string(to),
            "comparisons": .array(
                comparisons.map { comparison in
                    [
                        "engine": .string(comparison.engine),
                        "from_version": .string(comparison.version),
                        "to_version": .string(comparison.otherVersion),
                        "kinds": .array(comparison.errors.map(Self.value)),
                    ]
                }),
        ]
    }

    private static func value(_ error: ScalingError) -> JSONValue {
        [
            "kind": .string(error.kind), "format": .string(error.format),
            "points": .integer(error.points),
            "median_abs_error": .number(rounded(error.medianAbsolute, 5)),
            "p95_abs_error": .number(rounded(error.p95Absolute, 5)),
            "median_error": .number(rounded(error.median, 5)),
        ]
    }
}

extension ScalingListing {
    static var shape: DocumentShape {
        let error = DocumentShape.object([
            "kind": .operatorKind, "format": .text, "points": .count, "median_abs_error": .amount,
            "p95_abs_error": .amount, "median_error": .number,
        ])
        return .object([
            "from": .text, "to": .text,
            "comparisons": .list(
                .object([
                    "engine": .text, "from_version": .text, "to_version": .text,
                    "kinds": .list(error),
                ])),
        ])
    }
}
