public import ServingDomain

/// Sessions of a trace that stand for others as they are, where laws of each quantity do not.
///
/// They hold lengths, delays, tools and what prompts keep of their histories; prefixes that sessions share
/// are left out, and so are sub-agents where the figures of the trace count them apart. Few sessions stand
/// several times, varied (`VariedSessions`).
public struct WholeSessions: Sendable {
    /// More rounds of a trace are represented by sessions that are evenly spread over it.
    public static let mostRounds = 200_000

    public let table: SessionTable
    /// Jobs of the trace that are in the table, and all of them.
    public let jobs, jobsOfTrace: Int
    /// How often each is in the table.
    public let copies: Int
    /// Name of their file, beside the workload file.
    public let file: String

    /// - Parameters:
    ///   - trace: with its sessions.
    ///   - file: that they go to.
    public init(_ trace: RecordedTrace, beside file: String) {
        let sample = trace.sessions.sampled(
            rounds: Self.mostRounds, alone: trace.statistics.apart.sessions > 0)
        let varied = VariedSessions(sample)
        table = varied?.table ?? sample
        copies = varied?.copies ?? 1
        jobs = sample.jobCount
        jobsOfTrace = trace.sessions.jobCount
        self.file = file
    }
}
