public import ServingDomain

/// A policy table as a document that a case file can name, and as rows for people.
public struct PolicyTableDocument: Answer, Sendable {
    private let latencies: PolicyTable
    private let policy: ServingPolicy.Name
    private let weights: (ttft: Double, tpot: Double)
    private let toolVersion: String

    /// - Parameters:
    ///   - table: what was simulated.
    ///   - policy: the policy that uses it.
    ///   - weights: of TTFT and TPOT in the score that the rows show.
    ///   - toolVersion: of the tool that simulated it.
    public init(
        _ table: PolicyTable, policy: ServingPolicy.Name, weights: (ttft: Double, tpot: Double),
        toolVersion: String
    ) {
        latencies = table
        self.policy = policy
        self.weights = weights
        self.toolVersion = toolVersion
    }

    public static let kind = "PolicyTable"

    /// The document; latencies are milliseconds with every nanosecond, rates are rounds per second
    /// and serving worker.
    public var value: JSONValue {
        [
            "apiVersion": .string(PlanDocument.apiVersion), "kind": .string(Self.kind),
            "tool_version": .string(toolVersion), "policy": .string(policy.rawValue),
            "layout": .string(latencies.layout), "source": .string(latencies.source),
            "entries": .array(
                latencies.entries.map { entry in
                    [
                        "context": .string(entry.context.rawValue),
                        "shape": .string(entry.shape.rawValue), "rate_per_s": .number(entry.rate),
                        "remote": Self.value(entry.remote), "local": Self.value(entry.local),
                    ]
                }),
        ]
    }

    public var lines: [JSONValue] { value["entries"]?.elements ?? [] }

    private static func value(_ latencies: PolicyTable.Latencies) -> JSONValue {
        ["ttft_ms": .number(latencies.ttft / 1e6), "tpot_ms": .number(latencies.tpot / 1e6)]
    }

    /// One row per entry, with what the policy makes of it.
    public var table: TextTable {
        var rows = TextTable([
            ("context", .left), ("shape", .left), ("rate_per_s", .right),
            ("remote_ttft_ms", .right), ("local_ttft_ms", .right), ("remote_tpot_ms", .right),
            ("local_tpot_ms", .right), ("score", .right), ("prefill", .left),
        ])
        for entry in latencies.entries {
            let score = entry.localAdvantage(
                ttftWeight: weights.ttft, tpotWeight: weights.tpot)
            let times = [
                entry.remote.ttft, entry.local.ttft, entry.remote.tpot, entry.local.tpot,
            ]
            rows.append(
                [entry.context.rawValue, entry.shape.rawValue, Self.text(entry.rate, 1e3)]
                    + times.map { Self.text($0 / 1e6, 1e3) }
                    + [Self.text(score, 1e3), score > 0 ? "local" : "remote"])
        }
        return rows
    }

    private static func text(_ value: Double, _ places: Double) -> String {
        JSONValue.number((value * places).rounded() / places).plainText
    }
}

extension PolicyTableDocument {
    static var shape: DocumentShape {
        let latencies = DocumentShape.object(["ttft_ms": .amount, "tpot_ms": .amount])
        return .object([
            "apiVersion": .apiVersion, "kind": .const(kind), "tool_version": .text,
            "policy": .text, "layout": .text, "source": .text,
            "entries": .list(
                .object([
                    "context": .oneOf(ContextClass.allCases.map(\.rawValue)),
                    "shape": .oneOf(RoundShape.allCases.map(\.rawValue)),
                    "rate_per_s": .amount, "remote": latencies, "local": latencies,
                ])),
        ])
    }
}
