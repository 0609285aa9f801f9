/// The bit mixing of SplitMix64 (Steele, Lea and Flood 2014), and numbers made from its bits.
@usableFromInline
enum SplitMix {
    /// The odd number nearest to 2⁶⁴ over the golden ratio.
    @inlinable
    static var increment: UInt64 { 0x9E37_79B9_7F4A_7C15 }

    @inlinable
    static func finalise(_ bits: UInt64) -> UInt64 {
        var z = bits &+ increment
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// The odd multiples of 2⁻⁵³ in (0, 1): 52 random bits and a half, so neither end is met.
    @inlinable
    static func unit(_ bits: UInt64) -> Double { (Double(bits >> 12) + 0.5) * 0x1p-52 }

    @inlinable
    static func integer(_ bits: UInt64, below bound: Int) -> Int {
        precondition(bound > 0, "a random whole number below \(bound) does not exist")
        return Int(bits.multipliedFullWidth(by: UInt64(bound)).high)
    }
}
