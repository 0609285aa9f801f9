import DiscreteEvents

extension OracleScenario {
    /// Sessions after which no further job begins.
    private static let most = 60

    /// Sessions that come singly, in crowds or all at once, their times on a grid.
    static func sessions(grid: Int, _ draw: inout Draw) -> [Session] {
        let gap = draw.one(of: [600_000, 60_000, 1])
        let hasTrees = draw.integer(below: 5) == 0
        var (time, sessions) = (0, [Session]())
        for _ in 0..<(2 + draw.integer(below: 18)) where sessions.count < most {
            time += draw.integer(below: 2 * gap)
            let root = Session(
                arrival: Int64(time / grid * grid), rounds: rounds(grid: grid, &draw))
            sessions.append(root)
            if hasTrees { addChildren(of: sessions.count - 1, grid: grid, &draw, to: &sessions) }
        }
        return sessions
    }

    /// New tokens, output tokens and delay of each of one to four rounds.
    private static func rounds(grid: Int, _ draw: inout Draw) -> [[Int64]] {
        (0..<(1 + draw.integer(below: 4))).map { _ in
            let delay = draw.one(of: [0, draw.integer(below: 400_000) / grid * grid])
            return [
                1 + draw.integer(below: draw.one(of: [150, 150, 3])), 1 + draw.integer(below: 12),
                delay,
            ]
            .map(Int64.init)
        }
    }

    /// Lets some rounds of a root start one or two sessions, and some of these one more.
    private static func addChildren(
        of parent: Int, grid: Int, _ draw: inout Draw, to sessions: inout [Session]
    ) {
        let isRoot = sessions[parent].startedBy == nil
        for round in sessions[parent].rounds.indices where draw.integer(below: 3) == 0 {
            let first = sessions.count
            for _ in 0...draw.integer(below: 2) {
                sessions.append(
                    Session(
                        arrival: sessions[parent].arrival, rounds: rounds(grid: grid, &draw),
                        startedBy: [parent, round]))
            }
            guard isRoot else { continue }
            for child in first..<sessions.count {
                addChildren(of: child, grid: grid, &draw, to: &sessions)
            }
        }
    }
}

extension OracleScenario {
    /// Tells the draws of rounds where they are dispatched at random: they belong to their numbers.
    mutating func tellDraws() {
        guard policy.dispatch == "random" else { return }
        let stream = RandomStream(seed: 0, named: "dispatch")
        for session in sessions.indices {
            sessions[session].draws = sessions[session].rounds.indices.map {
                stream.draw(session, $0)
            }
        }
    }
}

extension OracleScenario {
    /// Shared segments, and prompts of some sessions that begin with them; none in most scenarios.
    static func segments(_ draw: inout Draw, _ sessions: inout [Session]) -> [[Int]] {
        guard draw.integer(below: 3) == 0 else { return [] }
        let segments = (0..<(1 + draw.integer(below: 5))).map { place in
            [1 + draw.integer(below: 50), draw.integer(below: place + 1) - 1]
        }
        for session in sessions.indices where draw.integer(below: 4) > 0 {
            let last = draw.integer(below: segments.count)
            var (segment, tokens) = (last, 0)
            while segment >= 0 {
                tokens += segments[segment][0]
                segment = segments[segment][1]
            }
            sessions[session].prefix = last
            let isAll = draw.integer(below: 4) == 0
            sessions[session].rounds[0][0] =
                Int64(tokens) + (isAll ? 0 : sessions[session].rounds[0][0])
        }
        return segments
    }
}

extension OracleScenario {
    /// Lets some later rounds of a scenario in three keep only the first tokens of their histories,
    /// shared ones sometimes among those that are lost.
    mutating func drawHistories(seed: Int) {
        var draw = Draw(RandomSequence(seed: UInt64(seed), named: "oracle histories"))
        guard draw.integer(below: 3) == 0 else { return }
        for session in sessions.indices {
            for round in sessions[session].rounds.indices.dropFirst()
            where draw.integer(below: 3) == 0 {
                let said = sessions[session].rounds[..<round].reduce(0) { $0 + $1[0] + $1[1] }
                sessions[session].rounds[round].append(
                    Int64(draw.one(of: [0, draw.integer(below: Int(said) + 2)])))
            }
        }
    }
}

extension OracleScenario.Session {
    /// Every token of the conversation, whether or not all of them are kept.
    var longestContext: Int { Int(rounds.reduce(0) { $0 + $1[0] + $1[1] }) }
}
