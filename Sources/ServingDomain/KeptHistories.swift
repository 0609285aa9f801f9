/// How much of what was said before the prompts of rounds still begin with, where that is not all.
///
/// A context that is compacted, or from which thinking is dropped, differs from some token on: what an
/// engine has computed behind it is of no use any more. Rounds that keep all take no memory as long as no later round keeps less.
@frozen
public struct KeptHistories: Hashable, Sendable {
    /// Stands for the whole history.
    public static let all = Int32.max

    /// Tokens that each round keeps; ends after the last that does not keep all.
    @usableFromInline var kept: [Int32] = []

    public init() {}

    /// Whether all rounds keep all.
    @inlinable
    public var isEmpty: Bool { kept.isEmpty }

    /// Tokens of the conversation before a round with which its prompt begins, by the round's place in
    /// its table; `all` where it is all of them.
    @inlinable
    public func tokens(ofRound round: Int) -> Int32 {
        round < kept.count ? kept[round] : Self.all
    }

    /// What a round keeps of so many tokens that were said before it.
    @inlinable
    public func kept(of context: Int, byRound round: Int) -> Int {
        let tokens = tokens(ofRound: round)
        return tokens == Self.all ? context : min(context, Int(tokens))
    }

    mutating func set(_ tokens: Int32, ofRound round: Int) {
        guard tokens != Self.all else { return }
        precondition(tokens >= 0, "a number of tokens")
        while kept.count <= round { kept.append(Self.all) }
        kept[round] = tokens
    }
}
