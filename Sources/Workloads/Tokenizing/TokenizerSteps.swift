/// What a `tokenizer.json` does to a text before byte pairs are merged.
struct TokenizerSteps {
    private(set) var normalizers: [TextNormalizer] = []
    private(set) var splitters: [TextSplitter] = []
    /// Whether words are encoded as bytes.
    private(set) var isByteLevel = false

    private static let known = (
        normalizers: [
            "Sequence", "NFC", "NFD", "NFKC", "NFKD", "Lowercase", "Prepend", "Replace",
            "ByteLevel",
        ],
        splitters: [
            "Sequence", "ByteLevel", "Split", "Metaspace", "Digits", "Whitespace",
            "WhitespaceSplit",
            "Punctuation",
        ]
    )

    private func bad(_ path: String, _ node: JSONNode?, _ expected: String) -> WorkloadError {
        TraceFields(path: "").bad(path, node?.value, expected: expected)
    }

    /// - Parameters:
    ///   - node: of the step; nil for none.
    ///   - path: where it stands.
    /// - Throws: `badValue` for a step that is not known.
    mutating func readNormalizer(_ node: JSONNode?, at path: String) throws(WorkloadError) {
        guard let node else { return }
        switch node["type"]?.text {
        case "Sequence":
            for (index, step) in (node["normalizers"]?.list ?? []).enumerated() {
                try readNormalizer(step, at: "\(path).normalizers[\(index)]")
            }
        case "NFC": normalizers.append(.composed)
        case "NFD": normalizers.append(.decomposed)
        case "NFKC": normalizers.append(.compatiblyComposed)
        case "NFKD": normalizers.append(.compatiblyDecomposed)
        case "Lowercase": normalizers.append(.lowercased)
        case "Prepend":
            guard let text = node["prepend"]?.text else {
                throw bad("\(path).prepend", node["prepend"], "a text")
            }
            normalizers.append(.prepended(text))
        case "Replace":
            normalizers.append(
                .replaced(
                    try pattern(node["pattern"], at: "\(path).pattern"),
                    with: node["content"]?.text ?? ""))
        case "ByteLevel": isByteLevel = true
        default:
            throw bad(
                "\(path).type", node["type"],
                "one of " + Self.known.normalizers.joined(separator: ", "))
        }
    }

    /// - Parameters:
    ///   - node: of the step; nil for none.
    ///   - path: where it stands.
    /// - Throws: `badValue` for a step that is not known.
    mutating func readSplitter(_ node: JSONNode?, at path: String) throws(WorkloadError) {
        guard let node else { return }
        switch node["type"]?.text {
        case "Sequence":
            for (index, step) in (node["pretokenizers"]?.list ?? []).enumerated() {
                try readSplitter(step, at: "\(path).pretokenizers[\(index)]")
            }
        case "ByteLevel":
            isByteLevel = true
            if node["add_prefix_space"]?.flag ?? true { splitters.append(.spacePrefix) }
            if node["use_regex"]?.flag ?? true { try split(Self.usualWords, .isolated) }
        case "Split": splitters.append(try split(node, at: path))
        case "Metaspace":
            let scheme = node["prepend_scheme"]?.text ?? "always"
            splitters.append(
                .marked(
                    mark: node["replacement"]?.text ?? "▁",
                    isPrepended: scheme != "never" && node["add_prefix_space"]?.flag != false,
                    splits: node["split"]?.flag ?? true))
        case "Digits":
            let single = node["individual_digits"]?.flag ?? false
            try split(single ? #"\p{N}"# : #"\p{N}+"#, .isolated)
        case "Whitespace": try split(#"\w+|[^\w\s]+"#, .removed, inverted: true)
        case "WhitespaceSplit": try split(#"\s+"#, .removed)
        case "Punctuation": try split(#"[\p{P}\x21-\x2F\x3A-\x40\x5B-\x60\x7B-\x7E]"#, .isolated)
        default:
            throw bad(
                "\(path).type", node["type"],
                "one of " + Self.known.splitters.joined(separator: ", "))
        }
    }

    /// Words as GPT-2 cuts them.
    private static let usualWords =
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    private mutating func split(
        _ pattern: String, _ behaviour: TextSplitter.Behaviour, inverted: Bool = false
    ) throws(WorkloadError) {
        guard let pattern = TextPattern(pattern) else { return }
        splitters.append(.split(pattern, behaviour, inverted: inverted))
    }

    private func split(_ node: JSONNode, at path: String) throws(WorkloadError) -> TextSplitter {
        guard let behaviour = (node["behavior"]?.text).flatMap(TextSplitter.Behaviour.init) else {
            throw bad(
                "\(path).behavior", node["behavior"],
                "Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous")
        }
        return .split(
            try pattern(node["pattern"], at: "\(path).pattern"), behaviour,
            inverted: node["invert"]?.flag ?? false)
    }

    /// `{"Regex": "…"}` or `{"String": "…"}`.
    private func pattern(_ node: JSONNode?, at path: String) throws(WorkloadError) -> TextPattern {
        if let text = node?["String"]?.text, let pattern = TextPattern(anyOf: [.init(text: text)]) {
            return pattern
        }
        if let text = node?["Regex"]?.text, let pattern = TextPattern(text) { return pattern }
        throw bad(path, node?["Regex"] ?? node, "a regular expression as ICU reads it")
    }
}
