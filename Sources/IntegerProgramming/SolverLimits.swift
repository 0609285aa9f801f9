/// When a search for the optimum may end early.
public struct SolverLimits: Hashable, Sendable {
    /// Wall-clock time for the whole solve, at least a millisecond.
    ///
    /// A search that this ends gives an answer that depends on the machine.
    public let time: Duration
    /// How far above the bound a solution may be to count as optimal, as a share; 0 is exact.
    public let relativeGap: Double

    public init(time: Duration = .seconds(60), relativeGap: Double = 0) {
        self.time = time
        self.relativeGap = relativeGap
    }

    func validate() throws(SolverError) {
        guard time >= .milliseconds(1) else { throw .timeLimitTooShort(time) }
        guard relativeGap >= 0, relativeGap < 1 else { throw .gapOutOfRange(relativeGap) }
    }

    /// The time in milliseconds, at most about 24 days.
    var milliseconds: Int32 {
        let (seconds, attoseconds) = time.components
        guard seconds < 2_000_000 else { return 2_000_000_000 }
        return Int32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}
