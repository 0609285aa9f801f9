import Catalog

/// What a value of a manifest may be: the part of JSON Schema that the manifests' schemas use.
indirect enum Shape: Sendable {
    case reference(String)
    case rules(ShapeRules)
    /// `true` or `false` in place of a schema.
    case always(Bool)
}

/// The keywords of one schema; those that are nil demand nothing.
struct ShapeRules: Sendable {
    enum Kind: String, Sendable {
        case object, array, string, integer, number, boolean, null
    }

    var kinds: [Kind]?
    var properties: [String: Shape] = [:]
    var required: [String] = []
    /// What a key that is not among the properties may hold.
    var additional = Shape.always(true)
    var items: Shape?
    var contains: Shape?
    /// Texts, or numbers and truth values as they are written.
    var allowed: [String]?
    var pattern: String?
    var length = Limits()
    var value = Limits()
    var exclusiveMinimum: Double?
    var count = Limits()
    var members = Limits()
    var anyOf: [Shape] = []
    var oneOf: [Shape] = []
    var allOf: [Shape] = []
    var not: Shape?

    /// Both ends are part of it.
    struct Limits: Sendable {
        var least: Double?
        var most: Double?
    }
}

extension Shape {
    /// Reads a schema of the embedded file.
    init(_ source: SourceValue) {
        if let flag = source.flag {
            self = .always(flag)
        } else if let name = source.member("$ref")?.text {
            self = .reference(name)
        } else {
            self = .rules(ShapeRules(source))
        }
    }
}

extension ShapeRules {
    fileprivate init(_ source: SourceValue) {
        func number(_ key: String) -> Double? { source.member(key)?.number }
        func shapes(_ key: String) -> [Shape] {
            (source.member(key)?.elements ?? []).map(Shape.init)
        }
        func shape(_ key: String) -> Shape? { source.member(key).map(Shape.init) }
        if let type = source.member("type") {
            kinds = (type.elements ?? [type]).compactMap { $0.text.flatMap(Kind.init) }
            // The text `null` is read as nothing at all.
            if type.elements?.contains(where: { $0.written == "null" }) ?? (type.written == "null")
            {
                kinds?.append(.null)
            }
        }
        for entry in source.member("properties")?.entries ?? [] {
            properties[entry.key] = Shape(entry.value)
        }
        required = (source.member("required")?.elements ?? []).compactMap(\.written)
        additional = shape("additionalProperties") ?? .always(true)
        items = shape("items")
        contains = shape("contains")
        let constant = source.member("const").flatMap(\.written).map { [$0] }
        allowed = source.member("enum")?.elements?.compactMap(\.written) ?? constant
        pattern = source.member("pattern")?.text
        length = Limits(least: number("minLength"), most: number("maxLength"))
        value = Limits(least: number("minimum"), most: number("maximum"))
        exclusiveMinimum = number("exclusiveMinimum")
        count = Limits(least: number("minItems"), most: number("maxItems"))
        members = Limits(least: number("minProperties"), most: number("maxProperties"))
        anyOf = shapes("anyOf")
        oneOf = shapes("oneOf")
        allOf = shapes("allOf")
        not = shape("not")
    }
}

extension SourceValue {
    /// What JSON would call the value.
    ///
    /// Words that YAML 1.1 takes for truth values count as such: the readers of these manifests do.
    var kind: ShapeRules.Kind {
        switch content {
        case .mapping: return .object
        case .list: return .array
        case .scalar(_, quoted: true): return .string
        case .scalar(let text, quoted: false):
            if isNull { return .null }
            if Self.truths.contains(text.lowercased()) { return .boolean }
            if integer != nil { return .integer }
            return number == nil ? .string : .number
        }
    }

    private static let truths: Set<String> = ["true", "false", "yes", "no", "on", "off"]
}
