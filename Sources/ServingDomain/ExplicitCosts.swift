/// Step times that the user states, in place of curves fitted to a profile.
///
/// One value describes every worker: whole times of whole steps, host time included, whatever GPU
/// they were taken on. Times are nanoseconds; docs/cost-model.md describes the file.
public struct ExplicitCosts: Hashable, Sendable {
    /// Time of one prefill step over sequences with `h` tokens of history and `n` new ones.
    public enum Prefill: Hashable, Sendable {
        case polynomial(PrefillPolynomial)
        /// By new tokens and history of a sequence; several sequences take the sum.
        case table(CostTable)
        /// Whatever is computed.
        case constant(Double)
    }

    /// Time of one decode step over sequences of given contexts.
    public enum Decode: Hashable, Sendable {
        /// The first set holds below `threshold` sequences, the second from there on.
        case lines(threshold: Int, small: DecodeLine, large: DecodeLine)
        /// By sequences and tokens of context per sequence.
        case table(CostTable)
        case constant(Double)
    }

    public var prefill: Prefill
    public var decode: Decode
    /// Host time on top of every step.
    public var overhead: StepOverhead

    public init(prefill: Prefill, decode: Decode, overhead: StepOverhead = .none) {
        self.prefill = prefill
        self.decode = decode
        self.overhead = overhead
    }
}

/// `constant + perToken · Σn + perTokenSquared · Σ((h + n)² − h²)` nanoseconds.
///
/// The square counts what a sequence adds to attention: with a history it is the difference of two
/// whole prompts, so that a prompt prefilled in parts costs what it costs at once.
public struct PrefillPolynomial: Hashable, Sendable {
    public var constant: Double
    public var perToken: Double
    public var perTokenSquared: Double

    public init(constant: Double, perToken: Double, perTokenSquared: Double) {
        self.constant = constant
        self.perToken = perToken
        self.perTokenSquared = perTokenSquared
    }
}

/// `constant + perContextToken · Σ context + perSequence · sequences + perSpreadToken · σ` nanoseconds.
///
/// The context of a sequence is what the step attends to, the token that it computes included; σ is
/// the standard deviation of the contexts in tokens: kernels wait for the longest sequence.
public struct DecodeLine: Hashable, Sendable {
    public var constant: Double
    public var perContextToken: Double
    public var perSequence: Double
    public var perSpreadToken: Double

    public init(
        constant: Double, perContextToken: Double, perSequence: Double, perSpreadToken: Double = 0
    ) {
        self.perSpreadToken = perSpreadToken
        self.constant = constant
        self.perContextToken = perContextToken
        self.perSequence = perSequence
    }
}

/// `base + perContextToken · Σ tokens` nanoseconds on top of a step.
///
/// The tokens are whole prompts, history included, in prefill, and in decode the contexts without
/// the token that the step computes.
public struct StepOverhead: Hashable, Sendable {
    public var base: Double
    public var perContextToken: Double

    public init(base: Double, perContextToken: Double) {
        self.base = base
        self.perContextToken = perContextToken
    }

    public static let none = Self(base: 0, perContextToken: 0)
}

/// Times on points of two numbers of tokens or sequences.
///
/// Between points the time is linear in both numbers. Beyond the last second number it goes on with
/// the last slope, beyond the last row in proportion to it; below the first it is held.
public struct CostTable: Hashable, Sendable {
    public struct Row: Hashable, Sendable {
        /// Tokens or sequences of all points of the row.
        public let x: Int
        /// Second number and nanoseconds, by rising second number.
        public let points: [Point]

        /// - Precondition: `points` is not empty and rises strictly in `y`.
        public init(x: Int, points: [Point]) {
            precondition(!points.isEmpty, "a row needs points")
            precondition(zip(points, points.dropFirst()).allSatisfy { $0.y < $1.y })
            self.x = x
            self.points = points
        }
    }

    public struct Point: Hashable, Sendable {
        public let y: Int
        public let nanoseconds: Double

        public init(y: Int, nanoseconds: Double) {
            self.y = y
            self.nanoseconds = nanoseconds
        }
    }

    public let rows: [Row]

    /// - Precondition: `rows` is not empty and rises strictly in `x`.
    public init(rows: [Row]) {
        precondition(!rows.isEmpty, "a table needs rows")
        precondition(zip(rows, rows.dropFirst()).allSatisfy { $0.x < $1.x })
        self.rows = rows
    }
}
