import DiscreteEvents
import ServingDomain

/// Few sessions, each several times, with other first prompts and numbers of rounds that lie between those of
/// its neighbours.
///
/// Percentiles of few values are interpolated between them, and draws of whole sessions know these alone: of
/// twelve, the greatest would be the 95th percentile, and the median one of the two in the middle. So the
/// first prompts of the copies of the session of rank i of n are the sample's percentiles at (i + u) / n, with
/// u spread evenly over the copies; and their rounds are spread from halfway to the next shorter session to
/// halfway to the next longer one, which leaves the mean as it is. A copy that is to have more rounds than its
/// session goes on with those of the next longer one.
struct VariedSessions {
    /// As many sessions or more are not varied.
    private static let few = 100
    /// Sessions that they become, or more.
    private static let enough = 240

    let table: SessionTable
    let copies: Int

    /// Nil where there are enough sessions, or some that start others.
    ///
    /// - Parameters:
    ///   - sessions: to be varied.
    ///   - most: rounds of all copies, unless the sessions have more themselves.
    init?(_ sessions: SessionTable, rounds most: Int) {
        guard sessions.trees.isEmpty, 1..<Self.few ~= sessions.count else { return nil }
        let copies = min(
            (Self.enough + sessions.count - 1) / sessions.count,
            max(1, most / sessions.rounds.count))
        guard copies > 1 else { return nil }
        let all = 0..<sessions.count
        let lengths = RankedValues(all.map { sessions.rounds(of: $0).count })
        let prompts = RankedValues(all.map { Int(sessions.rounds(of: $0).first?.newTokens ?? 1) })
        let places = (0..<copies).map { (Double($0) + 0.5) / Double(copies) }
        let order = RandomStream(seed: 1, named: "first prompts of copies")
        var table = SessionTable(labelsOf: sessions)
        for session in all {
            // Copies with more rounds have no longer prompts.
            let others = (0..<copies).sorted {
                (order.draw(session, $0), $0) < (order.draw(session, $1), $1)
            }
            for (place, other) in zip(places, others) {
                table.append(
                    session, thenOf: lengths.next(after: session), of: sessions,
                    rounds: lengths.between(neighboursOf: session, at: place),
                    prompt: max(1, prompts.percentile(of: session, at: places[other])))
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
            let shift = kept >= first ? prompt - Int(first) : 0
            let most = Int(KeptHistories.all) - 1
            setHistory(Int32(min(most, max(0, Int(kept) + shift))), ofRound: place)
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
    func percentile(of place: Int, at share: Double) -> Int {
        let percent = 100 * (Double(ranks[place]) + share) / Double(ranks.count)
        return Int((Percentile.value(percent, of: ascending.map(Double.init)) ?? 0).rounded())
    }

    /// What lies at a share, from 0 to 1, of the way from halfway to the next smaller value to halfway to the
    /// next greater one; at either end, from or to the value itself.
    func between(neighboursOf place: Int, at share: Double) -> Int {
        let own = Double(ascending[ranks[place]])
        let smaller = Double(ascending[max(0, ranks[place] - 1)])
        let greater = Double(ascending[min(ascending.count - 1, ranks[place] + 1)])
        let (low, high) = ((smaller + own) / 2, (own + greater) / 2)
        return Int((low + share * (high - low)).rounded())
    }

    /// The place of the next greater value, or of the greatest.
    func next(after place: Int) -> Int { order[min(ranks[place] + 1, order.count - 1)] }
}
