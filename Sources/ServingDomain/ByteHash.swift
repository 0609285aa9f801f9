/// FNV-1a over bytes, 64 bits wide: the same in every process and on every machine, unlike `Hasher`.
///
/// It tells names apart and is no defence against whoever wants two texts to meet.
public struct ByteHash: Hashable, Sendable {
    public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    public init() {}

    public init(of text: String) { combine(text.utf8) }

    public mutating func combine(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
}
