/// Logarithm, exponential and normal quantile with the same bits on every processor.
///
/// The C library picks fused multiply-add variants at run time, and results differ in the last bit
/// from one CPU to the next. Here are only `+`, `-`, `*`, `/`, square roots and bit operations,
/// which IEEE 754 rounds alike everywhere, and Swift never fuses them by itself.
public enum DeterministicMath {
    /// The leading bits of ln 2, few enough for a product with any exponent to be exact.
    static let ln2High = 0x1.62e42fee00000p-1
    /// What `ln2High` leaves of ln 2.
    static let ln2Low = 0x1.a39ef35793c76p-33

    /// Natural logarithm, within 2 units in the last place.
    ///
    /// `-inf` for 0, NaN for negative numbers.
    public static func log(_ x: Double) -> Double {
        guard x > 0 else { return x == 0 ? -.infinity : .nan }
        guard x < .infinity else { return x }
        let (mantissa, exponent) = reduced(x)
        let f = mantissa - 1
        let s = f / (2 + f)
        let z = s * s
        let half = 0.5 * f * f
        let rest = s * (half + z * logTail(z))
        let k = Double(exponent)
        return k * ln2High - ((half - (rest + k * ln2Low)) - f)
    }

    /// Natural exponential, within 2 units in the last place; 0 and `inf` outside the range.
    public static func exp(_ x: Double) -> Double {
        guard x == x else { return x }
        guard x <= 709.782712893384 else { return .infinity }
        guard x >= -745.1332191019411 else { return 0 }
        // Adding and subtracting 1.5 · 2⁵² rounds to the nearest whole number.
        let k = (x * 0x1.71547652b82fep0 + 0x1.8p52) - 0x1.8p52
        let high = x - k * ln2High
        let low = k * ln2Low
        let r = high - low
        let value = 1 + (high + (r * r * expTail(r) - low))
        return scaled(value, Int(k))
    }

    /// `x` as mantissa in [√½, √2) times a power of two.
    private static func reduced(_ x: Double) -> (mantissa: Double, exponent: Int) {
        let (mantissa, exponent) = (x.significand, Int(x.exponent))
        return mantissa < 0x1.6a09e667f3bcdp0 ? (mantissa, exponent) : (mantissa / 2, exponent + 1)
    }

    /// 2 artanh(s)/s − 2 over s²: the series 2/3 + 2z/5 + 2z²/7 + …, where z = s² < 0.0295.
    private static func logTail(_ z: Double) -> Double {
        let upper = 2.0 / 15 + z * (2.0 / 17 + z * (2.0 / 19 + z * (2.0 / 21 + z * (2.0 / 23))))
        let middle = 2.0 / 9 + z * (2.0 / 11 + z * (2.0 / 13 + z * upper))
        return 2.0 / 3 + z * (2.0 / 5 + z * (2.0 / 7 + z * middle))
    }

    /// The series (e^r − 1 − r) / r² = 1/2! + r/3! + r²/4! + …, where |r| < 0.347.
    private static func expTail(_ r: Double) -> Double {
        let upper =
            1.0 / 3_628_800
            + r * (1.0 / 39_916_800 + r * (1.0 / 479_001_600 + r * (1.0 / 6_227_020_800)))
        let middle = 1.0 / 5_040 + r * (1.0 / 40_320 + r * (1.0 / 362_880 + r * upper))
        return 0.5 + r * (1.0 / 6 + r * (1.0 / 24 + r * (1.0 / 120 + r * (1.0 / 720 + r * middle))))
    }

    /// `value` × 2^`exponent` for exponents from -1075 to 1024, in two steps so that neither overflows.
    private static func scaled(_ value: Double, _ exponent: Int) -> Double {
        let half = exponent / 2
        return value * power(half) * power(exponent - half)
    }

    private static func power(_ exponent: Int) -> Double {
        Double(bitPattern: UInt64(exponent + 1023) << 52)
    }
}
