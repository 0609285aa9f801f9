import Foundation

/// A value of a JSON text, looked at by its names.
struct LoggedValue {
    private let value: Any

    private init(_ value: Any) { self.value = value }

    /// Nil where the bytes are no JSON object.
    init?(object bytes: Data) {
        guard let value = try? JSONSerialization.jsonObject(with: bytes), value is [String: Any]
        else { return nil }
        self.init(value)
    }

    /// The values of a file: one object, a list of them, or one on every line.
    ///
    /// `NaN` and `Infinity`, which Python writes and JSON does not have, are read as texts.
    ///
    /// - Throws: where the bytes are neither.
    static func objects(_ bytes: Data) throws(RunLogError) -> [Self] {
        let bytes = quotingNonFinite(bytes)
        let whole: Any
        do {
            whole = try JSONSerialization.jsonObject(with: bytes)
        } catch {
            return try lines(bytes, error)
        }
        let values = (whole as? [Any]) ?? [whole]
        guard values.allSatisfy({ $0 is [String: Any] }) else {
            throw RunLogError("It is JSON, but no objects; expected the log of a benchmark.")
        }
        return values.map(Self.init)
    }

    /// The objects of lines; `fault` is what is wrong with the bytes as one value.
    private static func lines(_ bytes: Data, _ fault: any Error) throws(RunLogError) -> [Self] {
        var objects: [Self] = []
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated()
        where line.contains(where: { !" \t\r".utf8.contains($0) }) {
            if let object = Self(object: Data(line)) {
                objects.append(object)
            } else if objects.isEmpty {
                let words = (fault as NSError).userInfo[NSDebugDescriptionErrorKey] as? String
                throw RunLogError(
                    "It is no JSON (\(words ?? "nothing more is known")); expected the log of a "
                        + "benchmark as one JSON object, or one on every line.")
            } else {
                throw RunLogError(
                    "Line \(index + 1) is no JSON object; expected the log of a benchmark as one "
                        + "JSON object, or one on every line.")
            }
        }
        return objects
    }

    /// The same with quotes around every `NaN`, `Infinity` and `-Infinity` outside of strings.
    private static func quotingNonFinite(_ bytes: Data) -> Data {
        let words = ["NaN", "-Infinity", "Infinity"].map { Array($0.utf8) }
        let text = [UInt8](bytes)
        var (quoted, place, isString) = ([UInt8](), 0, false)
        quoted.reserveCapacity(text.count)
        while place < text.count {
            let byte = text[place]
            if !isString, let word = words.first(where: { text[place...].starts(with: $0) }) {
                quoted += "\"".utf8 + word + "\"".utf8
                place += word.count
                continue
            }
            quoted.append(byte)
            place += 1
            if byte == UInt8(ascii: "\"") {
                isString.toggle()
            } else if isString, byte == UInt8(ascii: "\\"), place < text.count {
                quoted.append(text[place])
                place += 1
            }
        }
        return Data(quoted)
    }

    subscript(name: String) -> Self? {
        guard let member = (value as? [String: Any])?[name], !(member is NSNull) else { return nil }
        return Self(member)
    }

    /// The first of these members that is there.
    func first(_ names: [String]) -> Self? {
        for name in names {
            if let member = self[name] { return member }
        }
        return nil
    }

    private var names: [String] { ((value as? [String: Any])?.keys).map { $0.sorted() } ?? [] }

    var list: [Self]? { (value as? [Any])?.map(Self.init) }

    /// A number, or the number that a text is; not a truth value.
    var number: Double? {
        if let text = value as? String { return Double(text) }
        guard let number = value as? NSNumber, !isFlag else { return nil }
        return number.doubleValue
    }

    var text: String? {
        if let text = value as? String { return text }
        guard let number = value as? NSNumber, !isFlag else { return nil }
        return number.stringValue
    }

    var flag: Bool? { isFlag ? value as? Bool : nil }

    private var isFlag: Bool {
        guard let number = value as? NSNumber else { return value is Bool }
        // Numbers 0 and 1 convert to truth values too.
        return String(cString: number.objCType) == "c"
    }

    /// The member under one of these names nearest to the root, however deep, lists included.
    func found(_ names: [String]) -> Self? {
        var level = [self]
        while !level.isEmpty {
            if let member = level.lazy.compactMap({ $0.first(names) }).first { return member }
            level = level.flatMap(\.children)
        }
        return nil
    }

    private var children: [Self] { list ?? names.compactMap { self[$0] } }
}
