extension StringProtocol {
    /// The text as a message shows it: on one line, and no longer than 60 characters.
    public var shownInMessage: String {
        let head = prefix(60).unicodeScalars.map { scalar -> String in
            switch scalar {
            case "\n": "\\n"
            case "\r": "\\r"
            case "\t": "\\t"
            case _ where scalar.properties.generalCategory == .control:
                "\\u{" + String(scalar.value, radix: 16) + "}"
            default: String(scalar)
            }
        }
        return head.joined() + (dropFirst(60).isEmpty ? "" : "...")
    }
}
