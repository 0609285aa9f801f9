/// Why one row of a file cannot be taken.
struct RowFault: Error, Hashable {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

extension String {
    /// The text in quotes for a message: short, and without control characters.
    var quoted: String {
        let longest = 48
        let head = unicodeScalars.prefix(longest)
            .map { $0.properties.generalCategory == .control ? "?" : String($0) }
            .joined()
        return "\"" + head + (unicodeScalars.count > longest ? "..." : "") + "\""
    }
}
