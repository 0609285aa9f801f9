import Yams

/// The documents of a manifest: a YAML file of several documents, or JSON.
///
/// Unlike case files, manifests may use aliases (`*name`), which are written out as what they stand for, and
/// merge keys (`<<: *name`), which give a mapping the keys that it lacks.
public enum ManifestText {
    /// Most values of a file once its aliases are written out.
    public static let valuesMax = 500_000
    static let bracketsMax = 200_000

    /// Every document that is not empty.
    ///
    /// - Parameters:
    ///   - bytes: the file, at most 4 MiB.
    ///   - file: its name, for messages.
    /// - Returns: the documents with lines and columns.
    /// - Throws: where the text is not YAML, repeats a key, or is too deep or too long.
    public static func documents(
        bytes: [UInt8], file: String
    ) throws(CatalogError) -> [SourceValue] {
        guard let whole = String(validating: bytes, as: UTF8.self) else {
            throw .malformed(at: SourcePlace(file: file), problem: "the text is not UTF-8")
        }
        let text = whole.first == "\u{FEFF}" ? String(whole.dropFirst()) : whole
        try SourceGuard(file: file, bracketsMax: bracketsMax, allowsAliases: true).check(text)
        var documents: [SourceValue] = []
        var budget = valuesMax
        for node in try nodes(text, file: file) {
            try spend(&budget, on: node, file: file)
            let value = try SourceText.value(node, file: file).withMergedKeys
            if !value.isNull { documents.append(value) }
        }
        return documents
    }

    private static func nodes(_ text: String, file: String) throws(CatalogError) -> [Node] {
        do {
            var sequence = try compose_all(yaml: text)
            var nodes: [Node] = []
            // `Array(sequence)` would read a copy of it, and the fault that ends it would stay there.
            while let node = sequence.next() { nodes.append(node) }
            if let error = sequence.error { throw error }
            return nodes
        } catch {
            throw SourceText.refusal(error, file: file)
        }
    }

    /// An alias costs as much as what it stands for, so that few lines cannot become many values.
    private static func spend(
        _ budget: inout Int, on node: Node, file: String
    ) throws(CatalogError) {
        budget -= 1
        guard budget > 0 else {
            throw .malformed(
                at: SourcePlace(file: file),
                problem: "more than \(valuesMax) values once aliases are written out")
        }
        switch node {
        case .sequence(let sequence):
            for element in sequence { try spend(&budget, on: element, file: file) }
        case .mapping(let mapping):
            for (_, value) in mapping { try spend(&budget, on: value, file: file) }
        default: break
        }
    }
}

extension SourceValue {
    /// The value with every `<<` replaced by the keys behind it that its mapping does not have itself.
    fileprivate var withMergedKeys: Self {
        switch content {
        case .scalar: self
        case .list(let elements):
            Self(place: place, content: .list(elements.map(\.withMergedKeys)))
        case .mapping(let entries):
            Self(place: place, content: .mapping(Self.merged(entries)))
        }
    }

    private static func merged(_ entries: [Entry]) -> [Entry] {
        var found: [Entry] = []
        var more: [Entry] = []
        for entry in entries {
            let value = entry.value.withMergedKeys
            if entry.key == "<<", let lists = value.elements ?? value.entries.map({ _ in [value] })
            {
                more += lists.flatMap { $0.entries ?? [] }
            } else {
                found.append(Entry(key: entry.key, place: entry.place, value: value))
            }
        }
        for entry in more where !found.contains(where: { $0.key == entry.key }) {
            found.append(entry)
        }
        return found
    }
}
