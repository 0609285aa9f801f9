import Foundation
public import ServingDomain

/// The sessions of a table as our JSONL (docs/traces.md): a line for each.
public struct SessionLines: Sequence {
    private let table: SessionTable

    public init(_ table: SessionTable) { self.table = table }

    public func makeIterator() -> AnyIterator<String> {
        var session = 0
        return AnyIterator {
            guard session < table.count else { return nil }
            defer { session += 1 }
            return line(session)
        }
    }

    private func line(_ session: Int) -> String {
        let range = table.firstRound[session]..<table.firstRound[session + 1]
        var members: [String] = []
        if range.contains(where: { !table.trees.children(ofRound: $0).isEmpty }) {
            members.append("\"id\": \"s\(session)\"")
        }
        let starter = table.trees.isEmpty ? SessionTrees.none : table.trees.startingRounds[session]
        if starter == SessionTrees.none {
            members.append("\"arrival_s\": \(Self.seconds(table.arrivals[session]))")
            let tenant = table.tenants.label(ofSession: session)
            if tenant != TenantLabels.none {
                members.append("\"tenant\": \(Self.quoted(table.tenants.names[Int(tenant)]))")
            }
        } else {
            let parent = self.session(ofRound: Int(starter))
            members.append("\"parent\": \"s\(parent)\"")
            members.append("\"parent_round\": \(Int(starter) - table.firstRound[parent])")
        }
        members += prefix(ofRound: range.lowerBound)
        members.append("\"rounds\": [\(range.map(round).joined(separator: ", "))]")
        return "{\(members.joined(separator: ", "))}\n"
    }

    /// The session whose round that is, by halving.
    private func session(ofRound round: Int) -> Int {
        var (low, high) = (0, table.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if table.firstRound[middle] <= round { low = middle } else { high = middle }
        }
        return low
    }

    private func prefix(ofRound round: Int) -> [String] {
        let segments = table.prefixes.segments(ofRound: round)
        guard !segments.isEmpty else { return [] }
        let names = segments.map { "\"p\($0)\"" }.joined(separator: ", ")
        let tokens = segments.map { "\(table.prefixes.segmentTokens[Int($0)])" }
            .joined(separator: ", ")
        guard segments.count > 1 else {
            return ["\"prefix\": \(names)", "\"prefix_tokens\": \(tokens)"]
        }
        return ["\"prefix\": [\(names)]", "\"prefix_tokens\": [\(tokens)]"]
    }

    private func round(_ place: Int) -> String {
        let round = table.rounds[place]
        var members = [
            "\"new_tokens\": \(round.newTokens)", "\"output_tokens\": \(round.outputTokens)",
        ]
        let history = table.histories.tokens(ofRound: place)
        if history != KeptHistories.all {
            members.append("\"history_tokens\": \(history)")
        }
        if round.delayAfter > 0 {
            members.append("\"delay_after_s\": \(Self.seconds(round.delayAfter))")
        }
        let label = table.tools.label(ofRound: place)
        if label != ToolLabels.none {
            members.append("\"tool\": \(Self.quoted(table.tools.names[Int(label)]))")
        }
        return "{\(members.joined(separator: ", "))}"
    }

    /// Nanoseconds as seconds, exactly.
    private static func seconds(_ nanoseconds: Int64) -> String {
        let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        guard rest > 0 else { return "\(whole)" }
        var digits = String(rest)
        digits = String(repeating: "0", count: 9 - digits.count) + digits
        while digits.last == "0" { digits.removeLast() }
        return "\(whole).\(digits)"
    }

    /// A text as JSON.
    static func quoted(_ text: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        let bytes = (try? encoder.encode(text)) ?? Data()
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension SessionLines {
    /// Of a line: a session.
    static var shape: DocumentShape {
        let round = DocumentShape.object(
            ["new_tokens": .count, "output_tokens": .count],
            optional: ["history_tokens": .count, "delay_after_s": .amount, "tool": .text])
        return .object(
            ["rounds": .list(round)],
            optional: [
                "id": .text, "arrival_s": .amount, "tenant": .text, "parent": .text,
                "parent_round": .count, "prefix": oneOrMany(.text),
                "prefix_tokens": oneOrMany(.count),
            ])
    }

    private static func oneOrMany(_ shape: DocumentShape) -> DocumentShape {
        DocumentShape(["oneOf": [shape.rule, DocumentShape.list(shape).rule]])
    }
}
