extension JSONScanner {
    /// The fast way to whole numbers of up to 18 digits; others are read as Swift reads them.
    mutating func number() throws(JSONFault) -> TraceValue {
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
    static func unescaped(_ raw: ArraySlice<UInt8>) -> String? {
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
