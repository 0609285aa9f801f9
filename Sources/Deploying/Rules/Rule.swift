/// What a check looks at, by an id that never changes its meaning.
///
/// Each has a page `docs/rules/ID.md`, written from `RuleText`.
public enum Rule: String, Hashable, Sendable, CaseIterable, Comparable {
    case schema = "A001"
    case unknownField = "A002"
    case memory = "A010"
    case sessionMemory = "A011"
    case heads = "A012"
    case degreePairs = "A013"
    case budget = "A014"
    case nodes = "A015"
    case gpuRequest = "A016"
    case ttft = "A020"
    case itl = "A021"
    case attainment = "A022"
    case stability = "A023"
    case links = "A024"
    case outsideProfile = "A030"
    case staleProfile = "A031"
    case poorFit = "A032"
    case wideInterval = "A033"
    case capability = "A040"
    case singleWorker = "A041"
    case differsFromPlan = "A050"
    case names = "A051"
    case image = "A052"
    case inexpressible = "A053"
    case notSimulated = "A054"
    case cost = "A060"
    case solverGap = "A061"
    case worseThanBest = "A070"
    case regression = "A071"
    case expiredWaiver = "A080"

    public var id: String { rawValue }

    /// How much a failure weighs unless the configuration says otherwise.
    public var severity: Severity {
        switch self {
        case .links, .outsideProfile, .staleProfile, .poorFit, .wideInterval, .singleWorker, .image,
            .solverGap:
            .warning
        default: .error
        }
    }

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// How much a failed rule weighs.
public enum Severity: String, Hashable, Sendable, CaseIterable, Comparable {
    case note
    case warning
    case error

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.order < rhs.order }

    private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
