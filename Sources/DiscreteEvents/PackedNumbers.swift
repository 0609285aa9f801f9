/// Whole numbers in a row of characters, each of which carries five bits and whether more follow.
///
/// One text in any coder, which would take a hundred times as long over single numbers.
package struct PackedNumbers: Codable {
    /// The first of 64 printable characters in a row.
    private static let first: UInt8 = 0x30
    private static let more: UInt8 = 0x20

    private var characters: [UInt8] = []
    private var place = 0

    package init() {}

    package init(from decoder: any Decoder) throws {
        characters = Array(try decoder.singleValueContainer().decode(String.self).utf8)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(String(decoding: characters, as: UTF8.self))
    }

    /// What is thrown where they are not what they should be.
    package func corrupted(_ decoder: any Decoder) -> DecodingError {
        .dataCorrupted(
            .init(codingPath: decoder.codingPath, debugDescription: "numbers that do not belong"))
    }

    package var isAtEnd: Bool { place >= characters.count }

    package mutating func append(_ number: UInt64) {
        var rest = number
        while rest >= UInt64(Self.more) {
            characters.append(Self.first + Self.more + UInt8(rest % UInt64(Self.more)))
            rest /= UInt64(Self.more)
        }
        characters.append(Self.first + UInt8(rest))
    }

    package mutating func append(_ number: Double) { append(number.bitPattern) }

    /// The next number; nil where there is none.
    package mutating func next() -> UInt64? {
        var (number, shift): (UInt64, UInt64) = (0, 0)
        while place < characters.count, shift < 64 {
            let digit = characters[place] &- Self.first
            guard digit < 2 * Self.more else { return nil }
            place += 1
            number |= UInt64(digit % Self.more) << shift
            if digit < Self.more { return number }
            shift += 5
        }
        return nil
    }

    /// The next number; nil where there is none that an `Int` holds.
    package mutating func nextInt() -> Int? { next().flatMap { Int(exactly: $0) } }

    package mutating func nextDouble() -> Double? { next().map(Double.init(bitPattern:)) }
}
