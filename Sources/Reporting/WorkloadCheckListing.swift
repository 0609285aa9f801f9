public import ServingDomain

/// Which files of workloads can be used.
public struct WorkloadCheckListing: Answer, Sendable {
    /// A file or a folder.
    public struct Row: Sendable {
        public let file: String
        /// Its format, or `laws`; empty where it cannot be read.
        public let kind: String
        public let sessions: Int
        public let rounds: Int
        /// Most tokens at the end of a round; nil where there are no sessions.
        public let longestContext: Int?
        /// `ok`, `too long` or `unusable`.
        public let verdict: String
        public let notes: [String]

        public init(
            file: String, kind: String, sessions: Int, rounds: Int, longestContext: Int?,
            verdict: String, notes: [String]
        ) {
            self.file = file
            self.kind = kind
            self.sessions = sessions
            self.rounds = rounds
            self.longestContext = longestContext
            self.verdict = verdict
            self.notes = notes
        }
    }

    private let rows: [Row]
    private let window: Tokens?
    private let toolVersion: String

    /// - Parameters:
    ///   - rows: in the order in which the files were named.
    ///   - window: that sessions have to fit into; nil for none.
    ///   - toolVersion: of this tool.
    public init(_ rows: [Row], window: Tokens?, toolVersion: String) {
        self.rows = rows
        self.window = window
        self.toolVersion = toolVersion
    }

    public var table: TextTable {
        var table = TextTable(
            [
                ("file", .left), ("kind", .left), ("sessions", .right), ("rounds", .right),
                ("longest_context_tokens", .right), ("verdict", .left),
            ], extra: [("notes", .left)])
        for row in rows {
            table.append([
                row.file, row.kind, String(row.sessions), String(row.rounds),
                row.longestContext.map(String.init) ?? "", row.verdict,
                row.notes.joined(separator: " "),
            ])
        }
        return table
    }

    public var lines: [JSONValue] { value["files"]?.elements ?? [] }

    public var value: JSONValue {
        .object([
            "tool_version": .string(toolVersion),
            "context_window_tokens": window.map { .integer($0.value) } ?? .null,
            "files": .array(
                rows.map { row in
                    [
                        "file": .string(row.file), "kind": .string(row.kind),
                        "sessions": .integer(row.sessions), "rounds": .integer(row.rounds),
                        "longest_context_tokens": row.longestContext.map { .integer($0) } ?? .null,
                        "verdict": .string(row.verdict),
                        "notes": .array(row.notes.map(JSONValue.string)),
                    ]
                }),
        ])
    }
}

extension WorkloadCheckListing {
    static let shape = DocumentShape.object([
        "tool_version": .text, "context_window_tokens": DocumentShape.count.orNull,
        "files": .list(
            .object([
                "file": .text, "kind": .text, "sessions": .count, "rounds": .count,
                "longest_context_tokens": DocumentShape.count.orNull,
                "verdict": .oneOf(["ok", "too long", "unusable"]), "notes": .list(.text),
            ])),
    ])
}
