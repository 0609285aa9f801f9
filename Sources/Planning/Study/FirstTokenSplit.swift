import ServingDomain
public import Simulation

/// Where the time from the release of a round to its first token goes, in one replication.
public struct FirstTokenSplit: Hashable, Sendable {
    /// What a round waits for, in the order in which it does.
    public enum Part: Int, Hashable, Sendable, CaseIterable {
        /// For KV memory, in the queue of the worker that prefills, and for its turn there.
        case queue
        /// Its history travels to the prefill worker.
        case history
        case compute
        /// Its KV cache travels to the decode worker and waits for a step there.
        case handOver
        /// From the sampling of the first token until it reaches the client.
        case client
    }

    public enum Group: String, Hashable, Sendable, CaseIterable {
        case all
        case firstRounds
        case laterRounds
        /// The twentieth of the rounds that wait longest.
        case slowest
    }

    /// Means over the rounds of a group.
    public struct Bar: Hashable, Sendable {
        public let group: Group
        public let rounds: Int
        /// Nanoseconds of each part, in the order of `Part.allCases`; they add up to the mean TTFT.
        public let means: [Double]

        public var total: Double { means.reduce(0, +) }
        public subscript(part: Part) -> Double { means[part.rawValue] }
    }

    /// Groups without a round are left out.
    public let bars: [Bar]
}

extension FirstTokenSplit {
    /// What a tape with every session of a run says about its measured rounds.
    public init(_ tape: Tape) {
        let rounds = Self.rounds(tape)
        let slowest = rounds.sorted { $0.total > $1.total }.prefix((rounds.count + 19) / 20)
        bars = Group.allCases.compactMap { group in
            switch group {
            case .all: Bar(group, rounds)
            case .firstRounds: Bar(group, rounds.filter { $0.key.round == 0 })
            case .laterRounds: Bar(group, rounds.filter { $0.key.round > 0 })
            case .slowest: Bar(group, Array(slowest))
            }
        }
    }

    private struct Key: Hashable {
        let session: Int32
        let round: Int32
    }

    fileprivate struct Waited {
        fileprivate let key: (session: Int32, round: Int32)
        var parts = [Int64](repeating: 0, count: Part.allCases.count)

        var total: Int64 { parts.reduce(0, +) }
    }

    /// Measured rounds that had a first token, in order of their ends.
    private static func rounds(_ tape: Tape) -> [Waited] {
        let measured = Set(tape.sessions.filter(\.isMeasured).map(\.session))
        let firsts = firstTokens(tape)
        var places: [Key: Int] = [:]
        var rounds: [Waited] = []
        for round in tape.rounds where measured.contains(round.session) && !round.span.isCut {
            let key = Key(session: round.session, round: round.round)
            guard firsts[key] != nil else { continue }
            places[key] = rounds.count
            var waited = Waited(key: (round.session, round.round))
            waited.parts[Part.client.rawValue] = tape.firstTokenLatency.nanoseconds(
                promptTokens: round.promptTokens)
            rounds.append(waited)
        }
        for phase in tape.phases {
            let key = Key(session: phase.session, round: phase.round)
            guard let place = places[key], let first = firsts[key], let part = phase.kind.part
            else { continue }
            rounds[place].parts[part.rawValue] += max(
                0, min(phase.span.end, first) - phase.span.start)
        }
        return rounds
    }

    /// When each round sampled its first token: only the first time counts.
    private static func firstTokens(_ tape: Tape) -> [Key: Int64] {
        var firsts: [Key: Int64] = [:]
        for mark in tape.marks where mark.kind == .firstToken {
            let key = Key(session: mark.session, round: mark.round)
            firsts[key] = min(firsts[key] ?? mark.time, mark.time)
        }
        return firsts
    }
}

extension FirstTokenSplit.Bar {
    /// Nil without a round.
    fileprivate init?(_ group: FirstTokenSplit.Group, _ rounds: [FirstTokenSplit.Waited]) {
        guard !rounds.isEmpty else { return nil }
        self.init(
            group: group, rounds: rounds.count,
            means: FirstTokenSplit.Part.allCases.map { part in
                let sum = rounds.reduce(Int64(0)) { $0 + $1.parts[part.rawValue] }
                return Double(sum) / Double(rounds.count)
            })
    }
}

extension Tape.Phase.Kind {
    /// What a round waits for in this phase before its first token; nil for a tool call after it.
    fileprivate var part: FirstTokenSplit.Part? {
        switch self {
        case .memoryWait, .queue, .workerWait: .queue
        case .readHistory: .history
        case .prefill: .compute
        case .writeBack, .batchWait, .decode: .handOver
        case .tool: nil
        }
    }
}
