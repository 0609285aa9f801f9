/// A wide whole number that is coded as its upper and lower half.
@propertyWrapper
struct Halves: Sendable, Codable {
    var wrappedValue: Int128

    init(wrappedValue: Int128) { self.wrappedValue = wrappedValue }

    init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        let (high, low) = (
            try container.decode(Int64.self), try container.decode(UInt64.self)
        )
        wrappedValue = Int128(high) << 64 | Int128(low)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode(Int64(wrappedValue >> 64))
        try container.encode(UInt64(truncatingIfNeeded: wrappedValue))
    }
}
