/// Functions about the gamma and beta laws, by series and continued fractions that end where another
/// term changes nothing.
extension DeterministicMath {
    /// Half of ln 2π.
    private static let halfLogTau = 0.918938533204672741780
    /// A bound on loops that end by themselves.
    private static let mostTerms = 200_000

    /// ln Γ(`x`) for `x` above 0, by Stirling's series behind 10; absolute error about 1e-14 times the
    /// value or 1.
    public static func logGamma(_ x: Double) -> Double {
        var (product, y) = (1.0, x)
        while y < 10 {
            product *= y
            y += 1
        }
        let z = 1 / (y * y)
        let tail = 1.0 / 1260 - z * (1.0 / 1680 - z * (1.0 / 1188 - z * (691.0 / 360_360)))
        let series = (1.0 / 12 - z * (1.0 / 360 - z * tail)) / y
        return (y - 0.5) * log(y) - y + halfLogTau + series - log(product)
    }

    /// The derivative of ln Γ at `x` above 0; absolute error about 1e-13.
    public static func digamma(_ x: Double) -> Double {
        var (sum, y) = (0.0, x)
        while y < 10 {
            sum -= 1 / y
            y += 1
        }
        let z = 1 / (y * y)
        let tail = 1.0 / 252 - z * (1.0 / 240 - z * (1.0 / 132 - z * (691.0 / 32_760)))
        return sum + log(y) - 0.5 / y - z * (1.0 / 12 - z * (1.0 / 120 - z * tail))
    }

    /// The probability that a gamma number of that shape and scale 1 is at most `x`, where ln Γ of the
    /// shape is known.
    static func lowerGamma(
        shape: Double, at x: Double, logGammaOfShape: Double
    ) -> Double {
        guard x > 0 else { return 0 }
        guard x < .infinity else { return 1 }
        let front = exp(shape * log(x) - x - logGammaOfShape)
        guard x < shape + 1 else { return 1 - front * upperGammaFraction(shape, x) }
        var (term, sum, n) = (1 / shape, 1 / shape, shape)
        while term > sum * 1e-17 {
            n += 1
            term *= x / n
            sum += term
        }
        return front * sum
    }

    /// The continued fraction of the upper incomplete gamma function, by Lentz's method.
    private static func upperGammaFraction(_ shape: Double, _ x: Double) -> Double {
        var b = x + 1 - shape
        var (c, d) = (1e300, 1 / b)
        var value = d
        for i in 1..<mostTerms {
            let a = -Double(i) * (Double(i) - shape)
            b += 2
            d = 1 / unlessZero(a * d + b)
            c = unlessZero(b + a / c)
            value *= d * c
            if (d * c - 1).magnitude < 4e-16 { break }
        }
        return value
    }

    /// The probability that a beta number of shapes `a` and `b` is at most `x`.
    static func lowerBeta(_ a: Double, _ b: Double, at x: Double) -> Double {
        guard x > 0 else { return 0 }
        guard x < 1 else { return 1 }
        let front = exp(
            logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log(1 - x))
        return x < (a + 1) / (a + b + 2)
            ? front * betaFraction(a, b, x) / a : 1 - front * betaFraction(b, a, 1 - x) / b
    }

    private static func betaFraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
        var (c, d) = (1.0, 1 / unlessZero(1 - (a + b) * x / (a + 1)))
        var value = d
        for i in 1..<mostTerms {
            let m = Double(i)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = 1 / unlessZero(1 + even * d)
            c = unlessZero(1 + even / c)
            value *= d * c
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 / unlessZero(1 + odd * d)
            c = unlessZero(1 + odd / c)
            value *= d * c
            if (d * c - 1).magnitude < 4e-16 { break }
        }
        return value
    }

    private static func unlessZero(_ x: Double) -> Double { x.magnitude < 1e-300 ? 1e-300 : x }

    /// The probability that a standard normal number is at most `z`; absolute error below 1e-15.
    public static func normalCumulative(_ z: Double) -> Double {
        let half = 0.5 * lowerGamma(shape: 0.5, at: z * z / 2, logGammaOfShape: logRootPi)
        return z < 0 ? 0.5 - half : 0.5 + half
    }

    /// ln Γ(½).
    private static let logRootPi = 0.572364942924700087072
}
