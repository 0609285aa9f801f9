import ServingDomain

/// One call of a model as OpenTelemetry has it.
struct CallSpan {
    let session: String
    /// Nanoseconds since 1970.
    let start: Int64
    let end: Int64
    let prompt: Int
    let output: Int
    /// Whether a number of tokens was counted here, since the span tells none.
    let isCounted: Bool
    /// Hashes of the message list up to each message; empty where the span does not have it.
    let messages: [UInt64]

    private static let sessions = ["session.id", "gen_ai.conversation.id", "exgentic.session.id"]
    private static let prompts = [
        "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt",
        "llm.usage.prompt_tokens",
    ]
    private static let outputs = [
        "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens",
        "llm.token_count.completion", "llm.usage.completion_tokens",
    ]
    private static let inputTexts = ["gen_ai.input.messages", "gen_ai.prompt", "input.value"]
    private static let outputTexts = [
        "gen_ai.output.messages", "gen_ai.output.text", "gen_ai.completion", "output.value",
    ]

    /// Nil where the span is no call of a model.
    ///
    /// - Throws: where it is one without times or tokens.
    init?(
        _ span: JSONNode, at path: String, _ counter: TokenCounter
    ) throws(WorkloadError) {
        let attributes = SpanAttributes(span)
        let (input, answer) = (
            attributes.first(Self.inputTexts), attributes.first(Self.outputTexts)
        )
        let counts = (attributes.first(Self.prompts), attributes.first(Self.outputs))
        let isModel = attributes["openinference.span.kind"]?.text == "LLM"
        let isCall = counts.0 != nil || isModel || attributes["gen_ai.input.messages"] != nil
        guard isCall else { return nil }
        let fields = TraceFields(path: path)
        start = try Self.time(span, Self.startNames, fields)
        end = try Self.time(span, Self.endNames, fields)
        guard end >= start else {
            throw fields.bad(
                "end_time", .other("an end before the start"), expected: "one behind it")
        }
        let list = Self.messageList(input)
        messages = Self.hashes(list)
        if let count = counts.0 {
            prompt = try fields.tokens(Self.prompts[0], Self.number(count))
        } else if let input {
            prompt = counter.tokens(list.isEmpty ? input.text ?? "" : Self.text(of: list))
        } else {
            throw fields.bad(
                Self.prompts[0], nil, expected: "tokens of the prompt, or its messages")
        }
        if let count = counts.1 {
            output = try fields.tokens(Self.outputs[0], Self.number(count))
        } else {
            let said = Self.messageList(answer)
            output = counter.tokens(said.isEmpty ? answer?.text ?? "" : Self.text(of: said))
        }
        isCounted = counts.0 == nil || counts.1 == nil
        session =
            attributes.first(Self.sessions)?.text ?? span["trace_id"]?.text
            ?? span["traceId"]?.text ?? ""
    }

    /// Whether the span says that the call failed.
    static func hasFailed(_ span: JSONNode) -> Bool {
        let code = span["status"]?["code"]
        if case .whole(2)? = code?.value { return true }
        return code?.text == "STATUS_CODE_ERROR" || code?.text == "ERROR"
    }

    /// Exporters write whole numbers as texts, too.
    private static func number(_ node: JSONNode) -> TraceValue {
        node.text.map(TraceValue.init(text:)) ?? node.value
    }

    /// How long a span took in nanoseconds; nil where its times cannot be read.
    static func length(_ span: JSONNode) -> Int64? {
        let fields = TraceFields(path: "")
        guard let start = try? time(span, startNames, fields),
            let end = try? time(span, endNames, fields)
        else { return nil }
        return end - start
    }

    private static let startNames = ["start_time", "startTimeUnixNano"]
    private static let endNames = ["end_time", "endTimeUnixNano"]

    private static func time(
        _ span: JSONNode, _ names: [String], _ fields: TraceFields
    ) throws(WorkloadError) -> Int64 {
        let name = names.first { span[$0] != nil } ?? names[0]
        if let date = span[name]?.text.flatMap(CalendarTime.nanoseconds) { return date }
        if let node = span[name], case .whole(let nanoseconds) = number(node),
            (0...9_000_000_000_000_000_000).contains(nanoseconds)
        {
            return Int64(nanoseconds)
        }
        throw fields.bad(
            name, span[name]?.value,
            expected: "a date and a time such as 2026-02-26T10:00:00.000000Z, or nanoseconds")
    }

    /// Messages, as a list or as the text of one.
    private static func messageList(_ node: JSONNode?) -> [JSONNode] {
        if let list = node?.list { return list }
        guard let bytes = node?.text.map({ Array($0.utf8) }),
            let parsed = try? JSONNode(bytes, bytes.indices)
        else { return [] }
        return parsed.list ?? parsed["messages"]?.list ?? []
    }

    private static func text(of messages: [JSONNode]) -> String {
        messages.map(content).joined()
    }

    /// Texts of a message, in the form of OpenAI or in parts.
    private static func content(_ message: JSONNode) -> String {
        MessageText.of(message["content"]) + MessageText.of(message["parts"])
    }

    private static func hashes(_ messages: [JSONNode]) -> [UInt64] {
        var hash = ByteHash()
        return messages.map { message in
            hash.combine("\(message["role"]?.text ?? "")\u{0}\(content(message))\u{0}".utf8)
            return hash.value
        }
    }
}

/// Attributes of a span: members of an object, or a list of keys with values.
struct SpanAttributes {
    private var values: [String: JSONNode] = [:]

    init(_ span: JSONNode) {
        for member in span["attributes"]?.members ?? [] { values[member.name] = member.value }
        for attribute in span["attributes"]?.list ?? [] {
            guard let name = attribute["key"]?.text, let value = attribute["value"] else {
                continue
            }
            values[name] =
                ["stringValue", "intValue", "doubleValue"].lazy
                .compactMap { value[$0] }.first
        }
    }

    subscript(name: String) -> JSONNode? { values[name] }

    func first(_ names: [String]) -> JSONNode? {
        for name in names {
            guard let value = values[name] else { continue }
            if case .null = value { continue }
            return value
        }
        return nil
    }
}
