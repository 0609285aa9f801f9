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
    /// - Throws: where the bytes are neither.
    static func objects(_ bytes: Data) throws(RunLogError) -> [Self] {
        if let whole = try? JSONSerialization.jsonObject(with: bytes) {
            let values = (whole as? [Any]) ?? [whole]
            guard values.allSatisfy({ $0 is [String: Any] }) else {
                throw RunLogError("It is JSON, but no objects; expected the log of a benchmark.")
            }
            return values.map(Self.init)
        }
        var objects: [Self] = []
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated()
        where line.contains(where: { !" \t\r".utf8.contains($0) }) {
            guard let object = Self(object: Data(line)) else {
                throw RunLogError(
                    "Line \(index + 1) is no JSON object; expected the log of a benchmark as one "
                        + "JSON object, or one on every line.")
            }
            objects.append(object)
        }
        return objects
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

    var names: [String] { ((value as? [String: Any])?.keys).map { $0.sorted() } ?? [] }

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

    /// The member under one of these names nearest to the root, however deep.
    func found(_ names: [String]) -> Self? {
        if let member = first(names) { return member }
        for name in self.names {
            if let member = self[name]?.found(names) { return member }
        }
        return nil
    }
}
