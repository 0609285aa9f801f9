import Foundation

/// Counts the tokens of texts as a tokenizer of byte pairs does, out of a `tokenizer.json`.
///
/// Added are neither tokens of a chat template nor those that a post-processor puts around a text.
public final class BytePairTokenizer: Sendable {
    /// Of the file that it was read from, as a note tells it.
    public let name: String
    /// Tokens that stand for themselves: in the text as it is, and in the normalised one.
    private let added: (plain: TextPattern?, normalized: TextPattern?)
    private let normalizers: [TextNormalizer]
    private let splitters: [TextSplitter]
    private let pairs: BytePairs

    init(
        name: String, added: (plain: TextPattern?, normalized: TextPattern?),
        normalizers: [TextNormalizer], splitters: [TextSplitter], pairs: BytePairs
    ) {
        self.name = name
        self.added = added
        self.normalizers = normalizers
        self.splitters = splitters
        self.pairs = pairs
    }

    /// Tokens of a text.
    public func count(_ text: String) -> Int {
        count(text, besides: added.plain) { text in
            count(normalizers.reduce(text) { $1.applied(to: $0) }, besides: added.normalized) {
                var words = [$0]
                for splitter in splitters { words = words.flatMap(splitter.pieces) }
                return words.reduce(0) { $0 + pairs.count($1) }
            }
        }
    }

    /// Counts matches as one each, and what lies between them by `rest`.
    private func count(
        _ text: String, besides pattern: TextPattern?, _ rest: (String) -> Int
    ) -> Int {
        guard !text.isEmpty else { return 0 }
        guard let pattern else { return rest(text) }
        return pattern.pieces(of: text).reduce(0) { $0 + ($1.isMatch ? 1 : rest($1.text)) }
    }
}

/// What is done to a whole text first.
enum TextNormalizer: Sendable {
    case composed, decomposed, compatiblyComposed, compatiblyDecomposed
    case lowercased
    case prepended(String)
    case replaced(TextPattern, with: String)

    func applied(to text: String) -> String {
        switch self {
        case .composed: text.precomposedStringWithCanonicalMapping
        case .decomposed: text.decomposedStringWithCanonicalMapping
        case .compatiblyComposed: text.precomposedStringWithCompatibilityMapping
        case .compatiblyDecomposed: text.decomposedStringWithCompatibilityMapping
        case .lowercased: text.lowercased()
        case .prepended(let prefix): prefix + text
        case .replaced(let pattern, let content):
            pattern.pieces(of: text).map { $0.isMatch ? content : $0.text }.joined()
        }
    }
}

/// How a text is cut into words, of which each is encoded by itself.
enum TextSplitter: Sendable {
    enum Behaviour: String, Sendable {
        case removed = "Removed"
        case isolated = "Isolated"
        case mergedWithPrevious = "MergedWithPrevious"
        case mergedWithNext = "MergedWithNext"
        case contiguous = "Contiguous"
    }

    /// At matches, or with `inverted` at what lies between them.
    case split(TextPattern, Behaviour, inverted: Bool)
    /// Adds a space where a text begins without one.
    case spacePrefix
    /// Spaces become `mark`, one of which may be put in front.
    case marked(mark: String, isPrepended: Bool, splits: Bool)

    func pieces(of text: String) -> [String] {
        switch self {
        case .split(let pattern, let behaviour, let inverted):
            Self.joined(
                pattern.pieces(of: text).map { ($0.text, $0.isMatch != inverted) }, behaviour)
        case .spacePrefix: [text.first == " " || text.isEmpty ? text : " " + text]
        case .marked(let mark, let isPrepended, let splits):
            Self.marked(text, mark, isPrepended: isPrepended, splits: splits)
        }
    }

    private static func joined(
        _ pieces: [(text: String, isMatch: Bool)], _ behaviour: Behaviour
    ) -> [String] {
        var words: [String] = []
        // Whether the last word takes what follows.
        var isOpen = false
        var wasMatch: Bool?
        for (text, isMatch) in pieces {
            switch behaviour {
            case .removed: if !isMatch { words.append(text) }
            case .isolated: words.append(text)
            case .mergedWithPrevious:
                if isMatch, wasMatch == false {
                    words[words.count - 1] += text
                } else {
                    words.append(text)
                }
            case .mergedWithNext:
                if isOpen, !isMatch { words[words.count - 1] += text } else { words.append(text) }
                isOpen = isMatch
            case .contiguous:
                if wasMatch == isMatch {
                    words[words.count - 1] += text
                } else {
                    words.append(text)
                }
            }
            wasMatch = isMatch
        }
        return words
    }

    private static func marked(
        _ text: String, _ mark: String, isPrepended: Bool, splits: Bool
    ) -> [String] {
        guard !text.isEmpty else { return [] }
        var marked = text.replacing(" ", with: mark)
        if isPrepended, !marked.hasPrefix(mark) { marked = mark + marked }
        guard splits else { return [marked] }
        var words: [String] = []
        for piece in marked.split(separator: mark, omittingEmptySubsequences: false).enumerated() {
            if piece.offset > 0 {
                words.append(mark + piece.element)
            } else if !piece.element.isEmpty {
                words.append(String(piece.element))
            }
        }
        return words
    }
}

/// A text or a regular expression to look for.
struct TextPattern: @unchecked Sendable {
    struct Piece {
        let text: String
        let isMatch: Bool
    }

    // Immutable, and safe to be used by several threads as its documentation says.
    private let expression: NSRegularExpression

    /// - Returns: nil where it is no regular expression.
    init?(_ pattern: String) {
        guard let expression = try? NSRegularExpression(pattern: pattern) else { return nil }
        self.expression = expression
    }

    /// A text to look for, and what else belongs to a match of it.
    struct Word {
        let text: String
        var takesSpaceBefore = false
        var takesSpaceBehind = false
        /// Whether no letter, digit or underscore may stand beside it.
        var isAlone = false

        fileprivate var pattern: String {
            (isAlone ? #"(?<!\w)"# : "") + (takesSpaceBefore ? #"\s*"# : "")
                + NSRegularExpression.escapedPattern(for: text) + (isAlone ? #"(?!\w)"# : "")
                + (takesSpaceBehind ? #"\s*"# : "")
        }
    }

    /// Any of several words, the longest first; nil for none.
    init?(anyOf words: [Word]) {
        guard !words.isEmpty else { return nil }
        let ordered = words.sorted {
            ($1.text.utf16.count, $0.text) < ($0.text.utf16.count, $1.text)
        }
        self.init(ordered.map(\.pattern).joined(separator: "|"))
    }

    /// Matches and what lies between them, without empty pieces.
    func pieces(of text: String) -> [Piece] {
        let whole = text as NSString
        var (pieces, end) = ([Piece](), 0)
        func add(_ range: NSRange, _ isMatch: Bool) {
            guard range.length > 0 else { return }
            pieces.append(Piece(text: whole.substring(with: range), isMatch: isMatch))
        }
        let all = NSRange(location: 0, length: whole.length)
        expression.enumerateMatches(in: text, range: all) { match, _, _ in
            guard let range = match?.range, range.length > 0 else { return }
            add(NSRange(location: end, length: range.location - end), false)
            add(range, true)
            end = range.location + range.length
        }
        add(NSRange(location: end, length: whole.length - end), false)
        return pieces
    }
}
