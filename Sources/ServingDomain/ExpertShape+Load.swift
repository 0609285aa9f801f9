/// What the tokens of a step load the GPUs with that routed experts are dealt out over.
public struct ExpertLoad: Hashable, Sendable {
    /// Tokens times experts that each picks, of those on one GPU.
    public let picks: Double
    /// Experts of that GPU that at least one token picks.
    public let touched: Double
}

extension ExpertShape {
    /// Whether every expert is equally likely.
    public var isEvenlyRouted: Bool {
        [Self.balanced, Self.insideEngine].contains(distribution)
    }

    /// How often other routers pick each eighth of the experts, from the rarest to the most liked, beside an even share.
    ///
    /// Square roots of loads whose density falls as load^-1.2, for which timings say that few tokens touch more
    /// experts than such loads and fewer than even ones.
    private static let popularity = [0.28, 0.35, 0.448, 0.587, 0.797, 1.127, 1.686, 2.73]

    /// Variance of these over the square of their mean.
    private static let spread: Double = {
        let count = Double(popularity.count)
        let mean = popularity.reduce(0, +) / count
        return popularity.reduce(0) { $0 + $1 * $1 } / count / (mean * mean) - 1
    }()

    /// Experts of one GPU that at least one of so many tokens picks, in the mean over the GPUs.
    ///
    /// - Parameter tokens: of all GPUs that the experts are dealt out over.
    /// - Returns: a number of experts, not a whole one.
    public func touchedExperts(tokens: Double) -> Double {
        let popularity = isEvenlyRouted ? [1] : Self.popularity
        let local = Double(experts) / Double(expertDegree) / Double(popularity.count)
        let even = Double(expertsPerToken) / Double(experts)
        return popularity.reduce(0) { touched, share in
            let missed = integerPower(1 - min(1, even * share), Int(min(tokens, 1e6)))
            return touched + local * (1 - missed)
        }
    }

    /// What the GPU has that the others wait for: the mean over all of them, and, where experts are dealt out, what
    /// the largest of so many independent normal numbers lies above it.
    ///
    /// Loads of GPUs differ because tokens pick by chance, which few tokens show, and because each GPU has other
    /// experts, of which some are liked more. Both shares of a variance are those of drawing without putting back.
    /// Nobody balances the experts. Loads are even, and no GPU waits, where routers are said to be.
    ///
    /// - Parameter tokens: of all GPUs that the experts are dealt out over.
    /// - Returns: its load, never more than it has experts or tokens.
    public func busiest(tokens: Double) -> ExpertLoad {
        let degree = Double(expertDegree)
        let local = Double(experts) / degree
        let mean = ExpertLoad(
            picks: tokens * Double(expertsPerToken) / degree,
            touched: touchedExperts(tokens: tokens))
        guard expertDegree > 1, !isEvenlyRouted else { return mean }
        let others = 1 - 1 / degree
        let ofPicks = (mean.picks + mean.picks * mean.picks * Self.spread / local) * others
        let ofTouched = mean.touched * max(0, 1 - mean.touched / local) * others
        let largest = Self.largest(of: expertDegree)
        // Somebody has a whole one.
        let least = min(1, tokens)
        return ExpertLoad(
            picks: min(
                max(least, mean.picks + largest * ofPicks.squareRoot()),
                tokens * min(local, Double(expertsPerToken))),
            touched: min(local, max(least, mean.touched + largest * ofTouched.squareRoot())))
    }

    /// Expected largest of so many standard normal numbers: known for powers of two, on a line between them.
    private static func largest(of count: Int) -> Double {
        let doublings = Int.bitWidth - 1 - max(1, count).leadingZeroBitCount
        guard doublings + 1 < ofPowers.count else { return ofPowers[ofPowers.count - 1] }
        let rest = Double(count) / Double(1 << doublings) - 1
        return ofPowers[doublings] + rest * (ofPowers[doublings + 1] - ofPowers[doublings])
    }

    /// Of 1, 2, 4 up to 512 numbers, by integration.
    private static let ofPowers = [
        0, 0.564, 1.029, 1.424, 1.766, 2.070, 2.344, 2.595, 2.827, 3.044,
    ]

    /// Whether timings of the block have the rows of experts that other GPUs have.
    ///
    /// Public tables do; blocks that were timed inside an engine are one GPU's share of one that is not dealt out.
    public var hasAbsentRows: Bool { expertDegree > 1 && distribution != Self.insideEngine }

    /// Bytes for each token that kernels write and read which go over the rows of every pick of it, whoever has
    /// that expert: on a GPU that experts are dealt out over, those of all others.
    ///
    /// Zeros in place of gate and up, both activated, their product quantised where weights are in eight bits or fewer, zeros in
    /// place of the output, and these added up.
    public var absentRowBytes: Double {
        let rows = Double(expertsPerToken) * (1 - 1 / Double(expertDegree))
        let width = Double(intermediate) / Double(tensorDegree)
        let quantised = format.computeFormat == .bf16 ? 0.0 : 3
        return rows * ((10 + quantised) * width + 4 * Double(hidden))
    }
}

/// `base` to a whole power, by squaring: the same bits on every processor, unlike `pow`.
private func integerPower(_ base: Double, _ exponent: Int) -> Double {
    var (result, square, rest) = (1.0, base, exponent)
    while rest > 0 {
        if rest & 1 == 1 { result *= square }
        square *= square
        rest >>= 1
    }
    return result
}
