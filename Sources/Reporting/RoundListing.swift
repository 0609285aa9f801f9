public import Simulation

/// One line of text for every round that was simulated: what a file of rounds holds.
///
/// Times are milliseconds from the start of the run with six decimals, which is to the nanosecond.
public struct RoundListing: Sendable {
    public enum Form: String, Sendable, CaseIterable {
        case csv
        case jsonl
    }

    private let form: Form
    private let tenants: [String]

    /// - Parameters:
    ///   - form: of the lines.
    ///   - tenants: names of those that sessions belong to, in the order of their table; without them
    ///     there is no column for them.
    public init(_ form: Form, tenants: [String] = []) {
        self.form = form
        self.tenants = tenants
    }

    /// Names of the columns, in order.
    private var columns: [String] { Self.columns + (tenants.isEmpty ? [] : ["tenant"]) }

    /// Names of the columns that are always there, in order.
    public static let columns = [
        "replication", "session", "round", "arrival_ms", "release_ms", "prefill_start_ms",
        "prefill_end_ms", "first_token_ms", "finish_ms", "new_tokens", "prompt_tokens",
        "output_tokens", "prefill_site", "prefill_worker", "serving_worker", "memory_wait_ms",
        "queue_wait_ms", "ttft_ms", "tpot_ms",
    ]

    /// The first line, with its line feed; nothing where each line names its values.
    public var header: String {
        form == .csv ? columns.joined(separator: ",") + "\n" : ""
    }

    /// What a round of the run with this number, from 0, experienced; with its line feed.
    public func line(_ round: RoundOutcome, replication: Int) -> String {
        var cells = Self.cells(round, replication)
        if !tenants.isEmpty { cells.append(tenant(of: round)) }
        guard form == .jsonl else { return cells.joined(separator: ",") + "\n" }
        let members = zip(columns, cells).map { name, cell in
            "\"\(name)\":" + (cell.isEmpty ? "null" : name == "prefill_site" ? "\"\(cell)\"" : cell)
        }
        return "{" + members.joined(separator: ",") + "}\n"
    }

    /// As a CSV field or as a JSON text; empty for none.
    private func tenant(of round: RoundOutcome) -> String {
        guard round.tenant > 0 else { return "" }
        let name = tenants[Int(round.tenant) - 1]
        if form == .jsonl { return SessionLines.quoted(name) }
        let isSpaced = name.first?.isWhitespace == true || name.last?.isWhitespace == true
        let isPlain = !name.contains(",") && !name.contains("\"") && !isSpaced
        return isPlain ? name : "\"" + name.replacing("\"", with: "\"\"") + "\""
    }

    /// Values in the order of the columns; empty where there is none.
    private static func cells(_ round: RoundOutcome, _ replication: Int) -> [String] {
        let firstToken = round.released + round.ttft
        let admitted = round.released + round.memoryWait
        return [
            String(replication), String(round.session), String(round.round),
            milliseconds(round.arrived), milliseconds(round.released),
            milliseconds(round.prefillStarted), milliseconds(round.prefillEnded),
            milliseconds(firstToken), milliseconds(firstToken + round.decodeTime),
            String(round.newTokens), String(round.promptTokens), String(round.outputTokens),
            round.isLocal ? "local" : "remote", number(round.prefillWorker),
            number(round.servingWorker), milliseconds(round.memoryWait),
            milliseconds(round.prefillStarted - admitted), milliseconds(round.ttft),
            round.outputTokens > 1 ? milliseconds(Int64(round.meanITL.rounded())) : "",
        ]
    }

    private static func number(_ index: Int?) -> String { index.map(String.init) ?? "" }

    /// Nanoseconds, not negative, as milliseconds with all six decimals.
    private static func milliseconds(_ nanoseconds: Int64) -> String {
        let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000)
        // The leading 1 keeps the zeros.
        return String(whole) + "." + String(1_000_000 + rest).dropFirst()
    }
}

extension RoundListing {
    /// Of a line of JSONL.
    static var shape: DocumentShape {
        var members: [String: DocumentShape] = [:]
        for name in columns { members[name] = name.hasSuffix("_ms") ? .amount : .count }
        members["prefill_site"] = .oneOf(["local", "remote"])
        for name in ["prefill_worker", "serving_worker", "tpot_ms"] {
            members[name] = members[name]?.orNull
        }
        return .object(members, optional: ["tenant": DocumentShape.text.orNull])
    }
}
