/// How far measured means lie from predicted ones, for most deployments.
public struct PredictionInterval: Hashable, Sendable {
    /// Share of deployments that an interval is made to hold.
    public static let level = 0.9

    /// Measured mean TTFT lies between the predicted one over this and times this; at least 1.
    public let ttftFactor: Double
    /// Measured mean TPOT lies between the predicted one over this and times this; at least 1.
    public let tpotFactor: Double
    /// Which measurements say so.
    public let source: String

    /// - Precondition: both factors are at least 1.
    public init(ttftFactor: Double, tpotFactor: Double, source: String) {
        precondition(ttftFactor >= 1 && tpotFactor >= 1, "an interval holds its prediction")
        self.ttftFactor = ttftFactor
        self.tpotFactor = tpotFactor
        self.source = source
    }

    /// This, but nowhere narrower than another one.
    public func noNarrower(than other: Self) -> Self {
        Self(
            ttftFactor: max(ttftFactor, other.ttftFactor),
            tpotFactor: max(tpotFactor, other.tpotFactor), source: source)
    }

    /// Whether a measured value lies in the interval of a predicted one.
    public static func holds(_ measured: Double, predicted: Double, factor: Double) -> Bool {
        measured <= predicted * factor && measured * factor >= predicted
    }
}
