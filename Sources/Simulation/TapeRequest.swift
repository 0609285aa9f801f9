/// Which part of a run is recorded.
public struct TapeRequest: Hashable, Sendable {
    /// Simulated time that is of interest, in nanoseconds from the start of the run.
    public let window: Range<Int64>
    /// Sessions whose number is a multiple of this are followed.
    public let everySession: Int
    /// Records after which nothing that begins later is kept.
    public let limit: Int

    /// About 150 MB of trace-event JSON.
    public static let usualLimit = 1_000_000

    /// - Precondition: `everySession` and `limit` are positive.
    public init(
        window: Range<Int64> = 0..<Int64.max, everySession: Int = 1, limit: Int = usualLimit
    ) {
        precondition(everySession > 0 && limit > 0, "a tape holds something")
        self.window = window
        self.everySession = everySession
        self.limit = limit
    }
}
