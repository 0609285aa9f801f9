import ServingDomain

/// What a reader of traces is asked for.
public enum TracePurpose: Hashable, Sendable {
    /// Figures of the calls, in memory that does not grow with them.
    case figures
    /// These and the sessions, to be simulated.
    case sessions
}

/// Takes the sessions of a trace round by round, as a reader meets them: adds them to the figures, and
/// keeps them where they are wanted.
struct TraceRecorder {
    /// A session that may still go on.
    private struct Open {
        /// Nil where it is not known.
        let arrival: Int64?
        let isChild: Bool
        /// Whether its calls are not among those of the figures.
        let isApart: Bool
        var rounds = 0
        /// Prompt and answer of its last round.
        var context = 0
        /// Since its last round, once it is known.
        var gap: Int64?
        var lastPrompt = 0
        var firstPrompt = 0
        var longestPrompt = 0
        var wasShortened = false
        var prefix = SharedPrefixes.none
    }

    /// One round as a trace has it.
    struct Round {
        /// Tokens of the prompt that are neither in the prompt before nor the answer to it.
        var newTokens: Int
        var outputTokens: Int
        /// The whole prompt, where it is not all that the session has said so far and what is new; it
        /// begins with the first part of that, and the new tokens stand behind.
        var prompt: Int?
        /// Nanoseconds; nil where only the arrival of the session is known.
        var start: Int64?
        /// Whether the history was replaced by a shorter one, so that `newTokens` says what an engine has
        /// to compute.
        var isCompacted = false
    }

    var statistics: TraceStatistics
    var vocabulary = TraceVocabulary()
    private var assembly: SessionAssembly?
    private var sessions: [Open] = []
    /// Places of sessions that were closed and are not kept.
    private var free: [Int] = []
    private var (emptyPrompts, emptyAnswers, lostHistories, retries) = (0, 0, 0, 0)

    init(_ purpose: TracePurpose, gaps: TraceStatistics.GapMeaning = .delay) {
        statistics = TraceStatistics(gapMeaning: gaps)
        assembly = purpose == .sessions ? SessionAssembly() : nil
    }

    /// Opens a session that arrives at `arrival` nanoseconds, nil where that is not known, and returns
    /// its index.
    mutating func open(arrival: Int64?, isApart: Bool = false) -> Int {
        _ = assembly?.open(arrival: arrival ?? 0)
        return place(Open(arrival: arrival, isChild: false, isApart: isApart))
    }

    /// Opens a session that a round of `parent` starts, counted from 0, and returns its index.
    ///
    /// The figures may count it apart: where they are those of sessions that people start.
    mutating func open(startedBy parent: Int, round: Int, isApart: Bool = false) -> Int {
        _ = assembly?.open(startedBy: parent, round: round)
        return place(Open(arrival: sessions[parent].arrival, isChild: true, isApart: isApart))
    }

    private mutating func place(_ session: Open) -> Int {
        guard let place = free.popLast() else {
            sessions.append(session)
            return sessions.count - 1
        }
        sessions[place] = session
        return place
    }

    func arrival(of session: Int) -> Int64? { sessions[session].arrival }

    func roundCount(of session: Int) -> Int { sessions[session].rounds }

    /// The next round of a session, which keeps so many tokens of what was said before; nil for all.
    func round(
        of session: Int, keeping kept: Int?, newTokens: Int, outputTokens: Int
    ) -> Round {
        let context = sessions[session].context
        return Round(
            newTokens: newTokens, outputTokens: outputTokens,
            prompt: kept.map { min($0, context) + newTokens },
            isCompacted: kept.map { Self.isCompacted($0, of: context) } ?? false)
    }

    /// New prompt tokens of a session's first round.
    func firstPrompt(of session: Int) -> Int { sessions[session].firstPrompt }

    /// Adds the next round of a session; lengths of 0 are simulated as 1.
    mutating func add(_ round: Round, to index: Int) {
        let isFirst = sessions[index].rounds == 0
        let (new, output) = (max(1, round.newTokens), max(1, round.outputTokens))
        if round.newTokens < 1 { emptyPrompts += 1 }
        if round.outputTokens < 1 { emptyAnswers += 1 }
        let prompt = round.prompt ?? (sessions[index].context + round.newTokens)
        let isShortened = !isFirst && prompt - max(0, round.newTokens) < sessions[index].context
        if isShortened {
            lostHistories += 1
            if prompt == sessions[index].lastPrompt { retries += 1 }
            note(shortened: prompt, round.newTokens, of: index)
        }
        assembly?.add(
            to: index, newTokens: new, outputTokens: output,
            history: isShortened ? max(0, prompt - new) : nil)
        let arrival = sessions[index].isChild ? nil : sessions[index].arrival
        let call = TraceStatistics.Call(
            isFirst: isFirst, prompt: prompt, fresh: round.newTokens,
            isCompacted: round.isCompacted, output: round.outputTokens,
            start: round.start ?? (isFirst ? arrival : nil),
            gap: sessions[index].gap)
        if sessions[index].isApart { statistics.addApart() } else { statistics.add(call) }
        statistics.count(simulated: new, output)
        sessions[index].gap = nil
        sessions[index].rounds += 1
        sessions[index].context = prompt + round.outputTokens
        sessions[index].lastPrompt = prompt
        sessions[index].longestPrompt = max(sessions[index].longestPrompt, prompt)
        if isFirst { sessions[index].firstPrompt = new }
    }

    /// A prompt that lacks some of what was said before: thinking that was dropped is not worth a word.
    private mutating func note(shortened prompt: Int, _ newTokens: Int, of index: Int) {
        let kept = max(0, prompt - max(0, newTokens))
        guard Self.isCompacted(kept, of: sessions[index].context), !sessions[index].isApart else {
            return
        }
        sessions[index].wasShortened = true
        statistics.addShortened(history: kept, newTokens: prompt - kept)
    }

    /// Whether a context is another one: less than 90 % of what was said before is kept.
    private static func isCompacted(_ kept: Int, of context: Int) -> Bool {
        Double(kept) < 0.9 * Double(context)
    }

    /// Notes how long after the newest round of a session the next is released, if there is one.
    ///
    /// The figures have `told` in its place where that is what the trace says.
    mutating func wait(_ nanoseconds: Int64, in index: Int, told: Int64? = nil) {
        sessions[index].gap = told ?? nanoseconds
        assembly?.wait(nanoseconds, in: index)
    }

    /// Lets every prompt of a session begin with a segment and those before it.
    mutating func set(prefix: Int32, of index: Int) {
        sessions[index].prefix = prefix
        assembly?.set(prefix: prefix, of: index)
    }

    func prefix(of index: Int) -> Int32 { sessions[index].prefix }

    /// Says whose a session is that arrives by itself, and all that it starts.
    mutating func set(tenant: Int16, of index: Int) { assembly?.set(tenant: tenant, of: index) }

    /// Names the tool that is called after the newest round of a session.
    mutating func set(tool: Int16, of index: Int) { assembly?.set(tool: tool, of: index) }

    /// Ends a session, which must not be used after that.
    mutating func close(_ index: Int) {
        if sessions[index].isApart {
            statistics.endApart()
        } else {
            statistics.endSession(rounds: sessions[index].rounds)
            statistics.count(
                longestPrompt: sessions[index].longestPrompt,
                wasShortened: sessions[index].wasShortened)
        }
        sessions[index].rounds = 0
        if assembly == nil { free.append(index) }
    }

    /// What was read, once all sessions that are still open have ended too.
    ///
    /// - Throws: `empty` where there were none.
    mutating func finish(
        _ format: TraceFormat, notes: [String]
    ) throws(WorkloadError) -> RecordedTrace {
        for index in sessions.indices where sessions[index].rounds > 0 { close(index) }
        guard statistics.calls > 0 else { throw .empty }
        let table = assembly?.table(vocabulary)
        return RecordedTrace(
            sessions: table ?? SessionTable(), format: format,
            notes: notes + corrections + (table.map(Self.clock) ?? []), statistics: statistics)
    }

    private var corrections: [String] {
        var notes: [String] = []
        let tenants = vocabulary.tenants.names
        if !tenants.isEmpty {
            notes.append(
                """
                Sessions belong to tenants (\(tenants.prefix(10).joined(separator: ", "))); figures are of all \
                together.
                """)
        }
        if emptyPrompts > 0 {
            notes.append("Rounds without new prompt tokens, counted as 1 token: \(emptyPrompts).")
        }
        if emptyAnswers > 0 {
            notes.append("Rounds without output tokens, counted as 1 token: \(emptyAnswers).")
        }
        if lostHistories > 0 {
            notes.append(
                """
                Rounds whose prompts lack some of what was said before, which is given up when they are \
                released: \(lostHistories).
                """)
        }
        if retries > 0 {
            notes.append(
                """
                Of these, rounds whose prompt is exactly as long as the one before, as of a retry or an answer that \
                is asked for again: \(retries).
                """)
        }
        let late = statistics.arrivals?.late ?? statistics.sessionArrivals?.late ?? 0
        if late > 0 {
            notes.append(
                """
                Calls that stand more than \(ArrivalCounter.window) others behind a later one: \(late). How calls \
                follow each other is not told; sort the trace.
                """)
        }
        return notes
    }

    /// A word of warning where sessions arrive in groups, as under a clock of whole seconds.
    private static func clock(_ table: SessionTable) -> [String] {
        guard let slot = TimeGrid(table.jobArrivals).slot else { return [] }
        return [
            """
            Sessions arrive in groups \(Double(slot) / 1e9) s apart and are kept so; if the \
            clock of the trace was that coarse, spread the arrivals before planning.
            """
        ]
    }
}
