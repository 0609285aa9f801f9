/// Logarithm, exponential and normal quantile with the same bits on every processor.
///
/// Only additions, multiplications, divisions, square roots and operations on bits are used; the
/// library functions differ between processors in the last bit.
public enum DeterministicMath {
    private static let ln2High = 6.93147180369123816490e-01
    private static let ln2Low = 1.90821492927058770002e-10

    /// Natural logarithm, within 2 units in the last place.
    public static func log(_ x: Double) -> Double {
        guard x > 0 else { return x == 0 ? -.infinity : .nan }
        guard x.isFinite else { return x }
        var exponent = Double(x.exponent)
        var fraction = x.significand
        if fraction > 1.4142135623730951 {
            fraction /= 2
            exponent += 1
        }
        // log f = 2 atanh(s) with s = (f - 1) / (f + 1), |s| < 0.172.
        let f = fraction - 1
        let s = f / (2 + f)
        let square = s * s
        var series = 0.0
        for divisor in stride(from: 21.0, through: 3, by: -2) {
            series = (series + 1 / divisor) * square
        }
        let half = f * f / 2
        // With R = 2 (s²/3 + s⁴/5 + ...): log(1 + f) = f - (f²/2 - s (f²/2 + R)).
        let correction = s * (half + 2 * series) - half
        return exponent * ln2High + (f + (correction + exponent * ln2Low))
    }

    /// e to the power of `x`, within 2 units in the last place.
    public static func exp(_ x: Double) -> Double {
        guard x.isFinite else { return x == -.infinity ? 0 : x }
        guard x < 709.79 else { return .infinity }
        guard x > -745.2 else { return 0 }
        let count = (x / (ln2High + ln2Low)).rounded()
        let high = x - count * ln2High
        let low = count * ln2Low
        let reduced = high - low
        var series = 0.0
        for divisor in stride(from: 17.0, through: 2, by: -1) {
            series = (1 + series) * reduced / divisor
        }
        let result = 1 + ((1 + series) * reduced + ((high - reduced) - low))
        return scale(result, by: Int(count))
    }

    /// The standard normal quantile of `p` in (0, 1): algorithm AS 241 (Wichura 1988).
    public static func normalQuantile(_ p: Double) -> Double {
        guard p > 0, p < 1 else { return p == 0 ? -.infinity : p == 1 ? .infinity : .nan }
        let q = p - 0.5
        if abs(q) <= 0.425 {
            let r = 0.180625 - q * q
            return q * ratio(central, r)
        }
        let r = (-log(min(p, 1 - p))).squareRoot()
        let value = r <= 5 ? ratio(middle, r - 1.6) : ratio(far, r - 5)
        return q < 0 ? -value : value
    }

    private typealias Rational = (numerator: [Double], denominator: [Double])

    private static func ratio(_ rational: Rational, _ r: Double) -> Double {
        let numerator = rational.numerator.reversed().reduce(0) { $0 * r + $1 }
        let denominator = rational.denominator.reversed().reduce(0) { $0 * r + $1 }
        return numerator / denominator
    }

    private static let central: Rational = (
        [
            3.3871328727963666080, 1.3314166789178437745e2, 1.9715909503065514427e3,
            1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
            3.3430575583588128105e4, 2.5090809287301226727e3,
        ],
        [
            1, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
            2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4,
            5.2264952788528545610e3,
        ]
    )
    private static let middle: Rational = (
        [
            1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550,
            3.64784832476320460504, 1.27045825245236838258, 2.41780725177450611770e-1,
            2.27238449892691845833e-2, 7.74545014278341407640e-4,
        ],
        [
            1, 2.05319162663775882187, 1.67638483018380384940, 6.89767334985100004550e-1,
            1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
            1.05075007164441684324e-9,
        ]
    )
    private static let far: Rational = (
        [
            6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580,
            2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
            2.71155556874348757815e-5, 2.01033439929228813265e-7,
        ],
        [
            1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
            7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
            2.04426310338993978564e-15,
        ]
    )

    /// `value` times a power of two, in two steps so that subnormal results are rounded once.
    private static func scale(_ value: Double, by power: Int) -> Double {
        let half = power / 2
        return value * powerOfTwo(half) * powerOfTwo(power - half)
    }

    private static func powerOfTwo(_ power: Int) -> Double {
        Double(sign: .plus, exponent: power, significand: 1)
    }
}
