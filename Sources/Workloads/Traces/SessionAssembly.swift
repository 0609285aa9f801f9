import ServingDomain

/// Gathers the sessions of a trace and puts them in order.
struct SessionAssembly {
    private struct Session {
        var arrival: Int64
        var rounds: [RoundScript] = []
        /// The last segment that all its prompts begin with.
        var prefix = SharedPrefixes.none
        /// Of a session that arrives by itself; those that it starts are of the same tenant.
        var tenant = TenantLabels.none
        /// Whether a round of another session starts it.
        var isChild = false
        /// Sessions that its rounds start, in order of round and trace.
        var children: [(round: Int, session: Int)] = []
        /// Label of each round; ends after the last that has one.
        var tools: [Int16] = []
        /// Rounds that do not keep all of their histories, with the tokens that they keep.
        var histories: [(round: Int, tokens: Int32)] = []
    }

    private var sessions: [Session] = []

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

    /// Adds the next round of a session, of at least one token each.
    ///
    /// - Parameters:
    ///   - session: the index.
    ///   - newTokens: of its prompt.
    ///   - outputTokens: of its answer.
    ///   - history: tokens of what was said before with which the prompt begins; nil for all of them.
    mutating func add(to session: Int, newTokens: Int, outputTokens: Int, history: Int?) {
        if let history {
            sessions[session].histories.append(
                (sessions[session].rounds.count, Int32(clamping: history)))
        }
        sessions[session].rounds.append(
            RoundScript(newTokens: newTokens, outputTokens: outputTokens, delayAfter: 0))
    }

    /// Sets the delay after the newest round of a session.
    mutating func wait(_ nanoseconds: Int64, in session: Int) {
        guard let last = sessions[session].rounds.popLast() else { return }
        sessions[session].rounds.append(
            RoundScript(
                newTokens: Int(last.newTokens), outputTokens: Int(last.outputTokens),
                delayAfter: nanoseconds))
    }

    /// Lets every prompt of a session begin with a segment and those before it.
    mutating func set(prefix: Int32, of session: Int) { sessions[session].prefix = prefix }

    /// Says whose the job of a session is that arrives by itself.
    mutating func set(tenant: Int16, of session: Int) { sessions[session].tenant = tenant }

    /// Names the tool that is called after the newest round of a session.
    mutating func set(tool: Int16, of session: Int) {
        guard tool != ToolLabels.none else { return }
        let unnamed = sessions[session].rounds.count - 1 - sessions[session].tools.count
        sessions[session].tools += Array(repeating: ToolLabels.none, count: unnamed) + [tool]
    }

    /// The jobs by arrival, equal arrivals in the order of the trace; the earliest is at 0 and no
    /// last round has a delay.
    func table(_ vocabulary: TraceVocabulary) -> SessionTable {
        let order = sessions.indices.filter { !sessions[$0].isChild }.sorted {
            (sessions[$0].arrival, $0) < (sessions[$1].arrival, $1)
        }
        let start = order.first.map { sessions[$0].arrival } ?? 0
        var table = SessionTable()
        table.prefixes = vocabulary.prefixes
        table.tools = vocabulary.tools
        table.tenants = vocabulary.tenants
        var lists: [Int32: Range<Int32>] = [:]
        for root in order { appendJob(root, start: start, to: &table, &lists) }
        return table
    }

    /// A root, then what its rounds start, then what the rounds of these start, and so on.
    private func appendJob(
        _ root: Int, start: Int64, to table: inout SessionTable,
        _ lists: inout [Int32: Range<Int32>]
    ) {
        table.append(
            arrival: sessions[root].arrival - start,
            rounds: Self.withoutLastDelay(sessions[root].rounds))
        table.setTenant(sessions[root].tenant)
        addContent(of: sessions[root], to: &table, &lists)
        let first = table.count - 1
        var (pending, next) = ([root], 0)
        while next < pending.count {
            for (round, child) in sessions[pending[next]].children {
                table.append(
                    startedByRound: table.firstRound[first + next] + round,
                    rounds: Self.withoutLastDelay(sessions[child].rounds))
                table.setTenant(sessions[root].tenant)
                addContent(of: sessions[child], to: &table, &lists)
                pending.append(child)
            }
            next += 1
        }
    }

    /// Tools, histories and prefix of the session that was added last.
    private func addContent(
        of session: Session, to table: inout SessionTable, _ lists: inout [Int32: Range<Int32>]
    ) {
        for (round, tool) in session.tools.enumerated() { table.setTool(tool, afterRound: round) }
        for (round, tokens) in session.histories { table.setHistory(tokens, ofRound: round) }
        guard session.prefix != SharedPrefixes.none else { return }
        let list =
            lists[session.prefix] ?? table.prefixes.addList(endingWith: session.prefix)
        lists[session.prefix] = list
        table.setPrefix(list)
    }

    private static func withoutLastDelay(_ rounds: [RoundScript]) -> [RoundScript] {
        guard let last = rounds.last else { return rounds }
        return rounds.dropLast() + [
            RoundScript(
                newTokens: Int(last.newTokens), outputTokens: Int(last.outputTokens), delayAfter: 0)
        ]
    }
}
