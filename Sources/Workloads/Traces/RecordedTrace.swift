public import ServingDomain

/// The sessions of a trace, with what the reader had to assume.
public struct RecordedTrace: Sendable {
    /// In order of arrival, the earliest at 0; empty where only figures were asked for.
    public let sessions: SessionTable
    /// What was read; never `auto`.
    public let format: TraceFormat
    /// One sentence per assumption, correction or omission.
    public let notes: [String]
    /// What the calls are like, as they are written down.
    public let statistics: TraceStatistics

    /// The same with more to say.
    public func noting(_ more: [String]) -> Self {
        Self(sessions: sessions, format: format, notes: notes + more, statistics: statistics)
    }

    func with(_ sessions: SessionTable) -> Self {
        Self(sessions: sessions, format: format, notes: notes, statistics: statistics)
    }
}
