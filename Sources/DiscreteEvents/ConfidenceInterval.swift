/// An estimate between the ends of its 95 % confidence interval.
public struct ConfidenceInterval: Hashable, Sendable {
    public let low: Double
    public let value: Double
    public let high: Double

    public init(low: Double, value: Double, high: Double) {
        self.low = low
        self.value = value
        self.high = high
    }

    /// The mean of independent replications, by Student's t.
    ///
    /// One replication says nothing about its error: the interval is then infinite. `nil` where
    /// there is none.
    public static func mean(of replications: [Double]) -> Self? {
        guard !replications.isEmpty else { return nil }
        let n = Double(replications.count)
        let mean = replications.reduce(0, +) / n
        guard replications.count > 1 else {
            return Self(low: -.infinity, value: mean, high: .infinity)
        }
        let squares = replications.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let error = (squares / (n - 1) / n).squareRoot()
        let margin = StudentT.quantile95(degreesOfFreedom: replications.count - 1) * error
        return Self(low: mean - margin, value: mean, high: mean + margin)
    }

    /// A share of independent trials, by Wilson's score; `nil` where there was no trial.
    ///
    /// Unlike the textbook interval it stays inside 0 to 1 and is honest near both ends.
    ///
    /// - Precondition: `successes` lies between 0 and `trials`.
    public static func proportion(_ successes: Int, of trials: Int) -> Self? {
        precondition(0 <= successes && successes <= max(0, trials), "more successes than trials")
        guard trials > 0 else { return nil }
        let (n, z2) = (Double(trials), StudentT.normal95 * StudentT.normal95)
        let share = Double(successes) / n
        let centre = (share + z2 / (2 * n)) / (1 + z2 / n)
        let spread = (share * (1 - share) / n + z2 / (4 * n * n)).squareRoot()
        let margin = StudentT.normal95 * spread / (1 + z2 / n)
        return Self(
            low: successes == 0 ? 0 : centre - margin, value: share,
            high: successes == trials ? 1 : centre + margin)
    }
}
