import ServingDomain

/// TraceLab's calls of coding agents: one per line, with the tools that were run after it.
struct TraceLabReader: TraceLineReader {
    private static let expected = """
        one call: {"session_id": …, "round_index": …, "input_tokens_total": …, "output_tokens": …, …}
        """

    private var sessions: TraceRecorder
    private var states: [State] = []
    /// Looked up by name, never iterated.
    private var places: [String: Int] = [:]
    private var figures = TraceLabFigures()

    /// A session that may go on.
    private struct State {
        let session: Int
        var next: Int
        var context = 0
        /// When its last call had generated its last token, and its last tool had ended.
        var generated: Int64?
        var answered: Int64?
    }

    init(_ purpose: TracePurpose) { sessions = TraceRecorder(purpose) }

    mutating func begin(file name: String) {
        // Names of sessions mean nothing across files.
        places = [:]
    }

    mutating func read(_ line: TraceLine) throws(WorkloadError) {
        let call = try TraceLabCall(line, expected: Self.expected)
        let fields = TraceFields(line: line.number)
        let place = places[call.session] ?? open(call)
        guard call.index == states[place].next else {
            throw fields.bad(
                "round_index", .whole(call.index),
                expected: "\(states[place].next), the next call of session \(call.session)")
        }
        var state = states[place]
        if let end = state.generated, let begin = state.answered ?? call.start {
            sessions.wait(max(0, begin - end), in: state.session)
        }
        sessions.add(
            TraceRecorder.Round(
                newTokens: call.input - state.context, outputTokens: call.output,
                prompt: call.input, start: call.start),
            to: state.session)
        if let tool = call.tools.first {
            try sessions.set(
                tool: sessions.vocabulary.tool(tool.name, fields), of: state.session)
        }
        state.next += 1
        state.context = call.input + call.output
        state.generated = call.generated
        state.answered = call.tools.compactMap(\.end).max()
        states[place] = state
        figures.add(call, to: place)
    }

    private mutating func open(_ call: TraceLabCall) -> Int {
        // Extracts of a trace may begin in the middle of a session.
        states.append(State(session: sessions.open(arrival: call.start), next: call.index))
        places[call.session] = states.count - 1
        figures.open(call)
        return states.count - 1
    }

    mutating func finish() throws(WorkloadError) -> RecordedTrace {
        sessions.statistics.details = figures.details(sessions.statistics)
        return try sessions.finish(
            .traceLab,
            notes: [
                """
                The delay after a call runs from its last generated token to the end of its last tool, \
                or to the next call where it has none.
                """
            ])
    }
}
