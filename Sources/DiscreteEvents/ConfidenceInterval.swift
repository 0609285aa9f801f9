/// Intervals that hold the truth in 95 % of cases, if their assumptions do.
public enum ConfidenceInterval {
    /// Half the width of Student's interval for the mean of independent figures; nil for fewer
    /// than two.
    public static func studentHalfWidth(of figures: [Double]) -> Double? {
        guard figures.count > 1 else { return nil }
        let count = Double(figures.count)
        let mean = figures.reduce(0, +) / count
        let squares = figures.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return student(degreesOfFreedom: figures.count - 1)
            * (squares / (count - 1) / count).squareRoot()
    }

    /// Wilson's interval for a share seen in `trials` independent trials.
    public static func wilson(share: Double, trials: Int) -> (low: Double, high: Double) {
        let (n, z) = (Double(trials), 1.959963984540054)
        let center = (share + z * z / (2 * n)) / (1 + z * z / n)
        let half =
            z * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot() / (1 + z * z / n)
        return (max(0, center - half), min(1, center + half))
    }

    /// The two-sided 95 % quantile of Student's t.
    ///
    /// Tabulated up to 30 degrees of freedom; beyond, the Cornish-Fisher expansion, which is off by
    /// less than 1e-5 there.
    public static func student(degreesOfFreedom: Int) -> Double {
        precondition(degreesOfFreedom > 0)
        if degreesOfFreedom <= tabulated.count { return tabulated[degreesOfFreedom - 1] }
        let (z, n) = (1.959963984540054, Double(degreesOfFreedom))
        let cube = z * z * z
        return z + (cube + z) / (4 * n) + (5 * cube * z * z + 16 * cube + 3 * z) / (96 * n * n)
    }

    private static let tabulated = [
        12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004, 2.262157,
        2.228139, 2.200985, 2.178813, 2.160369, 2.144787, 2.131450, 2.119905, 2.109816, 2.100922,
        2.093024, 2.085963, 2.079614, 2.073873, 2.068658, 2.063899, 2.059539, 2.055529, 2.051831,
        2.048407, 2.045230, 2.042272,
    ]
}
