import ServingDomain

/// Parts of a step's time that were stated as formulas or tables, not fitted to operators.
///
/// They are added to everything else; all of them in nanoseconds.
public struct GivenTerms: Hashable, Sendable {
    /// Per squared token of a prefill, over (h + n)² - h².
    var perTokenSquared = 0.0
    /// By new tokens and history in prefill, by sequences and context per sequence in decode;
    /// beyond its last row in proportion to it.
    private(set) var table: CurveFamily?
    /// The table as it was given, which tells the range.
    private var range: CurveFamily?
    /// Of a decode step, below and from a number of sequences on.
    var lines: DecodeLines?

    /// No step takes less than nothing or longer than this: 36 minutes, as for decode steps.
    static let longestStep = 0x1p41

    /// Two lines, and the number of sequences from which the second holds.
    struct DecodeLines: Hashable, Sendable {
        let threshold: Int
        let small: DecodeLine
        let large: DecodeLine

        /// The line that holds for a batch.
        func line(batch: Int) -> DecodeLine { batch >= threshold ? large : small }
    }

    /// The same where everything takes so many times as long.
    func scaled(by factor: Double) -> Self {
        var copy = self
        copy.perTokenSquared *= factor
        copy.table = table?.scaled(by: factor).compiled()
        copy.range = range?.scaled(by: factor)
        copy.lines = lines.map {
            DecodeLines(
                threshold: $0.threshold, small: $0.small.scaled(by: factor),
                large: $0.large.scaled(by: factor))
        }
        return copy
    }

    /// What `tokens` new tokens, or sequences, at `cached` history or context each take.
    func time(tokens: Int, cached: Int) -> Double {
        let (x, y) = (Double(tokens), Double(cached))
        let squares = perTokenSquared * x * (x + 2 * y)
        let looked = table.map { $0(x, y) } ?? 0
        return squares + looked + (lines?.line(batch: tokens).time(tokens, x * y) ?? 0)
    }

    /// Whether a table has the point between its own.
    func covers(tokens: Int, cached: Int) -> Bool {
        range?.covers(Double(tokens), Double(cached)) ?? true
    }

    mutating func look(up table: CostTable) {
        range = CurveFamily(table, proportionalBeyond: false)
        self.table = CurveFamily(table, proportionalBeyond: true)
    }
}

extension DecodeLine {
    /// Nanoseconds of a step of `batch` sequences of `context` tokens in all.
    func time(_ batch: Int, _ context: Double) -> Double {
        constant + perContextToken * context + perSequence * Double(batch)
    }

    /// The line at one batch size, cut so finely that whole ticks per token do not add up.
    ///
    /// Pieces begin at 0, at 8,192 tokens and then at every eighth of a power of two, so that a
    /// step is never further from the formula than its context times 2^-24 nanoseconds.
    func compiled(batch: Int) -> StepLine {
        let starts = [0] + (10...40).flatMap { octave in (8...15).map { $0 << octave } }
        return StepLine(
            pieces: starts.map { start in
                StepLine.Piece(
                    start: start, base: Ticks.rounding(nanoseconds: time(batch, Double(start))),
                    slope: Ticks.rounding(nanoseconds: perContextToken), isFitted: true)
            })
    }

    /// The same times with host time on top.
    ///
    /// Overhead counts contexts without the token that each sequence computes.
    func adding(_ overhead: StepOverhead) -> Self {
        Self(
            constant: constant + overhead.base,
            perContextToken: perContextToken + overhead.perContextToken,
            perSequence: perSequence - overhead.perContextToken, perSpreadToken: perSpreadToken)
    }
}

extension CurveFamily {
    /// The rows as members; one more, of twice the last, makes times beyond proportional.
    fileprivate init(_ table: CostTable, proportionalBeyond: Bool) {
        var xs = table.rows.map { Double($0.x) }
        var members = table.rows.map { row in
            PiecewiseLinear(
                xs: row.points.map { Double($0.y) }, ys: row.points.map(\.nanoseconds))
        }
        if proportionalBeyond, let last = xs.last, let member = members.last {
            xs.append(2 * last)
            members.append(member.scaled(by: 2))
        }
        self.init(xs: xs, members: members)
    }
}
