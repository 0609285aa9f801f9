import DiscreteEvents
import ServingDomain

/// The rounds of sessions that follow laws.
struct SyntheticScripts {
    /// Most rounds of one session, whatever its law draws.
    static let maxRounds = 10_000

    private let laws: Workload.Synthetic
    private let roundLaw: Sampler
    private let prefillLaw: Sampler
    private let firstPrefillLaw: Sampler
    private let decodeLaw: Sampler
    private let delayLaw: Sampler
    private let counts: RandomStream
    private let prefills: RandomStream
    private let decodes: RandomStream
    private let delays: RandomStream
    private let prefixes: DrawnPrefixes?
    private let fanout: DrawnFanout?
    private let compaction: DrawnCompaction?

    init(_ laws: Workload.Synthetic, seed: UInt64) {
        self.laws = laws
        roundLaw = Sampler(laws.rounds.distribution)
        prefillLaw = Sampler(laws.prefillTokens.distribution)
        firstPrefillLaw = Sampler((laws.firstPrefillTokens ?? laws.prefillTokens).distribution)
        decodeLaw = Sampler(laws.decodeTokens.distribution)
        delayLaw = Sampler(laws.environmentDelay.distribution)
        counts = RandomStream(seed: seed, named: "rounds")
        prefills = RandomStream(seed: seed, named: "prefill tokens")
        decodes = RandomStream(seed: seed, named: "decode tokens")
        delays = RandomStream(seed: seed, named: "environment delay")
        prefixes = laws.prefixGroups.map { DrawnPrefixes($0, seed: seed) }
        fanout = laws.fanout.map { DrawnFanout(laws: $0, seed: seed) }
        compaction = laws.compaction.map { DrawnCompaction($0, seed: seed) }
    }

    /// A table to which sessions can be appended.
    var emptyTable: SessionTable { prefixes?.vocabulary ?? SessionTable() }

    /// Adds a job to a table that began as `emptyTable`: a session with all that it starts.
    func append(_ session: Int, arrival: Int64, to table: inout SessionTable) {
        let root = table.count
        table.append(arrival: arrival, rounds: rounds(of: session))
        finish(session, in: &table)
        guard let fanout else { return }
        var generation = [session]
        var first = root
        for _ in 0..<fanout.laws.depth {
            let next = appendChildren(of: generation, at: first, root, to: &table)
            first += generation.count
            generation = next
        }
    }

    /// Lets the rounds of a generation, which begins at a place of the table, start the next.
    private func appendChildren(
        of generation: [Int], at first: Int, _ root: Int, to table: inout SessionTable
    ) -> [Int] {
        var next: [Int] = []
        for (place, session) in generation.enumerated() {
            let rounds = table.firstRound[first + place]..<table.firstRound[first + place + 1]
            for (number, round) in rounds.enumerated() {
                let room = Workload.Fanout.mostSessions - (table.count - root)
                for child in (fanout?.children(of: session, number) ?? []).prefix(max(0, room)) {
                    table.append(startedByRound: round, rounds: self.rounds(of: child))
                    finish(child, in: &table)
                    next.append(child)
                }
            }
        }
        return next
    }

    /// What the session that was added last holds beside its rounds.
    private func finish(_ session: Int, in table: inout SessionTable) {
        if compaction != nil {
            for (round, kept) in lengths(of: session).map(\.kept).enumerated() {
                if let kept { table.setHistory(Int32(clamping: kept), ofRound: round) }
            }
        }
        if let prefixes { table.setPrefix(prefixes.prefix(of: session).list) }
    }

    private func rounds(of session: Int) -> [RoundScript] {
        let lengths = lengths(of: session)
        return lengths.enumerated().map { round, length in
            RoundScript(
                newTokens: length.new, outputTokens: length.output,
                delayAfter: round + 1 < lengths.count ? delay(session, round) : 0)
        }
    }

    /// Lengths of the rounds of a session, its prefix in the first and contexts compacted.
    private func lengths(of session: Int) -> [Length] {
        let drawn = roundLaw.sample(unit: counts.unit(session))
        let count = min(WholeTokens.rounding(drawn), Self.maxRounds)
        var lengths =
            switch laws.reading {
            case .perRound: perRound(session, count)
            case .fullPrompt: fullPrompt(session, count)
            case .perSession: perSession(session, count)
            }
        let prefix = prefixes?.prefix(of: session).tokens ?? 0
        lengths[0].new += prefix
        compaction?.shorten(&lengths, of: session, prefix: prefix)
        return lengths
    }

    private typealias Length = DrawnCompaction.Length

    private func perRound(_ session: Int, _ count: Int) -> [Length] {
        (0..<count).map { round in
            let law = round == 0 ? firstPrefillLaw : prefillLaw
            return Length(new: prefill(session, round, law), output: decode(session, round))
        }
    }

    /// Prompts in ascending order; each holds the one before it and its answer.
    private func fullPrompt(_ session: Int, _ count: Int) -> [Length] {
        let prompts = (0..<count).map { prefill(session, $0, prefillLaw) }.sorted()
        var history = 0
        return prompts.enumerated().map { round, prompt in
            let output = decode(session, round)
            let new = max(1, prompt - history)
            history = prompt + output
            return Length(new: new, output: output)
        }
    }

    private func perSession(_ session: Int, _ count: Int) -> [Length] {
        let (new, output) = (prefill(session, 0, prefillLaw), decode(session, 0))
        return (0..<count).map {
            Length(new: share(of: new, $0, count), output: share(of: output, $0, count))
        }
    }

    /// An even share of at least 1; the first round takes what does not divide.
    private func share(of total: Int, _ round: Int, _ count: Int) -> Int {
        max(1, total / count + (round == 0 ? total % count : 0))
    }

    private func prefill(_ session: Int, _ round: Int, _ law: Sampler) -> Int {
        WholeTokens.rounding(law.sample(unit: prefills.unit(session, round)))
    }

    private func decode(_ session: Int, _ round: Int) -> Int {
        WholeTokens.rounding(
            decodeLaw.sample(unit: decodes.unit(session, round)))
    }

    private func delay(_ session: Int, _ round: Int) -> Int64 {
        let unit = delays.unit(session, round)
        return Nanoseconds.rounding(delayLaw.sample(unit: unit) * 1e9)
    }
}
