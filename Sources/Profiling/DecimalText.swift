/// Decimal numbers in text that change their unit without losing a digit.
///
/// A file in milliseconds and a store in nanoseconds hold the same number only if the shift by six
/// places happens before the rounding to binary, and only then are equal timings equal.
enum DecimalText {
    /// The number in `bytes` times ten to the power of `shift`, correctly rounded.
    ///
    /// - Returns: nil unless `bytes` is a sign, digits, a point and an exponent, each as in `-1.5e3`.
    static func value(of bytes: ArraySlice<UInt8>, shiftedBy shift: Int) -> Double? {
        guard let digits = Digits(bytes) else { return nil }
        if let exact = digits.exactValue(shiftedBy: shift) { return exact }
        let text = String(decoding: bytes[digits.significand], as: UTF8.self)
        return Double(text + "e\(digits.exponent + shift)")
    }

    /// The shortest text that reads back as `value` once it is shifted by `places` again.
    static func text(of value: Double, shiftedBy places: Int) -> String {
        let parts = value.description.split(separator: "e")
        guard let head = parts.first, parts.count == 1 else {
            let exponent = parts.last.flatMap { Int($0) } ?? 0
            return "\(parts.first ?? "0")e\(exponent - places)"
        }
        let halves = head.split(separator: ".", omittingEmptySubsequences: false)
        let whole = halves.first ?? "0"
        let fraction = halves.count > 1 && halves[1] != "0" ? halves[1] : ""
        let padded = String(repeating: "0", count: max(0, places + 1 - whole.count)) + whole
        let tail = padded.suffix(places) + fraction
        let kept = tail.lastIndex { $0 != "0" }.map { tail[...$0] } ?? ""
        return padded.dropLast(places) + (kept.isEmpty ? "" : "." + kept)
    }
}

/// A decimal number taken apart.
private struct Digits {
    /// Where sign, digits and point lie.
    let significand: Range<Int>
    /// Power of ten behind the `e`.
    let exponent: Int
    private let isNegative: Bool
    /// All digits as one number; meaningless with more than `exactDigits` of them.
    private let mantissa: UInt64
    private let digitCount: Int
    private let fractionDigits: Int

    init?(_ bytes: ArraySlice<UInt8>) {
        var index = bytes.startIndex
        var (mantissa, count, fraction, inFraction): (UInt64, Int, Int, Bool) = (0, 0, 0, false)
        isNegative = bytes.first == UInt8(ascii: "-")
        if isNegative || bytes.first == UInt8(ascii: "+") { index += 1 }
        while index < bytes.endIndex {
            let byte = bytes[index]
            if let digit = byte.digit {
                mantissa = mantissa &* 10 &+ UInt64(digit)
                count += 1
                fraction += inFraction ? 1 : 0
            } else if byte == UInt8(ascii: "."), !inFraction {
                inFraction = true
            } else {
                break
            }
            index += 1
        }
        guard count > 0, let exponent = Self.exponent(in: bytes[index...]) else { return nil }
        significand = bytes.startIndex..<index
        self.exponent = exponent
        self.mantissa = mantissa
        digitCount = count
        fractionDigits = fraction
    }

    /// The value where one exact product or quotient of doubles gives it, else nil.
    func exactValue(shiftedBy shift: Int) -> Double? {
        let power = exponent + shift - fractionDigits
        guard digitCount <= 15, abs(power) < Self.powers.count else { return nil }
        let magnitude =
            power < 0
            ? Double(mantissa) / Self.powers[-power] : Double(mantissa) * Self.powers[power]
        return isNegative ? -magnitude : magnitude
    }

    private static func exponent(in bytes: ArraySlice<UInt8>) -> Int? {
        guard let mark = bytes.first else { return 0 }
        guard mark | 0x20 == UInt8(ascii: "e"), bytes.count <= 6 else { return nil }
        return Int(String(decoding: bytes.dropFirst(), as: UTF8.self))
    }

    /// Powers of ten that are exact in a double.
    private static let powers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
        1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]
}

extension UInt8 {
    /// The digit that this character is.
    var digit: UInt8? {
        let value = self &- UInt8(ascii: "0")
        return value < 10 ? value : nil
    }
}
