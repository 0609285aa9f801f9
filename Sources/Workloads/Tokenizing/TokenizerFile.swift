/// Reads a `tokenizer.json`, as far as it tells how texts are counted.
struct TokenizerFile {
    private let root: JSONNode
    private let name: String

    /// - Parameters:
    ///   - bytes: of the file.
    ///   - name: of the file, for notes.
    /// - Returns: what counts texts.
    /// - Throws: `badJSON`, or `badValue` for what is missing or not known.
    static func tokenizer(
        _ bytes: [UInt8], named name: String
    ) throws(WorkloadError) -> BytePairTokenizer {
        let root: JSONNode
        do {
            root = try JSONNode(bytes, 0..<bytes.count)
        } catch {
            throw .badJSON(at: error, in: bytes)
        }
        return try Self(root: root, name: name).tokenizer()
    }

    private func tokenizer() throws(WorkloadError) -> BytePairTokenizer {
        guard let model = root["model"], let vocabulary = model["vocab"]?.members,
            let merges = model["merges"]?.list
        else {
            throw bad(
                "model", root["model"] ?? root,
                "byte pairs (vocab and merges), as tokenizer.json of Qwen, Llama, DeepSeek, gpt-oss or "
                    + "Mistral has them")
        }
        if let type = model["type"], type.text != "BPE" { throw bad("model.type", type, "'BPE'") }
        if case .number(let dropout)? = model["dropout"] {
            guard case .whole(0) = dropout else {
                throw bad("model.dropout", model["dropout"], "0")
            }
        }
        for part in ["continuing_subword_prefix", "end_of_word_suffix"] {
            if let affix = model[part]?.text, !affix.isEmpty {
                throw bad("model.\(part)", model[part], "nothing")
            }
        }
        var steps = TokenizerSteps()
        try steps.readNormalizer(root["normalizer"], at: "normalizer")
        try steps.readSplitter(root["pre_tokenizer"], at: "pre_tokenizer")
        let known = try Vocabulary(vocabulary)
        let pairs = try known.pairs(
            merges, isByteLevel: steps.isByteLevel, unknown: try unknown(model, known),
            keepsWords: model["ignore_merges"]?.flag == true)
        return BytePairTokenizer(
            name: name, added: try added(steps.normalizers), normalizers: steps.normalizers,
            splitters: steps.splitters, pairs: pairs)
    }
}

extension TokenizerFile {
    /// What stands for characters that the vocabulary does not have.
    private func unknown(
        _ model: JSONNode, _ known: Vocabulary
    ) throws(WorkloadError) -> BytePairs.Unknown {
        if model["byte_fallback"]?.flag == true { return .bytes }
        guard let token = model["unk_token"] else { return .nothing }
        guard let text = token.text, known.holds(text) else {
            throw bad("model.unk_token", token, "a token of vocab")
        }
        return model["fuse_unk"]?.flag == true ? .oneForSeveral : .one
    }

    /// Tokens that are looked for in texts before and after they are normalised.
    private func added(
        _ normalizers: [TextNormalizer]
    ) throws(WorkloadError) -> (plain: TextPattern?, normalized: TextPattern?) {
        var (plain, normalized) = ([TextPattern.Word](), [TextPattern.Word]())
        for (index, token) in (root["added_tokens"]?.list ?? []).enumerated() {
            guard let text = token["content"]?.text else {
                throw bad("added_tokens[\(index)].content", token["content"], "a text")
            }
            guard !text.isEmpty else { continue }
            let isNormalized = token["normalized"]?.flag == true
            let word = TextPattern.Word(
                text: isNormalized ? normalizers.reduce(text) { $1.applied(to: $0) } : text,
                takesSpaceBefore: token["lstrip"]?.flag == true,
                takesSpaceBehind: token["rstrip"]?.flag == true,
                isAlone: token["single_word"]?.flag == true)
            if isNormalized { normalized.append(word) } else { plain.append(word) }
        }
        return (TextPattern(anyOf: plain), TextPattern(anyOf: normalized))
    }
}

private func bad(_ path: String, _ node: JSONNode?, _ expected: String) -> WorkloadError {
    TraceFields(path: "").bad(path, node?.value, expected: expected)
}

/// Symbols of a vocabulary.
private struct Vocabulary {
    /// By the UTF-8 of the token, since texts that look alike may be different ones; never iterated
    /// where order matters.
    private var symbols: [[UInt8]: Int32] = [:]

    init(_ members: [JSONNode.Member]) throws(WorkloadError) {
        symbols.reserveCapacity(members.count)
        for member in members {
            guard case .number(.whole(let id)) = member.value, (0...Int(Int32.max)).contains(id)
            else { throw bad("model.vocab.\(member.name)", member.value, "a whole number") }
            symbols[Array(member.name.utf8)] = Int32(id)
        }
    }

    func holds(_ token: String) -> Bool { symbols[Array(token.utf8)] != nil }

    func pairs(
        _ list: [JSONNode], isByteLevel: Bool, unknown: BytePairs.Unknown, keepsWords: Bool
    ) throws(WorkloadError) -> BytePairs {
        var merges: [UInt64: BytePairs.Merge] = [:]
        merges.reserveCapacity(list.count)
        for (rank, node) in list.enumerated() {
            let (first, second) = try Self.parts(node, at: "model.merges[\(rank)]")
            guard let left = symbols[first], let right = symbols[second],
                let symbol = symbols[first + second]
            else {
                let found = [first, second].map {
                    "'\(String(decoding: $0, as: UTF8.self).prefix(40))'"
                }
                throw .badValue(
                    path: "model.merges[\(rank)]", found: found.joined(separator: " and "),
                    expected: "two tokens that make a third one of vocab")
            }
            let key = BytePairs.key(left, right)
            if merges[key] == nil { merges[key] = .init(rank: Int32(rank), symbol: symbol) }
        }
        return BytePairs(
            alphabet: isByteLevel
                ? .bytes(try bytes()) : .characters(characters, unknown: unknown),
            merges: merges, whole: keepsWords ? words(isByteLevel: isByteLevel) : [])
    }

    /// `"a b"` or `["a", "b"]`.
    private static func parts(
        _ node: JSONNode, at path: String
    ) throws(WorkloadError) -> ([UInt8], [UInt8]) {
        if let list = node.list, list.count == 2, let left = list[0].text, let right = list[1].text
        {
            return (Array(left.utf8), Array(right.utf8))
        }
        if let text = node.text {
            let parts = text.utf8.split(
                separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
            if parts.count == 2 { return (Array(parts[0]), Array(parts[1])) }
        }
        throw bad(path, node, "two tokens")
    }

    /// Symbol of each byte; -1 for one that is no token, which merges with nothing.
    private func bytes() throws(WorkloadError) -> [Int32] {
        let found = ByteCharacters.all.map { symbols[Array(String($0).utf8)] ?? -1 }
        guard found.contains(where: { $0 >= 0 }) else {
            throw .badValue(
                path: "model.vocab", found: "no token for a byte",
                expected: "one for each, since the file encodes bytes")
        }
        return found
    }

    private var characters: [Unicode.Scalar: Int32] {
        var known: [Unicode.Scalar: Int32] = [:]
        for (token, symbol) in symbols {
            let scalars = String(decoding: token, as: UTF8.self).unicodeScalars
            if scalars.count == 1, let scalar = scalars.first { known[scalar] = symbol }
        }
        return known
    }

    private func words(isByteLevel: Bool) -> Set<[UInt8]> {
        guard isByteLevel else { return Set(symbols.keys) }
        return Set(
            symbols.keys.compactMap { token in
                let scalars = String(decoding: token, as: UTF8.self).unicodeScalars
                let bytes = scalars.compactMap { ByteCharacters.bytes[$0] }
                return bytes.count == scalars.count ? bytes : nil
            })
    }
}

/// The printable characters that stand for bytes in byte-level vocabularies (GPT-2's).
private enum ByteCharacters {
    /// Of each byte: itself where it is printable and no space, the next free one from 256 on otherwise.
    static let all: [Unicode.Scalar] = {
        var free: UInt32 = 256
        return (0...255).map { (byte: UInt32) in
            if (33...126).contains(byte) || (161...172).contains(byte) || (174...255).contains(byte)
            {
                return Unicode.Scalar(UInt8(byte))
            }
            defer { free += 1 }
            return Unicode.Scalar(free) ?? " "
        }
    }()

    /// Looked up, never iterated.
    static let bytes = Dictionary(
        uniqueKeysWithValues: all.enumerated().map { ($0.element, UInt8($0.offset)) })
}
