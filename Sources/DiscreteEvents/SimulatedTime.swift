/// An instant of simulated time: whole nanoseconds since the start of a run.
@frozen
public struct SimulatedTime: Hashable, Comparable, Sendable {
    public let nanoseconds: Int64

    @inlinable
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    public static let zero = Self(nanoseconds: 0)

    @inlinable
    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.nanoseconds < rhs.nanoseconds }

    @inlinable
    public static func + (lhs: Self, nanoseconds: Int64) -> Self {
        Self(nanoseconds: lhs.nanoseconds + nanoseconds)
    }

    @inlinable
    public static func - (lhs: Self, rhs: Self) -> Int64 { lhs.nanoseconds - rhs.nanoseconds }
}
