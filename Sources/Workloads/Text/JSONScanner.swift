/// Reads JSON (RFC 8259) out of bytes, value by value, without building what nobody asks for.
///
/// `NaN` and infinities, which Python writes, count as numbers. Values may be nested `deepest` deep.
struct JSONScanner {
    static let deepest = 128

    private let bytes: [UInt8]
    private let end: Int
    /// The next byte to be read.
    private(set) var place: Int
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

    /// The elements of a list of whole numbers.
    mutating func wholeNumbers() throws(JSONFault) -> [Int] {
        var numbers: [Int] = []
        try elements { (scanner) throws(JSONFault) in
            guard case .whole(let number) = try scanner.scalar() else {
                throw scanner.fault("a whole number")
            }
            numbers.append(number)
        }
        return numbers
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
        JSONFault(place: other ?? place, isEnd: (other ?? place) >= end, expected: expected)
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

extension JSONScanner {
    /// The fast way to whole numbers of up to 18 digits; others are read as Swift reads them.
    private mutating func number() throws(JSONFault) -> TraceValue {
        let start = place
        let isNegative = place < end && bytes[place] == UInt8(ascii: "-")
        if isNegative { place += 1 }
        var (value, digits) = (0, 0)
        while place < end, case let digit = bytes[place] &- 0x30, digit < 10, digits < 18 {
            value = 10 * value + Int(digit)
            digits += 1
            place += 1
        }
        if digits > 0, place == end || !Self.continuesNumber(bytes[place]) {
            return .whole(isNegative ? -value : value)
        }
        while place < end, Self.continuesNumber(bytes[place]) { place += 1 }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        switch text {
        case "NaN": return .number(.nan)
        case "Infinity": return .number(.infinity)
        case "-Infinity": return .number(-.infinity)
        default: break
        }
        // Swift reads more than JSON has, such as hexadecimal digits.
        guard digits > 0, text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }),
            text.utf8.last.map({ (0x30...0x39).contains($0) }) == true
        else {
            throw fault("a value", at: start)
        }
        guard let whole = Int(text) else {
            guard let number = Double(text) else { throw fault("a number", at: start) }
            return .number(number)
        }
        return .whole(whole)
    }

    /// Characters of numbers and of the words for what is no finite number.
    private static func continuesNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "."), UInt8(ascii: "+"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// Nil where the bytes are not UTF-8, or an escape is none.
    fileprivate static func unescaped(_ raw: ArraySlice<UInt8>) -> String? {
        guard raw.contains(UInt8(ascii: "\\")) else {
            return String(validating: raw, as: UTF8.self)
        }
        var text: [UInt8] = []
        var rest = raw
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            guard let escape = rest.popFirst() else { return nil }
            switch escape {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(escape)
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "u"):
                guard let scalar = scalar(&rest) else { return nil }
                text += String(Character(scalar)).utf8
            default: return nil
            }
        }
        return String(validating: text, as: UTF8.self)
    }

    /// What `\u` stands for; half of a pair alone stands for what cannot be shown.
    private static func scalar(_ rest: inout ArraySlice<UInt8>) -> Unicode.Scalar? {
        guard let first = unit(&rest) else { return nil }
        if let scalar = Unicode.Scalar(UInt32(first)) { return scalar }
        guard (0xD800..<0xDC00).contains(first), rest.starts(with: "\\u".utf8) else {
            return "\u{FFFD}"
        }
        var behind = rest.dropFirst(2)
        guard let second = unit(&behind) else { return nil }
        guard (0xDC00..<0xE000).contains(second) else { return "\u{FFFD}" }
        rest = behind
        let value = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
        return Unicode.Scalar(value)
    }

    private static func unit(_ rest: inout ArraySlice<UInt8>) -> UInt16? {
        guard rest.count >= 4 else { return nil }
        let digits = String(decoding: rest.prefix(4), as: UTF8.self)
        rest = rest.dropFirst(4)
        return digits.first == "+" ? nil : UInt16(digits, radix: 16)
    }
}

/// What is wrong with a JSON text.
struct JSONFault: Error {
    /// Index of the byte.
    let place: Int
    /// Whether the text ends there.
    let isEnd: Bool
    let expected: String
}
