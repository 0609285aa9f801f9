import ArgumentParser

/// A duration on the command line: a positive number with `us`, `ms`, `s` or `min`.
struct DurationArgument: ExpressibleByArgument {
    let duration: Duration

    init?(argument: String) {
        let units: [(suffix: String, seconds: Double)] = [
            ("us", 1e-6), ("ms", 1e-3), ("min", 60), ("s", 1),
        ]
        guard let unit = units.first(where: { argument.hasSuffix($0.suffix) }),
            let number = Double(argument.dropLast(unit.suffix.count)), number.isFinite,
            number > 0, number * unit.seconds < 1e6
        else { return nil }
        duration = .seconds(number * unit.seconds)
    }
}

/// A rate on the command line: sessions with `/s`, `/min` or `/h`.
struct RateArgument: ExpressibleByArgument {
    let sessionsPerSecond: Double

    init?(argument: String) {
        let units: [(suffix: String, seconds: Double)] = [("/s", 1), ("/min", 60), ("/h", 3600)]
        guard let unit = units.first(where: { argument.hasSuffix($0.suffix) }),
            let number = Double(argument.dropLast(unit.suffix.count)), number.isFinite,
            number > 0, number / unit.seconds < 1e6
        else { return nil }
        sessionsPerSecond = number / unit.seconds
    }
}

/// A list of tensor-parallel degrees such as `1,2,4,8`.
struct DegreesArgument: ExpressibleByArgument {
    let values: [Int]

    init?(argument: String) {
        let numbers = argument.split(separator: ",", omittingEmptySubsequences: false)
            .map { Int($0) }
        let known = numbers.compactMap { $0 }.filter { (1...64).contains($0) && $0 & ($0 - 1) == 0 }
        guard !numbers.isEmpty, known.count == numbers.count else { return nil }
        values = known
    }
}
