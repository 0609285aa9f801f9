/// A long sequence of random numbers from one state: xoshiro256++ (Blackman and Vigna 2018).
///
/// Deliberately no `RandomNumberGenerator`: how the standard library maps bits to numbers may
/// change between releases, and results with it.
@frozen
public struct RandomSequence: Sendable {
    @usableFromInline var s0: UInt64
    @usableFromInline var s1: UInt64
    @usableFromInline var s2: UInt64
    @usableFromInline var s3: UInt64

    public init(seed: UInt64, named purpose: String) {
        let stream = RandomStream(seed: seed, named: purpose)
        (s0, s1, s2, s3) = (stream.draw(0), stream.draw(1), stream.draw(2), stream.draw(3) | 1)
    }

    /// Starts from the four words of a state that is not all zero.
    init(state: (UInt64, UInt64, UInt64, UInt64)) { (s0, s1, s2, s3) = state }

    /// The next 64 random bits.
    @inlinable
    public mutating func next() -> UInt64 {
        let result = Self.rotate(s0 &+ s3, by: 23) &+ s0
        let shifted = s1 << 17
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= shifted
        s3 = Self.rotate(s3, by: 45)
        return result
    }

    /// The next uniform number strictly between 0 and 1.
    @inlinable
    public mutating func unit() -> Double { SplitMix.unit(next()) }

    /// The next uniform whole number from 0 up to, but not including, `bound`.
    ///
    /// - Precondition: `bound` is positive.
    @inlinable
    public mutating func integer(below bound: Int) -> Int {
        SplitMix.integer(next(), below: bound)
    }

    @inlinable
    static func rotate(_ bits: UInt64, by count: UInt64) -> UInt64 {
        bits << count | bits >> (64 - count)
    }
}
