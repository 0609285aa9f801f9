/// Tokens in a KV block, divided by without a division where they are a power of two.
struct BlockSize {
    let tokens: Int
    /// Binary logarithm of `tokens`; negative where that is not whole.
    private let shift: Int

    /// - Precondition: `tokens` is positive.
    init(_ tokens: Int) {
        self.tokens = tokens
        shift = tokens & (tokens - 1) == 0 ? tokens.trailingZeroBitCount : -1
    }

    /// How many whole blocks `tokens` fill; not for negative numbers.
    @inline(__always)
    func whole(in tokens: Int) -> Int {
        shift >= 0 ? tokens &>> shift : tokens / self.tokens
    }

    /// How far a number is behind the last multiple of the size.
    @inline(__always)
    func rest(of number: Int) -> Int {
        guard shift < 0 else { return number & (tokens - 1) }
        let rest = number % tokens
        return rest < 0 ? rest + tokens : rest
    }
}
