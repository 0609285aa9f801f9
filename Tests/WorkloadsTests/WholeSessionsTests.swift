import DiscreteEvents
import ServingDomain
import Testing
import Workloads

@Suite("Whole sessions in place of laws")
struct WholeSessionsTests {
    /// A round with its own new tokens, so that it can be told from all others.
    private typealias Round = (new: Int, kept: Int?)

    private static func trace(_ sessions: [[Round]]) throws -> RecordedTrace {
        let lines = sessions.enumerated().map { place, rounds in
            let parts = rounds.map { round in
                let kept = round.kept.map { #", "history_tokens": \#($0)"# } ?? ""
                return
                    #"{"new_tokens": \#(round.new), "output_tokens": 5, "delay_after_s": 3\#(kept)}"#
            }
            return #"{"arrival_s": \#(place), "rounds": [\#(parts.joined(separator: ", "))]}"#
        }
        return try TraceReader.read(lines.joined(separator: "\n"))
    }

    private static func whole(_ trace: RecordedTrace) -> WholeSessions {
        WholeSessions(trace, WorkloadFit(trace.statistics), beside: "x.jsonl")
    }

    /// Session s of n: first prompt 1000 (s + 1)², and 3 s + 1 rounds; the second keeps half of the first
    /// prompt, and those after it what it has.
    private static func uneven(_ n: Int) throws -> RecordedTrace {
        try trace(
            (0..<n).map { session in
                let first = 1000 * (session + 1) * (session + 1)
                return [(first, nil)]
                    + (0..<(3 * session)).map { round in
                        (100 * session + round + 1, round == 0 ? first / 2 : nil)
                    }
            })
    }

    private static func percentiles(_ values: [Int]) -> [Double] {
        [50.0, 95].compactMap { Percentile.value($0, of: values.map(Double.init)) }
    }

    private static func firsts(_ table: SessionTable) -> [Int] {
        (0..<table.count).compactMap { table.rounds(of: $0).first.map { Int($0.newTokens) } }
    }

    private static func lengths(_ table: SessionTable) -> [Int] {
        (0..<table.count).map { table.rounds(of: $0).count }
    }

    @Test("few sessions stand several times, with percentiles between theirs", arguments: [12, 15])
    func few(count: Int) throws {
        let trace = try Self.uneven(count)
        let whole = Self.whole(trace)
        #expect(whole.jobs == count && whole.jobsOfTrace == count)
        #expect(whole.copies == 240 / count && whole.table.count == 240)
        for figures in [Self.firsts, Self.lengths] {
            for (own, varied) in zip(
                Self.percentiles(figures(trace.sessions)), Self.percentiles(figures(whole.table)))
            {
                #expect((varied / own - 1).magnitude < 0.03, "\(varied) for \(own)")
            }
        }
        // No copy begins or ends beyond the sessions that were recorded.
        #expect(Self.firsts(whole.table).max() ?? 0 <= 1000 * count * count)
        #expect(Self.lengths(whole.table).max() ?? 0 <= 3 * count - 2)
        // There are as many rounds as before.
        let mean = Double(whole.table.rounds.count) / Double(whole.copies)
        #expect((mean / Double(trace.sessions.rounds.count) - 1).magnitude < 0.01)
    }

    @Test("later rounds are those of a session and then of a longer one, in their order")
    func order() throws {
        let table = Self.whole(try Self.uneven(12)).table
        var pairs: [(Double, Double)] = []
        for session in 0..<table.count {
            let rounds = table.rounds(of: session)
            let numbers = rounds.dropFirst().map { Int($0.newTokens) }
            for (place, number) in numbers.enumerated() { #expect(number % 100 == place + 1) }
            let owners = numbers.map { $0 / 100 }
            #expect(owners == owners.sorted() && Set(owners).count <= 2)
            #expect(rounds.last?.delayAfter == 0)
            #expect(rounds.dropLast().allSatisfy { $0.delayAfter == 3_000_000_000 })
            guard rounds.count > 1, let first = rounds.first, let owner = owners.first else {
                continue
            }
            // Half of a first prompt is less than all of it, and stays what it was.
            let kept = table.histories.tokens(ofRound: table.firstRound[session] + 1)
            #expect(Int(kept) == 500 * (owner + 1) * (owner + 1))
            // How far the copy is off its session, in both respects.
            pairs.append(
                (
                    Double(rounds.count - 3 * owner - 1),
                    Double(first.newTokens) / Double(1000 * (owner + 1) * (owner + 1)) - 1
                ))
        }
        let (x, y) = (pairs.map(\.0), pairs.map(\.1))
        let (meanX, meanY) = (
            x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count)
        )
        let products = zip(x, y).map { ($0 - meanX) * ($1 - meanY) }.reduce(0, +)
        let squares = (
            x.map { ($0 - meanX) * ($0 - meanX) }.reduce(0, +),
            y.map { ($0 - meanY) * ($0 - meanY) }.reduce(0, +)
        )
        #expect((products / (squares.0 * squares.1).squareRoot()).magnitude < 0.3)
        // They come in no order of their length.
        let half = Self.lengths(table).prefix(120).reduce(0, +)
        #expect((Double(half) / Double(table.rounds.count) - 0.5).magnitude < 0.1)
    }

    @Test("copies have no more rounds than a file may hold, and no length overflows")
    func limits() throws {
        let long = try Self.trace((0..<2).map { _ in (0..<30_000).map { _ in (5, nil) } })
        #expect(Self.whole(long).copies == 3 && Self.whole(long).table.rounds.count == 180_000)
        let most = Int(Int32.max)
        let huge = try Self.trace([
            [(1000, nil), (most, nil), (5, most - 7)], [(100_000, nil), (5, nil)],
        ])
        let table = Self.whole(huge).table
        #expect(table.count == 240)
        let kept = table.rounds.indices.map { table.histories.tokens(ofRound: $0) }
        #expect(kept.filter { $0 != KeptHistories.all }.allSatisfy { $0 > Int32.max / 2 })
        #expect(kept.count { $0 != KeptHistories.all } == 120)
    }

    @Test("jobs arrive at their own rate, whatever they start")
    func jobs() throws {
        let lines = (0..<40).flatMap { job in
            [
                #"{"id": "\(job)", "arrival_s": \#(2 * job), "rounds": [{"new_tokens": 9, "output_tokens": 5}]}"#
                    .replacing("\\(job)", with: "\(job)"),
                #"{"parent": "\#(job)", "parent_round": 0, "rounds": [{"new_tokens": 4, "output_tokens": 5}]}"#,
            ]
        }
        let whole = Self.whole(try TraceReader.read(lines.joined(separator: "\n")))
        #expect(whole.table.count == 80 && whole.jobs == 40)
        #expect(whole.arrivals?.rate == Rate(sessionsPerSecond: 40.0 / 78))
        #expect(whole.arrivals?.arrivals == .deterministic)
    }

    @Test("what keeps a first prompt keeps the one that stands for it")
    func keeps() throws {
        let sessions: [[Round]] = (1...3).map { session in
            [(1000 * session, nil), (10, nil), (20, 1000 * session + 5)]
        }
        let table = Self.whole(try Self.trace(sessions)).table
        #expect(table.count == 240)
        for session in 0..<table.count {
            let first = table.firstRound[session]
            #expect(table.histories.tokens(ofRound: first + 2) == table.rounds[first].newTokens + 5)
        }
    }

    @Test("many sessions, and those that start others, are taken as they are")
    func plain() throws {
        let many = try Self.trace((0..<100).map { [($0 + 1, nil), (7, nil)] })
        let whole = Self.whole(many)
        #expect(whole.copies == 1 && whole.table == many.sessions.shuffled(seed: 1))
        #expect(whole.prompts?.count == 200)
        let tree = try TraceReader.read(
            """
            {"id": "a", "arrival_s": 0, "rounds": [{"new_tokens": 9, "output_tokens": 5}]}
            {"parent": "a", "parent_round": 0, "rounds": [{"new_tokens": 4, "output_tokens": 5}]}
            """)
        let kept = Self.whole(tree)
        #expect(kept.copies == 1 && kept.table == tree.sessions && kept.table.count == 2)
        let roots = tree.sessions.sampled(rounds: 10, alone: true)
        #expect(roots.count == 1 && roots.rounds.map(\.newTokens) == [9])
    }

    @Test("of many rounds sessions are taken that are evenly spread")
    func sample() throws {
        let trace = try Self.trace((0..<100).map { [($0 + 1, nil), (7, nil)] })
        let sample = trace.sessions.sampled(rounds: 50, alone: false)
        let firsts = (0..<sample.count).compactMap { sample.rounds(of: $0).first?.newTokens }
        let everyFourth = (0..<25).map { Int32(4 * $0 + 1) }
        #expect(firsts == everyFourth)
        #expect(trace.sessions.sampled(rounds: 1, alone: false).count == 1)
    }

    @Test("an order is drawn, and the same from the same seed")
    func shuffled() throws {
        let table = try Self.trace((0..<50).map { [($0 + 1, nil)] }).sessions
        let first = table.shuffled(seed: 1)
        #expect(first == table.shuffled(seed: 1) && first.rounds != table.shuffled(seed: 2).rounds)
        #expect(first.rounds != table.rounds)
        #expect(first.rounds.map(\.newTokens).sorted() == table.rounds.map(\.newTokens))
    }

    @Test("laws miss prompts that grow with the session, and say so")
    func missed() throws {
        // Sessions of small rounds and of large ones; laws know nothing of either.
        let split = WorkloadFit(
            try Self.trace(
                (0..<200).map { session in
                    (0..<20).map { _ in (session < 100 ? 10 : 4000, nil) }
                }
            ).statistics)
        #expect(split.missedPrompts?.contains("laws know nothing of it") == true)
        let alike = WorkloadFit(
            try Self.trace((0..<200).map { _ in (0..<20).map { _ in (100, nil) } }).statistics)
        #expect(alike.missedPrompts == nil)
    }
}
