import Yams

/// The documents of a manifest: a YAML file of several documents, or JSON.
///
/// Unlike case files, manifests may use aliases (`*name`), which are written out as what they stand for.
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
            let value = try SourceText.value(node, file: file)
            if !value.isNull { documents.append(value) }
        }
        return documents
    }

    private static func nodes(_ text: String, file: String) throws(CatalogError) -> [Node] {
        do {
            let sequence = try compose_all(yaml: text)
            let nodes = Array(sequence)
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
