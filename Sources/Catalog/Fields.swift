/// The keys of one section of a file of facts, read with their types and ranges.
public struct Fields {
    /// Name of the section with a dot at its end; empty at the top.
    public let prefix: String
    public let place: SourcePlace
    private let entries: [SourceValue.Entry]

    public init(_ value: SourceValue, named name: String? = nil) throws(CatalogError) {
        guard let entries = value.entries else {
            throw .invalid(
                at: value.place, field: name ?? "the file", found: value.shown,
                expected: "a section of keys and values")
        }
        prefix = name.map { $0 + "." } ?? ""
        place = value.place
        self.entries = entries
    }

    public var keys: [String] { entries.map(\.key) }

    /// The value of `key`, or nil where it is absent or null.
    public func value(_ key: String) -> SourceValue? {
        entries.first { $0.key == key && !$0.value.isNull }?.value
    }

    public func section(_ key: String) throws(CatalogError) -> Fields? {
        guard let value = value(key) else { return nil }
        return try Fields(value, named: prefix + key)
    }

    public func requiredSection(_ key: String) throws(CatalogError) -> Fields {
        guard let section = try section(key) else { throw missing(key, "a section") }
        return section
    }

    public func integer(
        _ key: String, in range: ClosedRange<Int>, default fallback: Int? = nil
    ) throws(CatalogError) -> Int {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return try read(key, expected, fallback) { $0.integer.flatMap { range.within($0) } }
    }

    public func number(
        _ key: String, in range: ClosedRange<Double>, default fallback: Double? = nil
    ) throws(CatalogError) -> Double {
        let expected = "a number from \(range.lowerBound) to \(range.upperBound)"
        return try read(key, expected, fallback) { $0.number.flatMap { range.within($0) } }
    }

    public func flag(_ key: String, default fallback: Bool) throws(CatalogError) -> Bool {
        try read(key, "true or false", fallback) { $0.flag }
    }

    public func text(_ key: String, default fallback: String? = nil) throws(CatalogError) -> String
    {
        try read(key, "a text", fallback) { $0.text }
    }

    public func texts(_ key: String) throws(CatalogError) -> [String] {
        try read(key, "a list of texts", []) { value in
            guard let elements = value.elements else { return nil }
            let texts = elements.compactMap(\.text)
            return texts.count == elements.count ? texts : nil
        }
    }

    public func missing(_ key: String, _ expected: String) -> CatalogError {
        .missing(at: place, field: prefix + key, expected: expected)
    }

    /// The error for a value that is there and does not fit.
    public func invalid(_ key: String, expected: String) -> CatalogError {
        guard let value = value(key) else { return missing(key, expected) }
        return .invalid(
            at: value.place, field: prefix + key, found: value.shown, expected: expected)
    }

    /// Refuses every key that is not in `known`.
    public func refuseKeys(except known: [String]) throws(CatalogError) {
        for entry in entries where !known.contains(entry.key) {
            let nearest = NearestName.suggestions(for: entry.key, among: known).first
            throw .unknownKey(
                at: entry.place, key: prefix + entry.key, nearest: nearest, known: known)
        }
    }

    private func read<Value>(
        _ key: String, _ expected: String, _ fallback: Value?,
        _ convert: (SourceValue) -> Value?
    ) throws(CatalogError) -> Value {
        guard let source = value(key) else {
            guard let fallback else { throw missing(key, expected) }
            return fallback
        }
        guard let value = convert(source) else { throw invalid(key, expected: expected) }
        return value
    }
}

extension ClosedRange {
    fileprivate func within(_ value: Bound) -> Bound? { contains(value) ? value : nil }
}
