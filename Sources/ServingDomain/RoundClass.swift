/// Classes of later rounds that a policy table tells apart.
///
/// The bounds are those of PPD (arXiv 2603.13358, vllm-ppd).
public enum ContextClass: String, Hashable, Sendable, CaseIterable, Codable {
    /// Up to 512 tokens.
    case small
    /// Up to 4,096 tokens.
    case large
    case huge

    /// The class of a round that continues a conversation of so many tokens.
    public init(context: Int) {
        self = context <= 512 ? .small : context <= 4096 ? .large : .huge
    }
}

/// New tokens against generated ones: nine classes, in order of how much of a round is prompt.
public enum RoundShape: String, Hashable, Sendable, CaseIterable, Codable {
    case tiny
    case shortGeneration = "short_generation"
    case longGeneration = "long_generation"
    case veryLongGeneration = "very_long_generation"
    case smallBalanced = "small_balanced"
    case mediumBalanced = "medium_balanced"
    case mediumPaste = "medium_paste"
    case bigPaste = "big_paste"
    case hugePaste = "huge_paste"

    /// The class of a round that prefills `input` tokens and generates `output`.
    ///
    /// Mostly generation where there is less than a new token to four generated ones, mostly prompt
    /// above two new tokens to one; each is divided further by its greater part.
    public init(input: Int, output: Int) {
        if 4 * input < output {
            self =
                output <= 64
                ? .tiny
                : output <= 256
                    ? .shortGeneration : output <= 512 ? .longGeneration : .veryLongGeneration
        } else if input <= 2 * output {
            self = input <= 64 ? .smallBalanced : .mediumBalanced
        } else {
            self = input <= 256 ? .mediumPaste : input <= 512 ? .bigPaste : .hugePaste
        }
    }
}
