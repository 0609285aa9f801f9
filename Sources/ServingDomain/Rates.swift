/// Bytes per second over one link in one direction; the only way from a size to a time.
public struct Bandwidth: Hashable, Comparable, Sendable {
    public let bytesPerSecond: Double

    public init(bytesPerSecond: Double) { self.bytesPerSecond = bytesPerSecond }

    /// Decimal gigabytes (1e9 bytes) per second.
    public init(gigabytesPerSecond: Double) { self.init(bytesPerSecond: gigabytesPerSecond * 1e9) }

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.bytesPerSecond < rhs.bytesPerSecond }

    public static func * (lhs: Self, factor: Double) -> Self {
        Self(bytesPerSecond: lhs.bytesPerSecond * factor)
    }
}

/// Time to move `size` over `link`, without any fixed latency.
public func / (size: Bytes, link: Bandwidth) -> Duration {
    .seconds(Double(size.value) / link.bytesPerSecond)
}

/// Offered load in sessions per second.
public struct Rate: Hashable, Comparable, Sendable {
    public let sessionsPerSecond: Double

    public init(sessionsPerSecond: Double) { self.sessionsPerSecond = sessionsPerSecond }

    /// Nobody waits for a time: what a closed loop offers.
    public static let unlimited = Self(sessionsPerSecond: .infinity)

    public static func < (lhs: Self, rhs: Self) -> Bool {
        lhs.sessionsPerSecond < rhs.sessionsPerSecond
    }

    /// The share of the load that one of `replicas` equal workers sees.
    public static func / (lhs: Self, replicas: Int) -> Self {
        Self(sessionsPerSecond: lhs.sessionsPerSecond / Double(replicas))
    }
}

extension Duration {
    /// This duration in seconds, rounded to the nearest `Double`.
    public var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }

    /// This duration in milliseconds, rounded to the nearest `Double`.
    public var inMilliseconds: Double { inSeconds * 1e3 }

    /// This duration in whole nanoseconds, rounded to the nearest.
    public var inNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + (attoseconds + 500_000_000) / 1_000_000_000
    }
}
