/// Dates with times of day as traces write them.
enum CalendarTime {
    /// Nanoseconds since 1970 of `YYYY-MM-DD HH:MM:SS`, with `T` for the blank, a fraction of any length
    /// and a zone (`Z`, `+HH:MM`) or none, which counts as UTC; nil for anything else.
    static func nanoseconds(_ text: String) -> Int64? {
        var digits = Digits(text)
        guard let year = digits.number(4), digits.skip("-"), let month = digits.number(2),
            digits.skip("-"), let day = digits.number(2), digits.skip(" ") || digits.skip("T"),
            let hour = digits.number(2), digits.skip(":"), let minute = digits.number(2),
            digits.skip(":"), let second = digits.number(2), (1970...2200).contains(year),
            (1...12).contains(month), (1...length(month, year)).contains(day), hour < 24,
            minute < 60, second <= 60
        else { return nil }
        let fraction = digits.skip(".") ? digits.fraction() : 0
        guard let fraction, let zone = digits.zone() else { return nil }
        let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - zone
        return seconds < 0 ? nil : Int64(seconds) * 1_000_000_000 + fraction
    }

    /// Days of a month.
    private static func length(_ month: Int, _ year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970 in the Gregorian calendar, by counting years from March.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let (y, m) = month > 2 ? (year, month - 3) : (year - 1, month + 9)
        return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468
    }

    /// Reads a text from its beginning.
    private struct Digits {
        private var rest: Substring.UTF8View

        init(_ text: String) { rest = Substring(text).utf8 }

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest.removeFirst()
            return true
        }

        /// Exactly so many digits.
        mutating func number(_ count: Int) -> Int? {
            var value = 0
            for _ in 0..<count {
                guard let digit = digit() else { return nil }
                value = 10 * value + digit
            }
            return value
        }

        /// Nanoseconds; digits beyond the ninth are dropped.
        mutating func fraction() -> Int64? {
            var (value, unit): (Int64, Int64) = (0, 100_000_000)
            var isEmpty = true
            while let digit = digit() {
                value += Int64(digit) * unit
                unit /= 10
                isEmpty = false
            }
            return isEmpty ? nil : value
        }

        /// Seconds east of Greenwich, to the end of the text.
        mutating func zone() -> Int? {
            if rest.isEmpty || (skip("Z") && rest.isEmpty) { return 0 }
            let sign = skip("+") ? 1 : skip("-") ? -1 : 0
            guard sign != 0, let hours = number(2), hours < 24 else { return nil }
            _ = skip(":")
            guard let minutes = number(2), minutes < 60, rest.isEmpty else { return nil }
            return sign * (hours * 3600 + minutes * 60)
        }

        private mutating func digit() -> Int? {
            guard let first = rest.first, (0x30...0x39).contains(first) else { return nil }
            rest.removeFirst()
            return Int(first) - 0x30
        }
    }
}
