import Yams

/// The text of a YAML or JSON file, turned into a tree that remembers lines and columns.
///
/// JSON is read by the YAML reader, which gives line numbers to both. Aliases, documents of more
/// than four megabytes and deep nesting are refused before the reader sees them.
enum SourceText {
    static func tree(_ text: String, file: String) throws(CatalogError) -> SourceValue {
        let text = text.first == "\u{FEFF}" ? String(text.dropFirst()) : text
        try SourceGuard(file: file).check(text)
        let node: Node?
        do {
            node = try compose(yaml: text)
        } catch {
            throw refusal(error, file: file)
        }
        guard let node else {
            throw .malformed(at: SourcePlace(file: file, line: 1), problem: "the file is empty")
        }
        return try value(node, file: file)
    }

    static func tree(bytes: [UInt8], file: String) throws(CatalogError) -> SourceValue {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .malformed(at: SourcePlace(file: file), problem: "the text is not UTF-8")
        }
        return try tree(text, file: file)
    }

    static func value(_ node: Node, file: String) throws(CatalogError) -> SourceValue {
        let place = place(node.mark, file: file)
        switch node {
        case .scalar(let scalar):
            let quoted = scalar.style != .plain
            return SourceValue(place: place, content: .scalar(scalar.string, quoted: quoted))
        case .sequence(let sequence):
            var elements: [SourceValue] = []
            for element in sequence { elements.append(try value(element, file: file)) }
            return SourceValue(place: place, content: .list(elements))
        case .mapping(let mapping):
            return SourceValue(place: place, content: .mapping(try entries(mapping, file: file)))
        case .alias:
            throw .malformed(at: place, problem: "aliases are not accepted; write the value out")
        }
    }

    private static func entries(
        _ mapping: Node.Mapping, file: String
    ) throws(CatalogError) -> [SourceValue.Entry] {
        var entries: [SourceValue.Entry] = []
        var seen: Set<String> = []
        for (key, child) in mapping {
            let place = place(key.mark, file: file)
            guard case .scalar(let scalar) = key else {
                throw .malformed(at: place, problem: "a key must be a word")
            }
            guard seen.insert(scalar.string).inserted else {
                throw .duplicateKey(at: place, key: scalar.string)
            }
            let value = try value(child, file: file)
            entries.append(SourceValue.Entry(key: scalar.string, place: place, value: value))
        }
        return entries
    }

    private static func place(_ mark: Mark?, file: String) -> SourcePlace {
        SourcePlace(file: file, line: mark?.line, column: mark?.column)
    }

    static func refusal(_ error: any Error, file: String) -> CatalogError {
        switch error {
        case YamlError.scanner(_, let problem, let mark, _),
            YamlError.parser(_, let problem, let mark, _),
            YamlError.composer(_, let problem, let mark, _):
            return .malformed(at: place(mark, file: file), problem: problem)
        case YamlError.reader(let problem, _, _, _):
            return .malformed(at: SourcePlace(file: file), problem: problem)
        case YamlError.duplicatedKeysInMapping(let keys, let context):
            return .duplicateKey(at: place(context.mark, file: file), key: keys.first ?? "")
        default:
            return .malformed(at: SourcePlace(file: file), problem: "\(error)")
        }
    }
}
