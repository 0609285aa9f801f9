/// Student's t distribution: its two-sided 95 % point, and its upper tail.
public enum StudentT {
    /// The 97.5 % point of the normal distribution.
    static let normal95 = 1.959963984540054

    /// The point that |t| exceeds with probability 0.05.
    ///
    /// From a table up to 30 degrees of freedom; beyond by Fisher's expansion in 1/n (Abramowitz and
    /// Stegun 26.7.5), there within 3e-8.
    static func quantile95(degreesOfFreedom: Int) -> Double {
        guard degreesOfFreedom > 0 else { return .infinity }
        guard degreesOfFreedom > table.count else { return table[degreesOfFreedom - 1] }
        let (n, z) = (Double(degreesOfFreedom), normal95)
        let z2 = z * z
        let first = (z2 + 1) / 4
        let second = ((5 * z2 + 16) * z2 + 3) / 96
        let third = (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384
        let fourth = ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92_160
        return z * (1 + (first + (second + (third + fourth / n) / n) / n) / n)
    }

    /// Probability of more than `t`, for an even number of degrees of freedom.
    ///
    /// By the finite sum of Abramowitz and Stegun 26.7.4, which takes square roots alone; its absolute
    /// error is some 1e-15, so that smaller probabilities are not told apart.
    ///
    /// - Precondition: `degreesOfFreedom` is even and positive.
    public static func upperTail(_ t: Double, degreesOfFreedom: Int) -> Double {
        precondition(
            degreesOfFreedom > 0 && degreesOfFreedom.isMultiple(of: 2),
            "the sum is for even degrees of freedom")
        guard t.isFinite else { return t > 0 ? 0 : 1 }
        let n = Double(degreesOfFreedom)
        let (sine, square) = (t / (n + t * t).squareRoot(), n / (n + t * t))
        var (term, sum) = (1.0, 1.0)
        for k in 1..<max(1, degreesOfFreedom / 2) {
            term *= square * Double(2 * k - 1) / Double(2 * k)
            sum += term
        }
        return min(1, max(0, (1 - sine * sum) / 2))
    }

    /// For 1, 2, … 30 degrees of freedom, from inverting the incomplete beta function.
    private static let table: [Double] = [
        12.70620473617, 4.302652729749, 3.182446305284, 2.776445105198, 2.570581835636,
        2.446911851145, 2.364624251593, 2.306004135204, 2.262157162798, 2.228138851986,
        2.200985160092, 2.178812829667, 2.160368656463, 2.144786687918, 2.13144954556,
        2.119905299221, 2.109815577833, 2.100922040241, 2.093024054408, 2.085963447266,
        2.079613844728, 2.073873067904, 2.068657610419, 2.063898561628, 2.059538552753,
        2.055529438643, 2.05183051648, 2.048407141795, 2.045229642133, 2.042272456301,
    ]
}
