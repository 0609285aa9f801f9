import Catalog

/// Compares values with shapes.
struct SchemaValidation {
    let schemas: ManifestSchemas
    /// Patterns as they were compiled; nil for one that cannot be.
    private var patterns: [String: Regex<AnyRegexOutput>?] = [:]
    /// Longer texts are not compared with a pattern, so that none takes long.
    private static let longestMatched = 4096

    init(schemas: ManifestSchemas) { self.schemas = schemas }

    mutating func faults(of value: SourceValue, _ shape: Shape, at path: [String]) -> [SchemaFault]
    {
        if case .always(let isAccepted) = shape {
            return isAccepted ? [] : [fault(value, path, "nothing may stand here")]
        }
        guard let rules = schemas.rules(shape) else { return [] }
        if let kinds = rules.kinds, !kinds.contains(where: { $0.includes(value.kind) }) {
            let words = kinds.map(\.words)
            let expected = words.indices.filter { !words[..<$0].contains(words[$0]) }
                .map { words[$0] }.joined(separator: " or ")
            return [fault(value, path, "is \(value.shown); expected \(expected)")]
        }
        var found = valueFaults(value, rules, path)
        found += objectFaults(value, rules, path)
        found += listFaults(value, rules, path)
        for part in rules.allOf { found += faults(of: value, part, at: path) }
        found += choiceFaults(value, rules, path)
        return found
    }

    // MARK: Scalars

    private mutating func valueFaults(
        _ value: SourceValue, _ rules: ShapeRules, _ path: [String]
    ) -> [SchemaFault] {
        var found: [SchemaFault] = []
        if let allowed = rules.allowed, !(value.written.map(allowed.contains) ?? false) {
            let words = allowed.joined(separator: ", ")
            found.append(fault(value, path, "is \(value.shown); expected \(words)"))
        }
        if let number = value.number {
            found += limitFaults(number, rules.value, "the value", value, path)
            if let low = rules.exclusiveMinimum, number <= low {
                found.append(fault(value, path, "is \(value.shown); expected more than \(low)"))
            }
        }
        guard value.kind == .string, let text = value.written else { return found }
        let length = Double(text.unicodeScalars.count)
        found += limitFaults(length, rules.length, "the length", value, path)
        if let pattern = rules.pattern, !matches(text, pattern) {
            found.append(
                fault(value, path, "is \(value.shown); expected a text of the form \(pattern)"))
        }
        return found
    }

    private mutating func matches(_ text: String, _ pattern: String) -> Bool {
        guard text.utf8.count <= Self.longestMatched else { return false }
        let compiled = patterns[pattern] ?? (try? Regex(pattern))
        patterns[pattern] = compiled
        guard let regex = compiled else { return true }
        return text.contains(regex)
    }

    private func limitFaults(
        _ number: Double, _ limits: ShapeRules.Limits, _ what: String, _ value: SourceValue,
        _ path: [String]
    ) -> [SchemaFault] {
        func shown(_ number: Double) -> String {
            Int(exactly: number).map(String.init) ?? String(number)
        }
        if let least = limits.least, number < least {
            return [
                fault(
                    value, path,
                    "\(what) is \(shown(number)); expected at least \(shown(least))")
            ]
        }
        if let most = limits.most, number > most {
            return [
                fault(
                    value, path, "\(what) is \(shown(number)); expected at most \(shown(most))")
            ]
        }
        return []
    }

    // MARK: Objects and lists

    private mutating func objectFaults(
        _ value: SourceValue, _ rules: ShapeRules, _ path: [String]
    ) -> [SchemaFault] {
        guard let entries = value.entries else { return [] }
        var found = limitFaults(
            Double(entries.count), rules.members, "the number of keys", value, path)
        var explained: Set<String> = []
        for entry in entries {
            let inner = path + [entry.key]
            if let shape = rules.properties[entry.key] {
                found += faults(of: entry.value, shape, at: inner)
            } else if case .always(false) = rules.additional {
                let nearest = rules.nearest(to: entry.key)
                if let nearest { explained.insert(nearest) }
                found.append(unknown(entry, inner, rules, nearest))
            } else {
                found += faults(of: entry.value, rules.additional, at: inner)
            }
        }
        let present = Set(entries.map(\.key))
        for key in rules.required where !present.contains(key) && !explained.contains(key) {
            found.append(fault(value, path, "'\(key)' is missing"))
        }
        return found
    }

    private func unknown(
        _ entry: SourceValue.Entry, _ path: [String], _ rules: ShapeRules, _ nearest: String?
    ) -> SchemaFault {
        let known = rules.properties.keys.sorted()
        let advice =
            nearest.map { "did you mean '\($0)'?" }
            ?? (known.isEmpty ? "no key is known here" : "known here: \(known.listed(10))")
        return SchemaFault(
            place: entry.place, path: path, isUnknownField: true,
            message: "unknown field '\(entry.key.shownInMessage)'; \(advice)")
    }

    private mutating func listFaults(
        _ value: SourceValue, _ rules: ShapeRules, _ path: [String]
    ) -> [SchemaFault] {
        guard let elements = value.elements else { return [] }
        var found = limitFaults(
            Double(elements.count), rules.count, "the number of entries", value, path)
        for (index, element) in elements.enumerated() {
            guard let shape = rules.items else { break }
            found += faults(of: element, shape, at: path + [String(index)])
        }
        if let shape = rules.contains {
            let isThere = elements.contains { faults(of: $0, shape, at: path).isEmpty }
            if !isThere {
                let wanted = schemas.rules(shape)?.sentence ?? "one that is demanded"
                found.append(fault(value, path, "no entry is \(wanted)"))
            }
        }
        return found
    }

    // MARK: Choices

    private mutating func choiceFaults(
        _ value: SourceValue, _ rules: ShapeRules, _ path: [String]
    ) -> [SchemaFault] {
        var found: [SchemaFault] = []
        if !rules.anyOf.isEmpty {
            let branches = rules.anyOf.map { faults(of: value, $0, at: path) }
            if branches.allSatisfy({ !$0.isEmpty }) {
                found += closest(branches, rules.anyOf, value)
            }
        }
        if !rules.oneOf.isEmpty {
            let branches = rules.oneOf.map { faults(of: value, $0, at: path) }
            let passed = branches.count { $0.isEmpty }
            if passed == 0 {
                found += closest(branches, rules.oneOf, value)
            } else if passed > 1 {
                found.append(fault(value, path, "is more than one of what it has to be one of"))
            }
        }
        if let not = rules.not, faults(of: value, not, at: path).isEmpty {
            found.append(fault(value, path, "is what it may not be"))
        }
        return found
    }

    /// The faults of the branch that the value was meant for: one for values of its kind, else the first.
    private func closest(
        _ branches: [[SchemaFault]], _ shapes: [Shape], _ value: SourceValue
    ) -> [SchemaFault] {
        let meant = zip(branches, shapes).filter { _, shape in
            schemas.rules(shape)?.kinds?.contains { $0.includes(value.kind) } ?? true
        }.map(\.0)
        return (meant.isEmpty ? branches : meant).min { $0.count < $1.count } ?? []
    }

    private func fault(_ value: SourceValue, _ path: [String], _ problem: String) -> SchemaFault {
        let name = path.isEmpty ? "the document" : path.dotted
        return SchemaFault(
            place: value.place, path: path, isUnknownField: false, message: "\(name): \(problem)")
    }
}

extension ShapeRules {
    fileprivate func nearest(to key: String) -> String? {
        NearestName.suggestions(for: key, among: properties.keys.sorted()).first
    }

    /// What `contains` looks for, as words.
    fileprivate var sentence: String {
        let fixed = properties.sorted { $0.key < $1.key }.compactMap { key, shape -> String? in
            guard case .rules(let rules) = shape, let words = rules.allowed else { return nil }
            return "\(key) \(words.joined(separator: " or "))"
        }
        let needed = required.isEmpty ? "" : " with \(required.joined(separator: " and "))"
        return fixed.joined(separator: " and ") + needed
    }
}

extension ShapeRules.Kind {
    /// Whether a value of the other kind is one of this kind too.
    fileprivate func includes(_ other: Self) -> Bool {
        self == other || (self == .number && other == .integer)
    }

    fileprivate var words: String {
        switch self {
        case .object: "a section of keys"
        case .array: "a list"
        case .string: "a text (in quotation marks where it looks like something else)"
        case .integer: "a whole number, without quotation marks"
        case .number: "a number, without quotation marks"
        case .boolean: "true or false"
        case .null: "nothing"
        }
    }
}

extension [String] {
    /// A path as a message shows it: `spec.components[0].replicas`.
    var dotted: String {
        var text = ""
        for step in self {
            if let index = Int(step) {
                text += "[\(index)]"
            } else {
                text += (text.isEmpty ? "" : ".") + step.shownInMessage
            }
        }
        return text
    }

    /// The first of them, and how many more there are.
    fileprivate func listed(_ most: Int) -> String {
        prefix(most).joined(separator: ", ") + (count > most ? " and \(count - most) more" : "")
    }
}
