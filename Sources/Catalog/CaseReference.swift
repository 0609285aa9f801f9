/// The table of keys as Markdown, for the documentation.
public enum CaseReference {
    /// One row per key, in the order of the file.
    public static var markdown: String {
        let head =
            "| key | value | unit | default | origin of the default | meaning |\n"
            + "|---|---|---|---|---|---|\n"
        return head + CaseFields.all.map(row).joined()
    }

    /// Families of laws with the keys that each takes.
    public static var lawMarkdown: String {
        let head = "| distribution | keys |\n|---|---|\n"
        return head
            + LawShape.allCases.map { shape in
                "| `\(shape.rawValue)` | \(shape.keys.map { "`\($0)`" }.joined(separator: ", ")) |\n"
            }.joined()
    }

    private static func row(_ field: CaseField) -> String {
        let cells = [
            "`\(field.path)`", "\(field.kind)", field.unit, fallback(field), origin(field),
            field.summary,
        ]
        return "| " + cells.joined(separator: " | ") + " |\n"
    }

    /// Where a default comes from; one that follows from other keys or facts says so itself.
    private static func origin(_ field: CaseField) -> String {
        guard case .fixed(_, let source) = field.fallback else { return "" }
        return source
    }

    private static func fallback(_ field: CaseField) -> String {
        switch field.fallback {
        case .required: "required"
        case .none: "none"
        case .fixed(let value, _): "`" + value.yaml.split(separator: "\n").joined() + "`"
        case .derived(let text): text
        }
    }
}
