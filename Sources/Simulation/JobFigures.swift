public import DiscreteEvents

/// What one run showed about its measured jobs: sessions that start others, with all of these.
public struct JobFigures: Sendable, Codable {
    /// Jobs that were measured.
    public internal(set) var count = 0
    /// Jobs of which a session was refused; they count as misses.
    public internal(set) var refused = 0
    /// Jobs that met their targets.
    public internal(set) var good = 0
    /// From arrival to the last token of the whole tree in nanoseconds, of the jobs of which no
    /// session was refused.
    public internal(set) var completion = LogHistogram()
}
