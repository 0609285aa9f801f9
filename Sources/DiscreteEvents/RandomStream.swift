/// Random numbers that are looked up rather than drawn: a hash of seed, purpose and two indices.
///
/// There is no state. Any order and any thread gives the same values, and a draw that is added for
/// one purpose does not shift those of another.
@frozen
public struct RandomStream: Hashable, Sendable {
    @usableFromInline let key: UInt64

    public init(seed: UInt64, named purpose: String) {
        // FNV-1a over the name, so that equal names agree in every process.
        let name = purpose.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3
        }
        key = SplitMix.finalise(SplitMix.finalise(seed &+ SplitMix.increment) ^ name)
    }

    /// The 64 random bits at `(a, b)`.
    @inlinable
    public func draw(_ a: Int, _ b: Int = 0) -> UInt64 {
        let row = SplitMix.finalise(key &+ UInt64(bitPattern: Int64(a)) &* SplitMix.increment)
        return SplitMix.finalise(row &+ UInt64(bitPattern: Int64(b)) &* SplitMix.increment)
    }

    /// A uniform number strictly between 0 and 1.
    @inlinable
    public func unit(_ a: Int, _ b: Int = 0) -> Double { SplitMix.unit(draw(a, b)) }

    /// A uniform whole number from 0 up to, but not including, `bound`.
    ///
    /// The bias is below `bound` / 2⁶⁴.
    ///
    /// - Precondition: `bound` is positive.
    @inlinable
    public func integer(below bound: Int, _ a: Int, _ b: Int = 0) -> Int {
        SplitMix.integer(draw(a, b), below: bound)
    }
}
