/// Counts the tokens of texts of traces that have no counts: by a tokenizer, or by a rule that is an
/// estimate.
public struct TokenCounter: Sendable {
    private enum Rule: Sendable {
        /// Characters (Unicode scalars) that one token stands for on average; at least 0.1.
        case characters(Double)
        case tokenizer(BytePairTokenizer)
    }

    private let rule: Rule

    /// - Parameter charactersPerToken: 4 is usual for English text.
    public init(charactersPerToken: Double = 4) {
        rule = .characters(max(0.1, charactersPerToken))
    }

    /// Counts as a model's tokenizer does.
    ///
    /// - Parameters:
    ///   - bytes: of its `tokenizer.json`.
    ///   - name: of the file, for notes.
    /// - Throws: `WorkloadError` where the file is no tokenizer of byte pairs.
    public init(tokenizer bytes: [UInt8], named name: String) throws(WorkloadError) {
        rule = .tokenizer(try TokenizerFile.tokenizer(bytes, named: name))
    }

    /// Whether counts are estimates.
    var isEstimate: Bool { if case .characters = rule { true } else { false } }

    /// Estimates are rounded up: only a text without characters has no token.
    func tokens(_ text: String) -> Int {
        switch rule {
        case .characters(let perToken):
            let exact = (Double(text.unicodeScalars.count) / perToken).rounded(.up)
            return Int(min(exact, Double(Int32.max)))
        case .tokenizer(let tokenizer):
            return min(tokenizer.count(text), Int(Int32.max))
        }
    }

    /// Of several texts that are counted one by one.
    func tokens(of texts: [String]) -> Int {
        texts.reduce(0) { min($0 + tokens($1), Int(Int32.max)) }
    }

    var note: String {
        switch rule {
        case .characters(let perToken):
            """
            Tokens of texts were not counted by anybody: they are estimated as one for every \
            \(perToken) characters.
            """
        case .tokenizer(let tokenizer):
            """
            Tokens of texts are those of the tokenizer \(tokenizer.name), without what a chat template puts \
            around them.
            """
        }
    }
}
