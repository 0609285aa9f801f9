/// What rounds hold beside their lengths, and whole jobs at once.
extension SessionTable {
    /// Lets all prompts of the newest session begin with a list of `prefixes`, as far as they keep it.
    ///
    /// - Precondition: the session's first prompt is at least as long as the list's tokens, and what
    ///   its rounds keep of their histories is known.
    public mutating func setPrefix(_ list: Range<Int32>) {
        let tokens = prefixes.tokens(in: Int(list.lowerBound)..<Int(list.upperBound))
        precondition(tokens <= Int(rounds[firstRound[count - 1]].newTokens))
        var alive = list
        for round in firstRound[count - 1]..<rounds.count {
            let kept = histories.kept(of: .max, byRound: round)
            while !alive.isEmpty,
                prefixes.tokens(in: Int(alive.lowerBound)..<Int(alive.upperBound)) > kept
            {
                alive = alive.lowerBound..<alive.upperBound - 1
            }
            prefixes.set(alive, ofRound: round)
        }
    }

    /// Says how many tokens of what was said before a round of the newest session, counted from 0,
    /// its prompt still begins with.
    public mutating func setHistory(_ tokens: Int32, ofRound round: Int) {
        histories.set(tokens, ofRound: firstRound[count - 1] + round)
    }

    /// Says which tool is called after a round of the newest session, counted from 0.
    public mutating func setTool(_ label: Int16, afterRound round: Int) {
        tools.set(label, ofRound: firstRound[count - 1] + round)
    }

    /// Says whose the newest session is.
    public mutating func setTenant(_ label: Int16) { tenants.set(label, ofSession: count - 1) }

    /// Adds a copy of a job of `other`, from which this table has its vocabulary.
    public mutating func append(arrival: Int64, copyingJob job: Int, of other: Self) {
        let (copied, shift) = appendRounds(arrival: arrival, ofJob: job, of: other) {
            other.tenants.label(ofSession: $0)
        }
        for round in copied {
            prefixes.copyList(ofRound: round, of: other.prefixes, to: round + shift)
            tools.set(other.tools.label(ofRound: round), ofRound: round + shift)
            histories.set(other.histories.tokens(ofRound: round), ofRound: round + shift)
        }
    }

    /// Adds a copy of a job of `other`, whose tools and tenants this table knows, without the prefixes that
    /// prompts share, and where `alone` without the sessions that its first one starts.
    public mutating func append(
        arrival: Int64, copyingLengthsOfJob job: Int, of other: Self, alone: Bool
    ) {
        let (copied, shift) = appendRounds(arrival: arrival, ofJob: job, of: other, alone: alone) {
            other.tenants.label(ofSession: $0)
        }
        for round in copied {
            tools.set(other.tools.label(ofRound: round), ofRound: round + shift)
            histories.set(other.histories.tokens(ofRound: round), ofRound: round + shift)
        }
    }

    /// Adds the sessions of a job of another table with their rounds, without what these hold beside their
    /// lengths.
    ///
    /// - Parameters:
    ///   - arrival: of the job.
    ///   - job: of the other table.
    ///   - other: that has it.
    ///   - alone: whether only the first session is added, and none that it starts.
    ///   - tenant: whose a session of the other table is here.
    /// - Returns: places of the rounds in the other table, and by how much more they are here.
    mutating func appendRounds(
        arrival: Int64, ofJob job: Int, of other: Self, alone: Bool = false,
        tenant: (Int) -> Int16
    ) -> (rounds: Range<Int>, shift: Int) {
        let all = other.trees.sessions(ofJob: job)
        let sessions = alone ? all.prefix(1) : all
        let first = other.firstRound[sessions.lowerBound]
        let shift = rounds.count - first
        for session in sessions {
            if session == sessions.lowerBound {
                append(arrival: arrival, rounds: other.rounds(of: session))
            } else {
                append(
                    startedByRound: Int(other.trees.startingRounds[session]) + shift,
                    rounds: other.rounds(of: session))
            }
            setTenant(tenant(session))
        }
        return (first..<other.firstRound[sessions.upperBound], shift)
    }

    /// Arrivals of the jobs in nanoseconds from the start, never decreasing.
    public var jobArrivals: [Int64] {
        (0..<jobCount).map { arrivals[trees.sessions(ofJob: $0).lowerBound] }
    }

    /// A session and all that it starts, directly or not: how many sessions and rounds.
    public func sizeOfTree(at session: Int) -> (sessions: Int, rounds: Int) {
        var (pending, sessions, rounds) = ([session], 0, 0)
        while let next = pending.popLast() {
            let range = firstRound[next]..<firstRound[next + 1]
            sessions += 1
            rounds += range.count
            for round in range { pending += trees.children(ofRound: round) }
        }
        return (sessions, rounds)
    }
}
