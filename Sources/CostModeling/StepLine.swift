import ServingDomain

/// Fixed-point time: ticks of 2^-20 nanoseconds.
///
/// Coefficients are rounded to whole ticks once, and sums are exact, so that steps added up in
/// closed form and steps added one by one end at the same tick.
public enum Ticks {
    public static let fractionBits = 20
    /// Half a nanosecond.
    public static let half = Int64(1) << (fractionBits - 1)

    /// The nearest whole tick, within a quarter of the range of 64 bits (about 36 minutes).
    public static func rounding(nanoseconds: Double) -> Int64 {
        let limit = Double(Int64.max / 4)
        return nearest(min(max(nanoseconds * Double(1 << fractionBits), -limit), limit))
    }

    /// The nearest whole number, halves away from zero, as `rounded()` has it; that is a call.
    ///
    /// - Precondition: `value` is a number within the range of 64 bits.
    @inlinable
    public static func nearest(_ value: Double) -> Int64 {
        let whole = Int64(value)
        // Exact: from 2^52 on there is no fraction, below it both are exact.
        let fraction = value - Double(whole)
        return whole + (fraction >= 0.5 ? 1 : 0) - (fraction <= -0.5 ? 1 : 0)
    }

    /// The nearest whole nanosecond, halves up.
    @inlinable
    public static func nanoseconds(_ ticks: Int128) -> Int64 {
        let sum = ticks &+ wide(1 << (fractionBits - 1))
        return Int64(truncatingIfNeeded: sum._high) << Int64(64 - fractionBits)
            | Int64(bitPattern: sum._low >> UInt64(fractionBits))
    }

    @inlinable
    public static func ticks(nanoseconds: Int64) -> Int128 {
        Int128(
            _low: UInt64(bitPattern: nanoseconds) << UInt64(fractionBits),
            _high: nanoseconds >> Int64(64 - fractionBits))
    }

    /// As 128 bits; the generic conversions of the library are calls that cost more than the sums.
    @inlinable
    public static func wide(_ ticks: Int64) -> Int128 {
        Int128(_low: UInt64(bitPattern: ticks), _high: ticks >> 63)
    }

    /// Nanoseconds with their fraction, within one unit in the last place.
    @inlinable
    public static func exactNanoseconds(_ ticks: Int128) -> Double {
        let low = Int64(bitPattern: ticks._low)
        let value =
            low >> 63 == ticks._high
            ? Double(low) : Double(ticks._high) * 0x1p64 + Double(ticks._low)
        return value / Double(1 << fractionBits)
    }
}

/// Time of a decode step at one batch size, as a function of the context of all its sequences.
///
/// Cost function (ii) of §3, compiled: piecewise linear in the total context, with whole ticks at
/// the start of each piece and whole ticks per token.
public struct StepLine: Hashable, Sendable {
    public struct Piece: Hashable, Sendable {
        /// First total context of the piece, in tokens.
        public let start: Int
        /// Ticks at `start`.
        public let base: Int64
        /// Ticks per token of total context.
        public let slope: Int64
        /// Whether the piece lies inside the fitted range of the curves behind it.
        public let isFitted: Bool

        /// Ticks at a total context inside the piece.
        @inlinable
        public func ticks(_ context: Int) -> Int64 {
            let product = slope.multipliedReportingOverflow(by: Int64(context - start))
            let sum = base.addingReportingOverflow(product.partialValue)
            return product.overflow || sum.overflow ? Int64.max / 4 : max(0, sum.partialValue)
        }
    }

    /// In order; the first starts at 0.
    public let pieces: [Piece]

    /// Index of the piece that holds a total context.
    @inlinable
    public func index(_ context: Int) -> Int {
        var (low, high) = (0, pieces.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if pieces[middle].start <= context { low = middle } else { high = middle }
        }
        return low
    }
}

extension PhaseCosts {
    /// The time of a decode step of `batch` sequences, compiled.
    ///
    /// Attention is that of sequences of mean context; stated lines hold exactly.
    ///
    /// - Precondition: `batch` is positive.
    public func line(batch: Int) -> StepLine {
        let constant = linear(Double(batch))
        let sections =
            attention.map { $0.section(batch: batch) } + (given?.value.sections(batch) ?? [])
        let stated = given?.value.lines?.line(batch: batch)
        if let stated, sections.isEmpty { return stated.compiled(batch: batch) }
        let knots = Set(sections.flatMap(\.knots).filter { $0 > 0 && $0 < 1e12 })
        let least = host?.time(sequences: batch) ?? 0
        func computed(_ mean: Double) -> Double {
            sections.reduce(constant) { $0 + $1.time(mean) }
        }
        let starts = ([0.0] + knots.sorted()).withCrossing(of: computed, and: least)
        func time(_ mean: Double) -> Double { max(computed(mean), least) }
        let pieces = starts.enumerated().map { index, knot in
            let start = (knot * Double(batch)).rounded(.up)
            let next = index + 1 < starts.count ? starts[index + 1] : 2 * knot + 1024
            let middle = (knot + next) / 2
            return StepLine.Piece(
                start: Int(start),
                base: Ticks.rounding(
                    nanoseconds: time(start / Double(batch)) + (stated?.time(batch, start) ?? 0)),
                slope: Ticks.rounding(
                    nanoseconds: (time(next) - time(middle)) / (next - middle) / Double(batch)
                        + (stated?.perContextToken ?? 0)),
                isFitted: covers(tokens: batch, cached: Int(middle)))
        }
        return StepLine(pieces: pieces)
    }
}

extension [Double] {
    /// Knots of a rising function that is linear between them and behind the last, with one more where
    /// it reaches `level`.
    fileprivate func withCrossing(of time: (Double) -> Double, and level: Double) -> Self {
        guard let first, time(first) < level else { return self }
        let place = firstIndex { time($0) >= level } ?? count
        let (low, high) = (
            self[place - 1], place < count ? self[place] : 2 * self[place - 1] + 1024
        )
        let rise = time(high) - time(low)
        guard rise > 0 else { return self }
        let crossing = low + (high - low) * (level - time(low)) / rise
        guard crossing > low, place == count || crossing < high else { return self }
        return Self(self[..<place]) + [crossing] + Self(self[place...])
    }
}

extension GivenTerms {
    /// The table at one batch size; stated lines are exact and need no section.
    fileprivate func sections(_ batch: Int) -> [PhaseCosts.AttentionTerm.Section] {
        guard let table else { return [] }
        let x = Double(batch)
        return [.init(time: { table(x, $0) }, knots: table.knots(at: x))]
    }
}

extension PhaseCosts.AttentionTerm {
    /// The time at one batch size as a function of the mean context.
    struct Section {
        let time: (Double) -> Double
        /// Mean contexts at which the slope changes.
        let knots: [Double]
    }

    func section(batch: Int) -> Section {
        let (x, layers, floor) = (Double(batch), layers, readFloor)
        switch curve.form {
        case .family(let family):
            return Section(
                time: { layers * max(family(x, $0), floor * (x + $0)) },
                knots: family.knots(at: x))
        case .line(let line):
            return Section(time: { _ in layers * line(x) }, knots: [])
        case .pairs(let line):
            return Section(time: { layers * line($0) }, knots: line.xs)
        }
    }
}

extension CurveFamily {
    /// The knots in `y` of the two members that decide at `x`.
    func knots(at x: Double) -> [Double] {
        let high = xs.firstIndex { $0 >= x } ?? xs.count - 1
        let members = xs[high] == x ? [members[high]] : [members[max(0, high - 1)], members[high]]
        return members.flatMap(\.xs)
    }
}
