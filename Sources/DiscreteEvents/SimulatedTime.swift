/// An instant of simulated time: whole nanoseconds since the start of a run.
///
/// Whole numbers make equal instants truly equal. Sums saturate, so that adding anything to
/// `.never` stays `.never`; the range is 292 years.
@frozen
public struct SimulatedTime: Hashable, Sendable {
    public let nanoseconds: Int64

    @inlinable
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The start of a run.
    @inlinable
    public static var zero: Self { Self(nanoseconds: 0) }

    /// Later than every instant at which something happens.
    @inlinable
    public static var never: Self { Self(nanoseconds: .max) }

    /// Seconds since the start of a run, rounded to the nearest `Double`.
    @inlinable
    public var seconds: Double { Double(nanoseconds) / 1e9 }
}

extension SimulatedTime: Comparable {
    @inlinable
    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.nanoseconds < rhs.nanoseconds }

    /// The instant `nanoseconds` later.
    @inlinable
    public static func + (time: Self, nanoseconds: Int64) -> Self {
        let (sum, overflow) = time.nanoseconds.addingReportingOverflow(nanoseconds)
        return Self(nanoseconds: overflow ? (nanoseconds > 0 ? .max : .min) : sum)
    }

    /// The instant `nanoseconds` earlier.
    @inlinable
    public static func - (time: Self, nanoseconds: Int64) -> Self {
        let (difference, overflow) = time.nanoseconds.subtractingReportingOverflow(nanoseconds)
        return Self(nanoseconds: overflow ? (nanoseconds > 0 ? .min : .max) : difference)
    }

    /// Nanoseconds from `earlier` to `later`.
    @inlinable
    public static func - (later: Self, earlier: Self) -> Int64 {
        (later - earlier.nanoseconds).nanoseconds
    }
}

extension SimulatedTime: CustomStringConvertible {
    public var description: String { self == .never ? "never" : "\(seconds) s" }
}
