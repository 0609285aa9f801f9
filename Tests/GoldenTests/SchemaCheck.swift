/// The part of JSON Schema 2020-12 that our own schemas use.
///
/// A keyword outside of it is a fault of the check, so that no rule is passed over in silence.
struct SchemaCheck {
    private static let annotations: Set<String> = [
        "$schema", "$id", "$defs", "title", "description", "default",
    ]

    let root: JSON

    /// What of `document` breaks the schema, by path; empty where it is valid.
    func faults(_ document: JSON) -> [String] { faults(document, root, "$") }

    private func faults(_ value: JSON, _ schema: JSON, _ path: String) -> [String] {
        if case .bool(let allowed) = schema { return allowed ? [] : ["\(path): not allowed"] }
        guard case .object(let rules) = schema else { return ["\(path): the schema is no object"] }
        return rules.keys.sorted().flatMap { keyword in
            rules[keyword].map { faults(value, keyword, $0, rules, path) } ?? []
        }
    }

    private func faults(
        _ value: JSON, _ keyword: String, _ rule: JSON, _ rules: [String: JSON], _ path: String
    ) -> [String] {
        switch keyword {
        case "type": return value.has(type: rule) ? [] : ["\(path): not of type \(rule)"]
        case "const": return value == rule ? [] : ["\(path): \(value) is not \(rule)"]
        case "enum": return rule.elements.contains(value) ? [] : ["\(path): \(value) not listed"]
        case "exclusiveMinimum": return bounds(value, rule, path) { $0 > $1 }
        case "minimum": return bounds(value, rule, path) { $0 >= $1 }
        case "maximum": return bounds(value, rule, path) { $0 <= $1 }
        case "minProperties":
            guard case .object(let members) = value else { return [] }
            return bounds(.number(Double(members.count)), rule, path) { $0 >= $1 }
        case "minItems", "maxItems":
            guard case .array(let elements) = value else { return [] }
            return bounds(.number(Double(elements.count)), rule, path) {
                keyword == "minItems" ? $0 >= $1 : $0 <= $1
            }
        case "uniqueItems":
            return Set(value.elements).count == value.elements.count ? [] : ["\(path): twice"]
        case "minLength", "maxLength":
            guard let text = value.text else { return [] }
            return bounds(.number(Double(text.count)), rule, path) {
                keyword == "minLength" ? $0 >= $1 : $0 <= $1
            }
        case "pattern":
            guard let text = value.text, let pattern = rule.text else { return [] }
            let isFitting = (try? Regex(pattern).firstMatch(in: text)) != nil
            return isFitting ? [] : ["\(path): \(text) does not fit \(pattern)"]
        case "anyOf":
            let fits = rule.elements.contains { faults(value, $0, path).isEmpty }
            return fits ? [] : ["\(path): fits none of the forms, \(value)"]
        case "oneOf":
            let fitting = rule.elements.count { faults(value, $0, path).isEmpty }
            return fitting == 1 ? [] : ["\(path): fits \(fitting) of the forms, \(value)"]
        case "required":
            guard case .object(let members) = value else { return [] }
            return rule.elements.compactMap(\.text).filter { members[$0] == nil }
                .map { "\(path): \($0) is missing" }
        case "items":
            return value.elements.enumerated().flatMap {
                faults($0.element, rule, "\(path)[\($0.offset)]")
            }
        case "properties": return members(of: value, path) { rule[$0] }
        case "additionalProperties":
            return members(of: value, path) { rules["properties"]?[$0] == nil ? rule : nil }
        case "propertyNames":
            guard case .object(let members) = value else { return [] }
            return members.keys.sorted().flatMap { faults(.string($0), rule, "\(path).\($0)") }
        case "$ref": return reference(rule).map { faults(value, $0, path) } ?? ["\(path): \(rule)"]
        default:
            return Self.annotations.contains(keyword) ? [] : ["\(path): keyword \(keyword) unknown"]
        }
    }

    private func members(
        of value: JSON, _ path: String, schema: (String) -> JSON?
    ) -> [String] {
        guard case .object(let members) = value else { return [] }
        return members.keys.sorted().flatMap { key -> [String] in
            guard let member = members[key], let schema = schema(key) else { return [] }
            return faults(member, schema, "\(path).\(key)")
        }
    }

    private func bounds(
        _ value: JSON, _ limit: JSON, _ path: String, _ holds: (Double, Double) -> Bool
    ) -> [String] {
        guard case .number(let number) = value, case .number(let limit) = limit else { return [] }
        return holds(number, limit) ? [] : ["\(path): \(number) is beyond \(limit)"]
    }

    /// Follows `#/a/b` from the root.
    private func reference(_ rule: JSON) -> JSON? {
        guard let text = rule.text, text.hasPrefix("#/") else { return nil }
        return text.dropFirst(2).split(separator: "/").reduce(Optional(root)) { schema, key in
            schema?[String(key)]
        }
    }
}

extension JSON {
    /// Whether the value has the type, or one of the types, that a schema names.
    fileprivate func has(type rule: JSON) -> Bool {
        let names = rule.text.map { [$0] } ?? rule.elements.compactMap(\.text)
        return names.contains { name in
            switch (self, name) {
            case (.null, "null"), (.bool, "boolean"), (.string, "string"), (.array, "array"),
                (.object, "object"), (.number, "number"):
                true
            case (.number(let number), "integer"): number == number.rounded()
            default: false
            }
        }
    }
}
