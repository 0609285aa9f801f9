/// Counts the tokens of texts of traces that have no counts, by a rule that is an estimate.
public struct TokenCounter: Hashable, Sendable {
    /// Characters (Unicode scalars) that one token stands for on average; at least 0.1.
    public let charactersPerToken: Double

    /// - Parameter charactersPerToken: 4 is usual for English text.
    public init(charactersPerToken: Double = 4) {
        self.charactersPerToken = max(0.1, charactersPerToken)
    }

    /// Rounded up: only a text without characters has no token.
    func tokens(_ text: String) -> Int {
        let exact = (Double(text.unicodeScalars.count) / charactersPerToken).rounded(.up)
        return Int(min(exact, Double(Int32.max)))
    }

    var note: String {
        """
        Tokens of texts were not counted by anybody: they are estimated as one for every \
        \(charactersPerToken) characters.
        """
    }
}
