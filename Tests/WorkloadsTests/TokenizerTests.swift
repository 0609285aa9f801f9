import DiscreteEvents
import Foundation
import Testing

@testable import Workloads

/// Counts are those of the reference implementation (Hugging Face's `tokenizers`) for the same files,
/// which were made by hand around merges that it had learnt from a few words.
@Suite("Tokenizers")
struct TokenizerTests {
    private static let texts = [
        "the then hat", "  two  spaces\n\n end ", "it's 12345 o'clock", "été 模型 🚀",
        "<s>hello</s> world", "aaaaaaa", "e\u{301}te\u{301}", "", "a-b_c, d.",
    ]

    private static let byteMerges = [
        "h e", "a a", "t he", "Ġ the", "Ã ©", "1 2", "l l", "Ġ i", "Ġ aa", "he ll", "hell o", "' s",
        "0 0", "3 4", "a t", "d Ã©", "h at", "j Ã", "l d", "m e", "o r", "r e", "t Ã©", "v u",
        "w or",
        "Ġ hello", "Ġ dÃ©", "Ġ hat", "Ġ vu", "Ġ wor", "aa aa", "Ġthe n", "Ġthe me", "Ġthe re",
    ]

    private static let characterMerges = [
        "h e", "a a", "t he", "▁ the", "▁ aa", "1 2", "3 4", "l l", "▁ i", "▁ he", "▁ 12", "ll o",
        "▁he llo", "' s", "0 0", "a t", "d ,", "d é", "h at", "j à", "l d,", "m e", "o r", "r e",
        "t é",
        "t 's", "v u", "w or", "é té", "▁ 34", "▁ 00", "▁ dé", "▁ hat", "▁ vu", "▁ wor", "▁ été",
        "▁the n", "▁the me", "▁the re", "▁aa a", "▁aa aa", "▁i s", "▁i t's", "▁12 34", "▁00 7",
        "▁dé jà",
    ]

    /// The letters that GPT-2 writes bytes with.
    private static var byteLetters: [String] {
        var free: UInt32 = 256
        return (0...255).map { (byte: UInt32) in
            let isShown = (33...126).contains(byte) || (byte > 160 && byte != 173)
            defer { if !isShown { free += 1 } }
            return Unicode.Scalar(isShown ? byte : free).map { String(Character($0)) } ?? ""
        }
    }

    /// A tokenizer file.
    private static func file(
        _ steps: String, letters: [String] = byteLetters, merges: [String] = byteMerges,
        more: [String] = [], model: String = "",
        added: String = #"{"content": "<s>"}, {"content": "</s>"}"#
    ) throws -> [UInt8] {
        let tokens = letters + merges.map { $0.replacing(" ", with: "") } + more
        let encoder = JSONEncoder()
        let vocabulary = try tokens.enumerated().map {
            String(decoding: try encoder.encode($0.element), as: UTF8.self) + ":\($0.offset)"
        }
        let list = String(decoding: try encoder.encode(merges), as: UTF8.self)
        return Array(
            """
            {"added_tokens": [\(added)], \(steps),
            "model": {"type": "BPE", \(model) "vocab": {\(vocabulary.joined(separator: ","))}, "merges": \(list)}}
            """.utf8)
    }

    private static let bytesAlone =
        #"{"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}"#
    private static let words =
        #"[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"#

    private static func sequence(_ steps: String...) -> String {
        #""pre_tokenizer": {"type": "Sequence", "pretokenizers": ["#
            + (steps + [bytesAlone]).joined(separator: ",") + "]}"
    }

    private static func split(_ pattern: String, _ behaviour: String, inverted: Bool = false)
        -> String
    {
        #"{"type": "Split", "pattern": {\#(pattern)}, "behavior": "\#(behaviour)", "invert": \#(inverted)}"#
    }

    private static var isolated: String {
        #""normalizer": {"type": "NFC"}, "#
            + sequence(split(#""Regex": "\#(words)""#, "Isolated"))
    }

    private static let byteFiles: [(steps: String, counts: [Int])] = [
        (
            #""normalizer": null, "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": true}"#,
            [3, 20, 15, 15, 5, 3, 8, 0, 10]
        ),
        (isolated, [3, 20, 16, 14, 5, 3, 2, 0, 9]),
        (
            sequence(
                split(#""String": " ""#, "MergedWithPrevious"),
                #"{"type": "Digits", "individual_digits": true}"#),
            [6, 20, 17, 14, 6, 3, 7, 0, 9]
        ),
        (
            #""normalizer": {"type": "Sequence", "normalizers": [{"type": "Lowercase"}]}, "#
                + sequence(
                    split(#""String": " ""#, "MergedWithNext"), #"{"type": "Punctuation"}"#),
            [3, 20, 16, 14, 5, 3, 7, 0, 9]
        ),
        (
            sequence(split(#""Regex": "\\w+""#, "Removed", inverted: true)),
            [4, 12, 12, 8, 5, 3, 7, 0, 5]
        ),
        (
            sequence(split(#""Regex": "a""#, "Contiguous"), #"{"type": "WhitespaceSplit"}"#),
            [6, 12, 13, 12, 5, 3, 7, 0, 8]
        ),
    ]

    @Test("bytes, cut into words in every way", arguments: byteFiles.indices)
    func bytes(index: Int) throws {
        let (steps, counts) = Self.byteFiles[index]
        let counter = try TokenCounter(tokenizer: Self.file(steps), named: "t")
        #expect(Self.texts.map(counter.tokens) == counts)
        #expect(!counter.isEstimate && counter.note.contains("tokenizer t,"))
    }

    @Test("words that are tokens whatever the merges")
    func wholeWords() throws {
        let file = try Self.file(
            Self.isolated, more: ["Ġworld"], model: #""ignore_merges": true,"#)
        let counter = try TokenCounter(tokenizer: file, named: "t")
        #expect(Self.texts.map(counter.tokens) == [3, 20, 16, 14, 4, 3, 2, 0, 9])
    }

    @Test("characters with marks for spaces, and bytes for what is not known")
    func characters() throws {
        let letters = "',0123478adehijlmnorstuvwàé▁".filter { $0 != "8" }.map(String.init)
        func counts(_ steps: String) throws -> [Int] {
            // This one knows no special tokens.
            let file = try Self.file(
                steps, letters: letters, merges: Self.characterMerges,
                model: #""byte_fallback": true,"#, added: "")
            let counter = try TokenCounter(tokenizer: file, named: "t")
            return Self.texts.map(counter.tokens)
        }
        let replaced =
            #""normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}"#
        #expect(try counts(replaced) == [3, 21, 11, 13, 13, 3, 8, 0, 10])
        let marked =
            #""pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": true}"#
        #expect(try counts(marked) == [3, 20, 11, 13, 13, 3, 8, 0, 10])
    }

    private static let flags: [(flags: String, counts: [Int])] = [
        ("", [5, 3, 3, 6, 7, 8, 3]), (#","normalized":true"#, [5, 3, 3, 6, 7, 3, 3]),
        (#","normalized":true,"lstrip":true"#, [4, 2, 3, 5, 5, 2, 3]),
        (#","normalized":true,"rstrip":true"#, [4, 3, 2, 4, 5, 2, 3]),
        (#","normalized":true,"single_word":true"#, [5, 8, 8, 6, 15, 3, 8]),
        (#","lstrip":true,"rstrip":true"#, [3, 2, 2, 3, 5, 7, 3]),
    ]

    @Test(
        "added tokens with the space around them, alone, and in normalised text", arguments: flags)
    func added(flags: String, counts: [Int]) throws {
        let normalizer =
            #""normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Lowercase"}]}, "#
        let file = try Self.file(
            normalizer + Self.sequence(Self.split(#""Regex": "\#(Self.words)""#, "Isolated")),
            added: #"{"content": "<tool>"\#(flags)}, {"content": "return"\#(flags)}"#)
        let counter = try TokenCounter(tokenizer: file, named: "t")
        let texts = [
            "a <tool> b", " <tool>u", "x<tool> ", "a <tool>  b", "xreturn return returnu",
            "<TOOL> <tool>", "e\u{301}<tool>\u{E9}",
        ]
        #expect(texts.map(counter.tokens) == counts)
    }

    @Test(
        "characters that are not known",
        arguments: [
            (#""unk_token": "<unk>", "fuse_unk": true,"#, [3, 3, 2]),
            (#""unk_token": "<unk>","#, [4, 4, 6]), ("", [2, 1, 1]),
        ])
    func unknown(model: String, counts: [Int]) throws {
        let letters = "',0123479adehijlmnorstuvwàé▁".filter { $0 != "9" }.map(String.init)
        let file = try Self.file(
            #""pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": true}"#,
            letters: letters, merges: Self.characterMerges, more: ["<unk>"], model: model, added: ""
        )
        let counter = try TokenCounter(tokenizer: file, named: "t")
        #expect(["가각 the", "\n\nhe", "x가y각z"].map(counter.tokens) == counts)
    }

    @Test("a long word takes no time out of proportion")
    func longWord() throws {
        let counter = try TokenCounter(tokenizer: Self.file(Self.isolated), named: "t")
        // Two letters are a token, and so are four.
        #expect(counter.tokens(String(repeating: "a", count: 400_000)) == 100_000)
        #expect(counter.tokens(String(repeating: " ", count: 100_000) + "x") == 100_001)
    }

    @Test(
        "what is no such tokenizer is told",
        arguments: [
            ("{", "Line 1, byte 2: found no JSON"),
            ("{}", "model: found an object, expected byte pairs"),
            (
                #"{"model": {"type": "Unigram", "vocab": [["a", -1]]}}"#,
                "model: found an object, expected byte pairs"
            ),
            (
                #"{"model": {"type": "WordPiece", "vocab": {"a": 1}, "merges": []}}"#,
                "model.type: found 'WordPiece', expected 'BPE'"
            ),
            (
                #"{"model": {"vocab": {"a": 1}, "merges": ["a b"]}}"#,
                "model.merges[0]: found 'a' and 'b', expected two tokens that make a third one of vocab"
            ),
            (
                #"{"model": {"vocab": {"a": -1}, "merges": []}}"#,
                "model.vocab.a: found -1, expected a whole number"
            ),
            (
                #"{"pre_tokenizer": {"type": "BertPreTokenizer"}, "model": {"vocab": {}, "merges": []}}"#,
                "pre_tokenizer.type: found 'BertPreTokenizer', expected one of Sequence"
            ),
            (
                #"{"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "("}, "behavior": "Isolated"}, "model": {"vocab": {}, "merges": []}}"#,
                "pre_tokenizer.pattern: found '(', expected a regular expression"
            ),
            (
                #"{"model": {"unk_token": "b", "vocab": {"a": 1}, "merges": []}}"#,
                "model.unk_token: found 'b', expected a token of vocab"
            ),
            (
                #"{"model": {"dropout": 0.5, "vocab": {"a": 1}, "merges": []}}"#,
                "model.dropout: found 0.5, expected 0"
            ),
            (
                #"{"added_tokens": [{"content": 3}], "model": {"vocab": {}, "merges": []}}"#,
                "added_tokens[0].content: found 3, expected a text"
            ),
            (
                #"{"pre_tokenizer": {"type": "ByteLevel"}, "model": {"vocab": {}, "merges": []}}"#,
                "model.vocab: found no token for a byte"
            ),
        ])
    func refused(text: String, message: String) {
        let found = #expect(throws: WorkloadError.self) {
            try TokenCounter(tokenizer: Array(text.utf8), named: "t")
        }
        #expect(found?.description.hasPrefix(message) == true, "\(found?.description ?? "")")
    }

    @Test("a damaged file is refused or counts something")
    func damage() throws {
        let file = try Self.file(Self.isolated)
        var random = RandomSequence(seed: 3, named: "tokenizers")
        var read = 0
        for _ in 0..<300 {
            var bytes = file
            for _ in 0...random.integer(below: 3) {
                bytes[random.integer(below: bytes.count)] = UInt8(random.integer(below: 256))
            }
            guard let counter = try? TokenCounter(tokenizer: bytes, named: "t") else { continue }
            read += 1
            #expect(Self.texts.allSatisfy { (0...60).contains(counter.tokens($0)) })
        }
        #expect(read > 0)
    }
}
