/// How far a cost may be believed, from best to worst.
public enum Trust: String, Hashable, Sendable, Codable, CaseIterable {
    /// Fitted on timings taken on this GPU type.
    case measured
    /// A shipped curve that was fitted on such timings.
    case measuredFit = "measured_fit"
    /// Carried over from a neighbouring measured shape by achieved FLOP/s.
    case neighbour
    /// Timings of another GPU type, carried over by the ratio of both rooflines.
    case scaled
    /// Computed from peak figures alone.
    case analytic
    /// Given as formula or table by the user.
    case given

    /// The weaker of two.
    public static func weaker(_ lhs: Self, _ rhs: Self) -> Self {
        lhs.rank >= rhs.rank ? lhs : rhs
    }

    /// Every trust, the weakest first.
    public static let weakestFirst = allCases.sorted { $0.rank > $1.rank }

    private var rank: Int {
        switch self {
        case .given: 0
        case .measured: 1
        case .measuredFit: 2
        case .neighbour: 3
        case .scaled: 4
        case .analytic: 5
        }
    }
}
