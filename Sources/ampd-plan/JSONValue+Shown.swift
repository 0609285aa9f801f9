import Reporting

extension JSONValue? {
    /// The value in an error message.
    var shown: String {
        guard let self, let text = try? self.json() else { return "missing" }
        return String(text.split(separator: "\n").joined(separator: " ").prefix(60))
    }
}

extension JSONValue {
    var shown: String { Optional(self).shown }
}
