import ServingDomain

/// Gathers the sessions of a trace and puts them in order.
struct SessionAssembly {
    private struct Session {
        var arrival: Int64
        var rounds: [RoundScript] = []
        /// The last segment that all its prompts begin with.
        var prefix = SharedPrefixes.none
        /// Whether a round of another session starts it.
        var isChild = false
        /// Sessions that its rounds start, in order of round and trace.
        var children: [(round: Int, session: Int)] = []
        /// Label of each round; ends after the last that has one.
        var tools: [Int16] = []
    }

    var vocabulary = TraceVocabulary()
    private var sessions: [Session] = []
    private var emptyPrompts = 0
    private var emptyAnswers = 0

    /// Opens a session that arrives at `arrival` nanoseconds and returns its index.
    mutating func open(arrival: Int64) -> Int {
        sessions.append(Session(arrival: arrival))
        return sessions.count - 1
    }

    /// Opens a session that a round of `parent` starts, counted from 0, and returns its index.
    mutating func open(startedBy parent: Int, round: Int) -> Int {
        sessions.append(Session(arrival: sessions[parent].arrival, isChild: true))
        let place = sessions[parent].children.firstIndex { $0.round > round }
        sessions[parent].children.insert(
            (round, sessions.count - 1), at: place ?? sessions[parent].children.count)
        return sessions.count - 1
    }

    func arrival(of session: Int) -> Int64 { sessions[session].arrival }

    func roundCount(of session: Int) -> Int { sessions[session].rounds.count }

    /// New prompt tokens of a session's first round.
    func firstPrompt(of session: Int) -> Int {
        sessions[session].rounds.first.map { Int($0.newTokens) } ?? 0
    }

    /// Adds the next round of a session; lengths of 0 count as 1.
    mutating func add(to session: Int, newTokens: Int, outputTokens: Int, delayAfter: Int64) {
        if newTokens < 1 { emptyPrompts += 1 }
        if outputTokens < 1 { emptyAnswers += 1 }
        sessions[session].rounds.append(
            RoundScript(
                newTokens: max(1, newTokens), outputTokens: max(1, outputTokens),
                delayAfter: delayAfter))
    }

    /// Lets every prompt of a session begin with a segment and those before it.
    mutating func set(prefix: Int32, of session: Int) { sessions[session].prefix = prefix }

    func prefix(of session: Int) -> Int32 { sessions[session].prefix }

    /// Names the tool that is called after the newest round of a session.
    mutating func set(tool: Int16, of session: Int) {
        guard tool != ToolLabels.none else { return }
        let unnamed = roundCount(of: session) - 1 - sessions[session].tools.count
        sessions[session].tools += Array(repeating: ToolLabels.none, count: unnamed) + [tool]
    }

    /// The jobs by arrival, equal arrivals in the order of the trace; the earliest is at 0 and no
    /// last round has a delay.
    ///
    /// - Parameters:
    ///   - format: what was read.
    ///   - statistics: those of the calls where the reader knows more of them than their sessions tell.
    ///   - notes: what the reader assumed.
    /// - Returns: the trace as it can be simulated.
    /// - Throws: `empty` where there are no sessions.
    func trace(
        _ format: TraceFormat, statistics: TraceStatistics? = nil, notes: [String]
    ) throws(WorkloadError) -> RecordedTrace {
        let order = sessions.indices.filter { !sessions[$0].isChild }.sorted {
            (sessions[$0].arrival, $0) < (sessions[$1].arrival, $1)
        }
        guard let first = order.first else { throw .empty }
        let start = sessions[first].arrival
        var table = SessionTable()
        table.prefixes = vocabulary.prefixes
        table.tools = vocabulary.tools
        var lists: [Int32: Range<Int32>] = [:]
        for root in order { appendJob(root, start: start, to: &table, &lists) }
        return RecordedTrace(
            sessions: table, format: format,
            notes: notes + corrections + clock(table.jobArrivals),
            statistics: statistics ?? ownStatistics)
    }

    /// Of calls whose prompts are all that their sessions have said so far.
    private var ownStatistics: TraceStatistics {
        var statistics = TraceStatistics(gapMeaning: .delay)
        for session in sessions {
            var context = 0
            for (number, round) in session.rounds.enumerated() {
                context += Int(round.newTokens)
                statistics.add(
                    TraceStatistics.Call(
                        isFirst: number == 0, prompt: context, fresh: Int(round.newTokens),
                        output: Int(round.outputTokens),
                        start: number == 0 && !session.isChild ? session.arrival : nil,
                        gap: number > 0 ? session.rounds[number - 1].delayAfter : nil))
                context += Int(round.outputTokens)
            }
            statistics.endSession(rounds: session.rounds.count)
        }
        return statistics
    }

    /// A root, then what its rounds start, then what the rounds of these start, and so on.
    private func appendJob(
        _ root: Int, start: Int64, to table: inout SessionTable,
        _ lists: inout [Int32: Range<Int32>]
    ) {
        table.append(
            arrival: sessions[root].arrival - start,
            rounds: Self.withoutLastDelay(sessions[root].rounds))
        addContent(of: sessions[root], to: &table, &lists)
        let first = table.count - 1
        var (pending, next) = ([root], 0)
        while next < pending.count {
            for (round, child) in sessions[pending[next]].children {
                table.append(
                    startedByRound: table.firstRound[first + next] + round,
                    rounds: Self.withoutLastDelay(sessions[child].rounds))
                addContent(of: sessions[child], to: &table, &lists)
                pending.append(child)
            }
            next += 1
        }
    }

    /// Tools and prefix of the session that was added last.
    private func addContent(
        of session: Session, to table: inout SessionTable, _ lists: inout [Int32: Range<Int32>]
    ) {
        for (round, tool) in session.tools.enumerated() { table.setTool(tool, afterRound: round) }
        guard session.prefix != SharedPrefixes.none else { return }
        let list =
            lists[session.prefix] ?? table.prefixes.addList(endingWith: session.prefix)
        lists[session.prefix] = list
        table.setPrefix(list)
    }

    private var corrections: [String] {
        var notes: [String] = []
        if emptyPrompts > 0 {
            notes.append("Rounds without new prompt tokens, counted as 1 token: \(emptyPrompts).")
        }
        if emptyAnswers > 0 {
            notes.append("Rounds without output tokens, counted as 1 token: \(emptyAnswers).")
        }
        return notes
    }

    /// A word of warning where sessions arrive in groups, as under a clock of whole seconds.
    private func clock(_ arrivals: [Int64]) -> [String] {
        guard let slot = TimeGrid(arrivals).slot else { return [] }
        return [
            """
            Sessions arrive in groups \(Double(slot) / 1e9) s apart and are kept so; if the \
            clock of the trace was that coarse, spread the arrivals before planning.
            """
        ]
    }

    private static func withoutLastDelay(_ rounds: [RoundScript]) -> [RoundScript] {
        guard let last = rounds.last else { return rounds }
        return rounds.dropLast() + [
            RoundScript(
                newTokens: Int(last.newTokens), outputTokens: Int(last.outputTokens), delayAfter: 0)
        ]
    }
}
