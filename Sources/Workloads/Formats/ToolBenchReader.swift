import ServingDomain

/// Dialogues of ToolBench and StableToolBench, in the three forms that they are published in.
struct ToolBenchReader: TraceDocumentReader {
    /// Tokens of the system prompt, where a file does not have it.
    private static let systemPrompt = 435

    private let counter: TokenCounter
    private var sessions: TraceRecorder
    private var figures = ToolBenchFigures()

    init(_ purpose: TracePurpose, _ counter: TokenCounter) {
        self.counter = counter
        sessions = TraceRecorder(purpose)
        sessions.statistics.areEstimates = counter.isEstimate
    }

    /// A call with what came back from its tool.
    private struct Turn {
        /// What was said, and the name and the arguments of a call.
        var answer: [String] = []
        var tool: String?
        /// Messages behind it: what the tool said, and what else stands before the next answer.
        var observation = ""
        var others: [String] = []
    }

    mutating func read(_ document: TraceDocument) throws(WorkloadError) {
        guard let generation = document.root["answer_generation"] else {
            return try readEvaluation(document)
        }
        let messages = generation["train_messages"]?.list?.last?.list ?? []
        let chain = document.root["trys"]?.list?.first?["chain"]?.list
        let turns = chain.map(Self.turns(chain:)) ?? Self.turns(messages: messages)
        guard !turns.isEmpty else {
            throw TraceFields(path: "answer_generation").bad(
                "train_messages", .other("no answer"), expected: "one or more")
        }
        let before = messages.prefix { $0["role"]?.text != "assistant" }
        // What the file does not have is assumed.
        if before.isEmpty { sessions.statistics.areEstimates = true }
        let said =
            before.isEmpty
            ? Self.systemPrompt + counter.tokens(generation["query"]?.text ?? "")
            : counter.tokens(of: before.map { MessageText.of($0["content"]) })
        let initial = said + counter.tokens(generation["function"]?.spacedText ?? "")
        try add(turns, initial: initial)
        figures.add(
            document, generation, rounds: turns.count, initial: initial,
            answers: turns.map { counter.tokens(of: $0.answer) },
            observations: turns.dropLast().map { counter.tokens($0.observation) })
    }

    private mutating func add(_ turns: [Turn], initial: Int) throws(WorkloadError) {
        let session = sessions.open(arrival: nil)
        var new = initial
        for turn in turns {
            sessions.add(
                TraceRecorder.Round(newTokens: new, outputTokens: counter.tokens(of: turn.answer)),
                to: session)
            try sessions.set(
                tool: sessions.vocabulary.tool(turn.tool ?? "", TraceFields(path: "tool")),
                of: session)
            new = counter.tokens(of: [turn.observation] + turn.others)
        }
        sessions.close(session)
    }

    mutating func finish() throws(WorkloadError) -> RecordedTrace {
        sessions.statistics.details = figures.details(areEstimates: counter.isEstimate)
        var notes = [
            counter.note,
            """
            The trace has no times: tools take none, and arrivals follow the law of the run.
            """,
        ]
        if figures.hasEvaluations {
            notes.append(
                """
                Evaluation files cut every message at 100 characters: answers are longer than they are \
                counted, and what tools answered is not known and counted as nothing.
                """)
        }
        return try sessions.finish(.toolBench, notes: notes)
    }
}

extension ToolBenchReader {
    /// Every answer of a model, with the messages behind it up to the next.
    private static func turns(messages: [JSONNode]) -> [Turn] {
        var turns: [Turn] = []
        for message in messages {
            if message["role"]?.text == "assistant" {
                let call = message["function_call"]
                let answer = [
                    MessageText.of(message["content"]), call?["name"]?.text ?? "",
                    call?["arguments"]?.text ?? "",
                ]
                turns.append(Turn(answer: answer, tool: call?["name"]?.text))
            } else if !turns.isEmpty {
                let text = MessageText.of(message["content"])
                if message["role"]?.text == "function" {
                    turns[turns.count - 1].observation += text
                } else {
                    turns[turns.count - 1].others.append(text)
                }
            }
        }
        return turns
    }

    /// Thought, action and its input are one answer.
    private static func turns(chain: [JSONNode]) -> [Turn] {
        var (turns, turn, isOpen) = ([Turn](), Turn(), false)
        for node in chain {
            let text = node["description"]?.text ?? ""
            turn.answer.append(text)
            isOpen = true
            switch node["node_type"]?.text {
            case "Action": turn.tool = text
            case "Action Input":
                turn.observation = node["observation"]?.text ?? ""
                turns.append(turn)
                (turn, isOpen) = (Turn(), false)
            default: break
            }
        }
        return isOpen ? turns + [turn] : turns
    }

    /// A file of the evaluation: dialogue trees by the ids of their queries.
    private mutating func readEvaluation(_ document: TraceDocument) throws(WorkloadError) {
        for member in document.root.members ?? [] {
            let (id, entry) = (member.name, member.value)
            var turns: [Turn] = []
            for node in entry["answer"]?["answer_details"]?.list ?? [] {
                Self.collect(node, into: &turns)
            }
            guard !turns.isEmpty else {
                throw TraceFields(path: id).bad(
                    "answer.answer_details", .other("no answer"), expected: "one or more")
            }
            sessions.statistics.areEstimates = true
            let initial =
                Self.systemPrompt + counter.tokens(entry["query"]?.text ?? "")
                + counter.tokens(entry["available_tools"]?.spacedText ?? "")
            try add(turns, initial: initial)
            figures.addEvaluation(document.file, rounds: turns.count)
        }
    }

    /// A tool's node is a call; so is an answer that nothing follows.
    private static func collect(_ node: JSONNode, into turns: inout [Turn]) {
        let next = node["next"]?.list ?? []
        let (role, text) = (node["role"]?.text, node["message"]?.text ?? "")
        if role == "tool" || (role == "assistant" && next.isEmpty) {
            turns.append(Turn(answer: [text]))
        }
        for child in next { collect(child, into: &turns) }
    }
}
