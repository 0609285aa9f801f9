import ServingDomain

/// Few sessions, each several times, with first prompts and numbers of rounds that lie between those of its
/// neighbours.
///
/// Percentiles of few values are interpolated between them, and draws of whole sessions know these alone: of
/// twelve, the greatest would be the 95th percentile. So each copy of the session of rank i of n takes the
/// sample's percentile at (i + u) / n, with u spread evenly over the copies, for both quantities by their own
/// ranks. A copy that is to have more rounds than its session goes on with those of the next longer one.
struct VariedSessions {
    /// As many sessions or more are not varied.
    private static let few = 100
    /// Sessions that they become, or more.
    private static let enough = 240

    let table: SessionTable
    let copies: Int

    /// Nil where there are enough sessions, or some that start others.
    init?(_ sessions: SessionTable) {
        guard sessions.trees.isEmpty, 1..<Self.few ~= sessions.count else { return nil }
        let all = 0..<sessions.count
        let copies = (Self.enough + sessions.count - 1) / sessions.count
        let lengths = RankedValues(all.map { sessions.rounds(of: $0).count })
        let prompts = RankedValues(all.map { Int(sessions.rounds(of: $0).first?.newTokens ?? 1) })
        var table = SessionTable(labelsOf: sessions)
        for copy in 0..<copies {
            for session in all {
                let place = (Double(copy) + 0.5) / Double(copies)
                // Another order of the copies, so that longer ones have no longer prompts.
                let other = (Double((copy + 7 * session) % copies) + 0.5) / Double(copies)
                table.append(
                    session, thenOf: lengths.next(after: session), of: sessions,
                    rounds: lengths.value(of: session, at: place),
                    prompt: max(1, prompts.value(of: session, at: other)))
            }
        }
        (self.table, self.copies) = (table, copies)
    }
}

extension SessionTable {
    /// Adds so many rounds of a session of a table whose labels this one knows, and behind its last those of a
    /// longer one, with another first prompt.
    fileprivate mutating func append(
        _ session: Int, thenOf longer: Int, of other: Self, rounds count: Int, prompt: Int
    ) {
        let own = other.firstRound[session]..<other.firstRound[session + 1]
        let next = other.firstRound[longer]..<other.firstRound[longer + 1]
        let places = Array((Array(own) + next.dropFirst(own.count)).prefix(max(1, count)))
        let script = places.enumerated().map { place, round in
            // Nothing is known of the delay after the last round of a session.
            let isEnd = round == own.upperBound - 1 && place + 1 < places.count
            let delay = other.rounds[isEnd ? next.lowerBound + place : round].delayAfter
            return RoundScript(
                newTokens: place == 0 ? prompt : Int(other.rounds[round].newTokens),
                outputTokens: Int(other.rounds[round].outputTokens),
                delayAfter: place + 1 < places.count ? delay : 0)
        }
        append(arrival: 0, rounds: script)
        setTenant(other.tenants.label(ofSession: session))
        for (place, round) in places.enumerated() {
            setTool(other.tools.label(ofRound: round), afterRound: place)
            let kept = other.histories.tokens(ofRound: round)
            guard kept != KeptHistories.all else { continue }
            // What keeps the first prompt keeps all of the other one too.
            let whole = own.contains(round) ? own : next
            let first = other.rounds[whole.lowerBound].newTokens
            let shift = kept >= first ? Int32(clamping: prompt) - first : 0
            setHistory(max(0, kept + shift), ofRound: place)
        }
    }
}

/// Values with their ranks, equal ones in their order.
private struct RankedValues {
    private let ascending: [Int]
    private let order: [Int]
    private let ranks: [Int]

    init(_ values: [Int]) {
        order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
        ascending = order.map { values[$0] }
        var ranks = values
        for (rank, place) in order.enumerated() { ranks[place] = rank }
        self.ranks = ranks
    }

    /// The percentile at a share, from 0 to 1, of the way from the rank of a value to the next.
    func value(of place: Int, at share: Double) -> Int {
        let position =
            (Double(ranks[place]) + share) / Double(ranks.count) * Double(ranks.count - 1)
        let low = Int(position)
        let high = min(low + 1, ascending.count - 1)
        let rise = Double(ascending[high] - ascending[low]) * (position - Double(low))
        return ascending[low] + Int(rise.rounded())
    }

    /// The place of the next greater value, or of the greatest.
    func next(after place: Int) -> Int { order[min(ranks[place] + 1, order.count - 1)] }
}
