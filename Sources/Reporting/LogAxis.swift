/// An axis of whole decades around all values that are drawn.
struct LogAxis {
    let decades: [Double]
    var least: Double { decades[0] }
    var most: Double { decades[decades.count - 1] }

    init(_ least: Double, _ most: Double) {
        var start = 1.0
        while start > least, start > 1e-9 { start /= 10 }
        while start * 10 <= least { start *= 10 }
        var decades = [start]
        while decades[decades.count - 1] < most {
            decades.append(decades[decades.count - 1] * 10)
        }
        self.decades = decades.count > 1 ? decades : [start, start * 10]
    }

    /// From 0 at the least to 1 at the most.
    func share(_ value: Double) -> Double {
        min(max(decade(value) / Double(decades.count - 1), 0), 1)
    }

    private func decade(_ value: Double) -> Double {
        var (power, rest) = (0.0, value / least)
        while rest >= 10 { (power, rest) = (power + 1, rest / 10) }
        return power + Self.logarithm(rest)
    }

    /// A value at the axis.
    static func label(_ value: Double) -> String {
        value >= 1 ? String(Int(value)) : "\(value)"
    }

    /// log10 of 1 to 10 by repeated squaring, to 2^-12: the same digits on every machine, and finer
    /// than a picture of this size.
    private static func logarithm(_ value: Double) -> Double {
        var (result, part, rest) = (0.0, 0.5, value)
        for _ in 0..<12 {
            rest *= rest
            if rest >= 10 { (result, rest) = (result + part, rest / 10) }
            part /= 2
        }
        return result
    }
}
