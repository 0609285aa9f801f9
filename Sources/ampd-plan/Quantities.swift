import ArgumentParser

/// A value on the command line that can say what it expects when it meets something else.
protocol SpokenArgument: ExpressibleByArgument {
    /// What a message asks for, for example `a duration with its unit, for example 50ms`.
    static var expectation: String { get }
}

extension SpokenArgument {
    /// Reads the text, or says what was expected.
    @Sendable static func parse(_ text: String) throws -> Self {
        guard let value = Self(argument: text) else {
            throw ValidationError("expected \(expectation).")
        }
        return value
    }
}

/// Reads a whole number inside `range`, or says what was expected.
func wholeNumber<Number: FixedWidthInteger & Sendable>(
    _ range: ClosedRange<Number>
) -> @Sendable (String) throws -> Number {
    { text in
        guard let number = Number(text), range.contains(number) else {
            throw ValidationError(
                "expected a whole number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }
}

/// A duration on the command line: a positive number with `us`, `ms`, `s` or `min`.
struct DurationArgument: SpokenArgument {
    static let expectation =
        "a duration with its unit (us, ms, s or min), from 1us to 100000s, for example 50ms"

    let duration: Duration

    init?(argument: String) {
        let units: [(suffix: String, seconds: Double)] = [
            ("us", 1e-6), ("ms", 1e-3), ("min", 60), ("s", 1),
        ]
        guard let unit = units.first(where: { argument.hasSuffix($0.suffix) }),
            let number = Double(argument.dropLast(unit.suffix.count)),
            (1e-6...1e5).contains(number * unit.seconds)
        else { return nil }
        duration = .seconds(number * unit.seconds)
    }
}

/// A rate on the command line: sessions with `/s`, `/min` or `/h`.
struct RateArgument: SpokenArgument {
    static let expectation =
        "a rate with its unit (/s, /min or /h), from 0.000001/s to 1000000/s, for example 4/s"

    let sessionsPerSecond: Double

    init?(argument: String) {
        let units: [(suffix: String, seconds: Double)] = [("/s", 1), ("/min", 60), ("/h", 3600)]
        guard let unit = units.first(where: { argument.hasSuffix($0.suffix) }),
            let number = Double(argument.dropLast(unit.suffix.count)),
            (1e-6...1e6).contains(number / unit.seconds)
        else { return nil }
        sessionsPerSecond = number / unit.seconds
    }
}

/// A share on the command line: a fraction above 0 and at most 1.
struct ShareArgument: SpokenArgument {
    static let expectation = "a fraction above 0 and at most 1, for example 0.9"

    let value: Double

    init?(argument: String) {
        guard let value = Double(argument), value > 0, value <= 1 else { return nil }
        self.value = value
    }
}

/// A list of tensor-parallel degrees such as `1,2,4,8`.
struct DegreesArgument: SpokenArgument {
    static let expectation = "different powers of two from 1 to 64, for example 1,2,4,8"

    let values: [Int]

    init?(argument: String) {
        let numbers = argument.split(separator: ",", omittingEmptySubsequences: false)
            .map { Int($0) }
        let known = numbers.compactMap { $0 }.filter { (1...64).contains($0) && $0 & ($0 - 1) == 0 }
        guard known.count == numbers.count, Set(known).count == known.count else { return nil }
        values = known
    }
}
