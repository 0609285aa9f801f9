import EmbeddedFacts

/// A file to start a project from: above every key stands what it means, its unit, and why it has its value.
public struct CommentedFile: Hashable, Sendable {
    /// A key with its value.
    public struct Entry: Hashable, Sendable {
        /// Keys from the top of a case file, joined by dots.
        public let path: String
        /// As YAML on one line.
        public let value: String
        /// One sentence or more; empty where nothing is to be said beside the meaning of the key.
        public let why: String

        public init(_ path: String, _ value: String, why: String = "") {
            self.path = path
            self.value = value
            self.why = why
        }
    }

    /// Columns that a comment may fill.
    private static let width = 100

    /// Ends in a newline.
    public private(set) var text: String

    /// A case file.
    ///
    /// - Parameters:
    ///   - title: what stands above all, as a comment.
    ///   - entries: in order; those of a section together.
    public init(case title: String, _ entries: [Entry]) {
        text = Self.comment(title, indent: "") + "\n"
        var section = ""
        for entry in entries {
            let parent = entry.path.split(separator: ".").dropLast().joined(separator: ".")
            if parent != section, !parent.isEmpty {
                text += "\n" + Self.comment(Self.meaning(of: parent), indent: "") + parent + ":\n"
            }
            section = parent
            append(entry, indent: parent.isEmpty ? "" : "  ")
        }
    }

    /// A workload file of the library with comments; nil where there is none of that name.
    public init?(workload name: String) {
        guard let source = EmbeddedFacts.file("Examples/workloads/\(name).yaml") else { return nil }
        text = ""
        let head = [
            "apiVersion": "Version of this format.", "kind": "Always `Workload`.",
            "name": "Name of the workload.", "source": "Where its figures come from.",
        ]
        for line in source.split(separator: "\n") {
            guard !line.hasPrefix("#"), let colon = line.firstIndex(of: ":") else {
                text += "\(line)\n\n"
                continue
            }
            let key = String(line[..<colon])
            let words = head[key] ?? Self.meaning(of: "workload.\(key)")
            text += Self.comment(words, indent: "") + "\(line)\n"
        }
    }

    private mutating func append(_ entry: Entry, indent: String) {
        let key = entry.path.split(separator: ".").last.map(String.init) ?? entry.path
        let words = [Self.meaning(of: entry.path), entry.why].filter { !$0.isEmpty }
        text += Self.comment(words.joined(separator: " "), indent: indent)
        text += "\(indent)\(key): \(entry.value)\n"
    }

    /// What the table of keys says of a key, with its unit.
    private static func meaning(of path: String) -> String {
        guard let field = CaseFields.field(path) else { return "" }
        return field.summary + (field.unit.isEmpty ? "" : " Unit: \(field.unit).")
    }

    /// Words as lines of a comment.
    private static func comment(_ words: String, indent: String) -> String {
        var lines = [""]
        for word in words.split(separator: " ") {
            let line = lines[lines.count - 1]
            if line.count + word.count + indent.count + 3 > width {
                lines.append(String(word))
            } else {
                lines[lines.count - 1] = line.isEmpty ? String(word) : "\(line) \(word)"
            }
        }
        return lines.map { "\(indent)# \($0)\n" }.joined()
    }
}
