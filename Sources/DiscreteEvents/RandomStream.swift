/// Random numbers for one purpose, addressed instead of drawn in order.
///
/// A draw is a hash of seed, purpose and two indices (SplitMix64's finaliser), so that it does not
/// depend on what else was drawn, in which order or on which thread.
public struct RandomStream: Hashable, Sendable {
    private let key: UInt64

    public init(seed: UInt64, named purpose: String) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in purpose.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        key = Self.mix(Self.mix(seed) ^ hash)
    }

    /// 64 random bits at `(first, second)`.
    public func draw(_ first: Int, _ second: Int) -> UInt64 {
        let row = Self.mix(key &+ UInt64(bitPattern: Int64(first)) &* 0x9E37_79B9_7F4A_7C15)
        return Self.mix(row &+ UInt64(bitPattern: Int64(second)) &* 0xD1B5_4A32_D192_ED03)
    }

    /// A number in (0, 1), never 0 and never 1: the middle of one of 2^52 equal cells.
    public func unit(_ first: Int, _ second: Int) -> Double {
        (Double(draw(first, second) >> 12) + 0.5) * 0x1p-52
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
