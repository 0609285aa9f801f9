/// What is wrong with a file or a name that the operator gave.
public enum CatalogError: Error, Hashable, Sendable {
    case unreadable(file: String, reason: String)
    /// Not even a tree of keys and values.
    case malformed(at: SourcePlace, problem: String)
    case duplicateKey(at: SourcePlace, key: String)
    case unknownKey(at: SourcePlace, key: String, nearest: String?, known: [String])
    case missing(at: SourcePlace, field: String, expected: String)
    case invalid(at: SourcePlace, field: String, found: String, expected: String)
    case unknownArchitecture(at: SourcePlace, name: String, known: [String])
    /// `kind` is `model`, `GPU`, `engine` or `connector`.
    case unknownName(kind: String, name: String, nearest: [String], known: [String])
    /// Two files of a folder claim one name.
    case nameTaken(kind: String, name: String, files: [String])
}

extension CatalogError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let file, let reason):
            return "\(file): cannot be read: \(reason); check the path and its permissions."
        case .malformed(let place, let problem):
            return "\(place): not a usable YAML or JSON file: \(problem)."
        case .duplicateKey(let place, let key):
            return "\(place): key '\(key.shownInMessage)' appears twice; keep one of them."
        case .unknownKey(let place, let key, let nearest, let known):
            let advice =
                nearest.map { "did you mean '\($0)'?" }
                ?? "known here: \(known.joined(separator: ", "))."
            return "\(place): unknown key '\(key.shownInMessage)'; \(advice)"
        case .missing(let place, let field, let expected):
            return "\(place): '\(field)' is missing; give \(expected)."
        case .invalid(let place, let field, let found, let expected):
            return "\(place): '\(field)' is \(found); expected \(expected)."
        case .unknownArchitecture(let place, let name, let known):
            return "\(place): architecture '\(name.shownInMessage)' is not supported; supported: "
                + known.joined(separator: ", ") + "."
        case .unknownName(let kind, let name, let nearest, let known):
            let advice =
                nearest.isEmpty
                ? "known: \(known.joined(separator: ", "))."
                : "did you mean \(nearest.joined(separator: " or "))?"
            return "No \(kind) is called '\(name.shownInMessage)'; \(advice)"
        case .nameTaken(let kind, let name, let files):
            return "The \(kind) name '\(name)' is claimed by \(files.joined(separator: " and "));"
                + " rename one of them."
        }
    }
}
