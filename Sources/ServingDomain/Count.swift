/// A whole number of things of one kind; counts of different kinds never mix.
@frozen
public struct Count<Unit>: Hashable, Comparable, Sendable {
    public let value: Int

    @inlinable
    public init(_ value: Int) { self.value = value }

    @inlinable
    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.value < rhs.value }

    @inlinable
    public static func + (lhs: Self, rhs: Self) -> Self { Self(lhs.value + rhs.value) }

    @inlinable
    public static func - (lhs: Self, rhs: Self) -> Self { Self(lhs.value - rhs.value) }

    @inlinable
    public static func * (lhs: Self, factor: Int) -> Self { Self(lhs.value * factor) }

    public static var zero: Self { Self(0) }
}

extension Count: CustomStringConvertible {
    public var description: String { String(value) }
}

extension Count: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int) { self.init(value) }
}

public enum TokenUnit: Sendable {}
public enum ByteUnit: Sendable {}
public enum GPUUnit: Sendable {}

/// Tokens of text, as the model's tokenizer counts them.
public typealias Tokens = Count<TokenUnit>
/// Bytes of memory or of a message.
public typealias Bytes = Count<ByteUnit>
/// Whole accelerators.
public typealias GPUs = Count<GPUUnit>
