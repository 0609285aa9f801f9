public import ServingDomain

/// How many sessions each tenant of a mixture has.
public struct MixedSessions: Answer, Sendable {
    private let sessions: SessionTable
    private let seconds: Double
    private let file: String
    private let seed: UInt64
    private let toolVersion: String

    /// - Parameters:
    ///   - sessions: of all tenants.
    ///   - seconds: in which they arrive.
    ///   - file: that they went to.
    ///   - seed: of the draws.
    ///   - toolVersion: of this tool.
    public init(
        _ sessions: SessionTable, seconds: Double, file: String, seed: UInt64, toolVersion: String
    ) {
        self.sessions = sessions
        self.seconds = seconds
        self.file = file
        self.seed = seed
        self.toolVersion = toolVersion
    }

    /// What a tenant brings.
    private struct Load {
        let tenant: String
        var jobs = 0
        var sessions = 0
        var rounds = 0
        var newTokens = 0
        var outputTokens = 0

        init(_ tenant: String) { self.tenant = tenant }
    }

    private var loads: [Load] {
        var loads = sessions.tenants.names.map(Load.init)
        for job in 0..<sessions.jobCount {
            let place = Int(
                sessions.tenants.label(ofSession: sessions.trees.sessions(ofJob: job).lowerBound))
            loads[place].jobs += 1
            for session in sessions.trees.sessions(ofJob: job) {
                loads[place].sessions += 1
                for round in sessions.rounds(of: session) {
                    loads[place].rounds += 1
                    loads[place].newTokens += Int(round.newTokens)
                    loads[place].outputTokens += Int(round.outputTokens)
                }
            }
        }
        return loads
    }

    /// A line for each tenant.
    public var table: TextTable {
        var table = TextTable([
            ("tenant", .left), ("jobs", .right), ("jobs_per_s", .right), ("sessions", .right),
            ("rounds", .right), ("new_tokens", .right), ("output_tokens", .right),
        ])
        for load in loads {
            table.append([
                load.tenant, String(load.jobs), "\(fine(Double(load.jobs) / seconds))",
                String(load.sessions), String(load.rounds), String(load.newTokens),
                String(load.outputTokens),
            ])
        }
        return table
    }

    public var lines: [JSONValue] { value["tenants"]?.elements ?? [] }

    public var value: JSONValue {
        [
            "tool_version": .string(toolVersion), "file": .string(file),
            "seed": .integer(Int(clamping: seed)), "window_s": .number(fine(seconds)),
            "tenants": .array(
                loads.map { load in
                    [
                        "name": .string(load.tenant), "jobs": .integer(load.jobs),
                        "jobs_per_s": .number(fine(Double(load.jobs) / seconds)),
                        "sessions": .integer(load.sessions), "rounds": .integer(load.rounds),
                        "new_tokens": .integer(load.newTokens),
                        "output_tokens": .integer(load.outputTokens),
                    ]
                }),
        ]
    }
}

extension MixedSessions {
    static let shape = DocumentShape.object([
        "tool_version": .text, "file": .text, "seed": .count, "window_s": .amount,
        "tenants": .list(
            .object([
                "name": .text, "jobs": .count, "jobs_per_s": .amount, "sessions": .count,
                "rounds": .count, "new_tokens": .count, "output_tokens": .count,
            ])),
    ])
}
