/// Reads JSON (RFC 8259) out of bytes, value by value, without building what nobody asks for.
///
/// `NaN` and infinities, which Python writes, count as numbers. Values may be nested `deepest` deep.
struct JSONScanner {
    static let deepest = 128

    let bytes: [UInt8]
    let end: Int
    /// The next byte to be read.
    var place: Int
    private var depth = 0

    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        place = range.lowerBound
        end = range.upperBound
    }

    /// The name of a member, as it is written down.
    struct Key {
        fileprivate let bytes: [UInt8]
        fileprivate let range: Range<Int>

        /// Whether the name is this one, which has no character that JSON escapes.
        func matches(_ name: StaticString) -> Bool {
            guard name.utf8CodeUnitCount == range.count else { return false }
            return name.withUTF8Buffer { $0.elementsEqual(bytes[range]) }
        }

        /// With escapes resolved; nil where it is not UTF-8.
        var text: String? { JSONScanner.unescaped(bytes[range]) }
    }

    /// Reads an object; the closure has to read the value of every member.
    mutating func members(
        _ read: (inout Self, Key) throws(JSONFault) -> Void
    ) throws(JSONFault) {
        try open(UInt8(ascii: "{"), "an object")
        guard !skip(UInt8(ascii: "}")) else { return depth -= 1 }
        repeat {
            let key = Key(bytes: bytes, range: try raw())
            guard skip(UInt8(ascii: ":")) else { throw fault("a colon behind a name") }
            try read(&self, key)
        } while skip(UInt8(ascii: ","))
        try close(UInt8(ascii: "}"), "a comma or the end of the object")
    }

    /// Reads a list; the closure has to read every element.
    mutating func elements(_ read: (inout Self) throws(JSONFault) -> Void) throws(JSONFault) {
        try open(UInt8(ascii: "["), "a list")
        guard !skip(UInt8(ascii: "]")) else { return depth -= 1 }
        repeat { try read(&self) } while skip(UInt8(ascii: ","))
        try close(UInt8(ascii: "]"), "a comma or the end of the list")
    }

    /// The whole numbers of a list up to the first element that is none, and that with its place.
    mutating func wholeNumbers() throws(JSONFault) -> (numbers: [Int], other: Misfit?) {
        var (numbers, misfit): ([Int], Misfit?) = ([], nil)
        numbers.reserveCapacity(32)
        try elements { (scanner) throws(JSONFault) in
            if misfit == nil, let number = scanner.shortNumber() {
                numbers.append(number)
            } else {
                let value = try scanner.scalar()
                if misfit == nil, case .whole(let number) = value {
                    numbers.append(number)
                } else {
                    misfit = misfit ?? Misfit(index: numbers.count, value: value)
                }
            }
        }
        return (numbers, misfit)
    }

    /// An element that is no whole number.
    struct Misfit {
        let index: Int
        let value: TraceValue?
    }

    /// A whole number of up to 18 digits with a comma or bracket behind it, which is what lists of ids
    /// hold; nil, and nothing read, where there is something else.
    private mutating func shortNumber() -> Int? {
        var (next, value) = (place, 0)
        while next < end, bytes[next] == 0x20 { next += 1 }
        let start = next
        while next < end, case let digit = bytes[next] &- 0x30, digit < 10 {
            value = 10 &* value &+ Int(digit)
            next += 1
        }
        guard next > start, next - start <= 18, next < end,
            bytes[next] == UInt8(ascii: ",") || bytes[next] == UInt8(ascii: "]")
        else { return nil }
        place = next
        return value
    }

    /// A number, or what stands in its place; nil for null.
    mutating func scalar() throws(JSONFault) -> TraceValue? {
        switch peek() {
        case UInt8(ascii: "\""): return .other("'\(try text().prefix(40))'")
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            try skipValue()
            return .other("something that is no number")
        case UInt8(ascii: "n"):
            try word("null")
            return nil
        case UInt8(ascii: "t"):
            try word("true")
            return .other("true")
        case UInt8(ascii: "f"):
            try word("false")
            return .other("false")
        default: return try number()
        }
    }

    /// A string, escapes resolved.
    mutating func text() throws(JSONFault) -> String {
        let range = try raw()
        guard let text = Self.unescaped(bytes[range]) else {
            throw fault("UTF-8 text", at: range.lowerBound)
        }
        return text
    }

    /// The next byte that is no white space.
    mutating func peek() -> UInt8? {
        while place < end, Self.isBlank(bytes[place]) { place += 1 }
        return place < end ? bytes[place] : nil
    }

    mutating func skipValue() throws(JSONFault) {
        switch peek() {
        case UInt8(ascii: "{"):
            try members { (scanner, _) throws(JSONFault) in try scanner.skipValue() }
        case UInt8(ascii: "["):
            try elements { (scanner) throws(JSONFault) in try scanner.skipValue() }
        case UInt8(ascii: "\""): _ = try raw()
        default: _ = try scalar()
        }
    }

    /// - Throws: where anything but white space is left.
    mutating func finish() throws(JSONFault) {
        guard peek() == nil else { throw fault("nothing more") }
    }

    /// What is wrong at the place that was reached, or another.
    func fault(_ expected: String, at other: Int? = nil) -> JSONFault {
        JSONFault(place: other ?? place, expected: expected)
    }

    /// One of JSON's words.
    mutating func word(_ word: StaticString) throws(JSONFault) {
        let isThere = word.withUTF8Buffer { bytes[place..<end].starts(with: $0) }
        guard isThere else { throw fault("a value") }
        place += word.utf8CodeUnitCount
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        place += 1
        return true
    }

    private mutating func open(_ byte: UInt8, _ expected: String) throws(JSONFault) {
        guard skip(byte) else { throw fault(expected) }
        depth += 1
        guard depth <= Self.deepest else {
            throw fault("at most \(Self.deepest) values in one another")
        }
    }

    private mutating func close(_ byte: UInt8, _ expected: String) throws(JSONFault) {
        guard skip(byte) else { throw fault(expected) }
        depth -= 1
    }

    /// The bytes between the quotes of a string.
    private mutating func raw() throws(JSONFault) -> Range<Int> {
        guard skip(UInt8(ascii: "\"")) else { throw fault("a text in quotes") }
        let start = place
        while place < end {
            let byte = bytes[place]
            if byte == UInt8(ascii: "\"") {
                place += 1
                return start..<place - 1
            }
            place += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        place = end
        throw fault("the closing quote of a text")
    }
}

/// What is wrong with a JSON text.
struct JSONFault: Error {
    /// Index of the byte.
    let place: Int
    let expected: String
}
