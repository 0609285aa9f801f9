import ServingDomain

/// Reads case files: one planning question in YAML.
public enum CaseFile {
    /// Checks every key and fills in every default.
    ///
    /// - Parameters:
    ///   - text: the file's content.
    ///   - fileName: its path, for messages and for the paths that it mentions.
    ///   - catalog: the models, GPUs and engines that it may name.
    /// - Returns: the draft, with its warnings and assumptions.
    /// - Throws: the first thing that is wrong, with line and column.
    public static func parse(
        text: String, fileName: String, catalog: Catalog
    ) throws(CatalogError) -> CaseDraft {
        let tree = try WorkloadFile.filled(SourceText.tree(text, file: fileName), file: fileName)
        let values = try CaseValues(tree, file: fileName)
        var resolver = CaseResolver(values: values, catalog: catalog)
        return try resolver.draft()
    }

    /// As `parse(text:fileName:catalog:)`, for bytes that need not be UTF-8.
    public static func parse(
        bytes: [UInt8], fileName: String, catalog: Catalog
    ) throws(CatalogError) -> CaseDraft {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .malformed(at: SourcePlace(file: fileName), problem: "the text is not UTF-8")
        }
        return try parse(text: text, fileName: fileName, catalog: catalog)
    }

    /// Reads the file at `path`.
    public static func read(path: String, catalog: Catalog) throws(CatalogError) -> CaseDraft {
        try parse(bytes: FactFolder.read(path), fileName: path, catalog: catalog)
    }
}
