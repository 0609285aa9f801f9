import CostModeling

/// Time in which the bytes of a transfer would move if it were alone on its links, in ticks.
///
/// Whole nanoseconds and the rest of one are turned into ticks apart, so that no time is too long.
struct ByteTime: Hashable, Comparable {
    private(set) var ticks: Int128

    static let zero = Self(ticks: 0)

    private init(ticks: Int128) { self.ticks = ticks }

    /// The nearest whole tick, halves up.
    ///
    /// - Precondition: `nanoseconds` is not negative, and less than 292 years.
    init(nanoseconds: Double) {
        let whole = nanoseconds.rounded(.down)
        ticks =
            Ticks.ticks(nanoseconds: Int64(whole))
            &+ Ticks.wide(Ticks.rounding(nanoseconds: nanoseconds - whole))
    }

    /// What moves in `elapsed` nanoseconds at one part in `sharers` of the speed, rounded down to
    /// whole ticks, but no more than there is.
    func part(in elapsed: Int64, sharers: Int) -> Self {
        let (sharers, bits) = (Int64(sharers), Int64(Ticks.fractionBits))
        // Up to two and a half hours one division will do.
        guard elapsed > Int64.max >> bits else {
            return Self(ticks: min(Ticks.wide((elapsed << bits) / sharers), ticks))
        }
        let (quotient, rest) = elapsed.quotientAndRemainder(dividingBy: sharers)
        let moved = Ticks.ticks(nanoseconds: quotient) &+ Ticks.wide((rest << bits) / sharers)
        return Self(ticks: min(moved, ticks))
    }

    /// Whole nanoseconds until everything has moved at one part in `sharers` of the speed, rounded
    /// up.
    func nanoseconds(sharers: Int) -> Int64 {
        let almostOne = Ticks.wide((1 << Int64(Ticks.fractionBits)) - 1)
        return Ticks.floor(ticks &* Ticks.wide(Int64(sharers)) &+ almostOne)
    }

    /// Nanoseconds with their fraction, alone on the links.
    var inNanoseconds: Double { Ticks.exactNanoseconds(ticks) }

    static func < (lhs: Self, rhs: Self) -> Bool { lhs.ticks < rhs.ticks }
    static func += (lhs: inout Self, rhs: Self) { lhs.ticks &+= rhs.ticks }
    static func -= (lhs: inout Self, rhs: Self) { lhs.ticks &-= rhs.ticks }
}

extension Ticks {
    /// Whole nanoseconds, rounded down.
    static func floor(_ ticks: Int128) -> Int64 {
        Int64(truncatingIfNeeded: ticks._high) << Int64(64 - fractionBits)
            | Int64(bitPattern: ticks._low >> UInt64(fractionBits))
    }
}
