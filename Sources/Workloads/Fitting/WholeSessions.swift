public import ServingDomain

/// Sessions of a trace that stand for others as they are, where laws of each quantity do not.
///
/// They hold lengths, delays, tools and what prompts keep of their histories, in an order that is drawn once;
/// when they arrived, prefixes that sessions share and, where the figures of the trace count them apart,
/// sub-agents are left out. Few sessions stand several times (`VariedSessions`).
public struct WholeSessions: Sendable {
    /// More rounds of a trace are represented by sessions that are evenly spread over it.
    public static let mostRounds = 200_000
    private static let seedOfOrder: UInt64 = 1

    public let table: SessionTable
    /// Jobs of the trace that are in the table, and all of them.
    public let jobs, jobsOfTrace: Int
    /// How often each is in the table.
    public let copies: Int
    /// How jobs follow each other; nil where the trace does not tell.
    public let arrivals: ArrivalFit?
    /// Whole prompts of the table.
    public let prompts: TraceFigures?
    /// Name of their file, beside the workload file.
    public let file: String

    /// - Parameters:
    ///   - trace: with its sessions.
    ///   - fit: of its laws.
    ///   - file: that they go to.
    public init(_ trace: RecordedTrace, _ fit: WorkloadFit, beside file: String) {
        let sample = trace.sessions.sampled(
            rounds: Self.mostRounds, alone: trace.statistics.apart.sessions > 0)
        let varied = VariedSessions(sample, rounds: Self.mostRounds)
        table = (varied?.table ?? sample).shuffled(seed: Self.seedOfOrder)
        copies = varied?.copies ?? 1
        jobs = sample.jobCount
        jobsOfTrace = trace.sessions.jobCount
        // Sessions that others start do not arrive.
        arrivals = sample.trees.isEmpty ? fit.arrivals : ArrivalFit(jobsOf: trace.sessions)
        prompts = table.promptFigures
        self.file = file
    }
}

extension SessionTable {
    /// Whole prompts of all rounds.
    var promptFigures: TraceFigures? {
        var counted = CountedValues()
        for session in 0..<count {
            var context = 0
            for place in firstRound[session]..<firstRound[session + 1] {
                context = histories.kept(of: context, byRound: place)
                context += Int(rounds[place].newTokens)
                counted.add(context)
                context += Int(rounds[place].outputTokens)
            }
        }
        return counted.figures
    }
}
