public import Catalog
public import Planning

/// The outcome of one rule at one place.
public struct Finding: Hashable, Sendable {
    public let rule: Rule
    public var severity: Severity
    public let verdict: Verdict
    public let message: String
    /// Where the key stands that the finding is about; nil where it is about no file.
    public var place: SourcePlace?
    /// Keys from the top of the document, such as `spec.components[0].replicas`; empty where unknown.
    public var key: String
    /// Why the finding does not count; nil where it does.
    public var waiver: String?

    public init(
        _ rule: Rule, _ verdict: Verdict, _ message: String, at place: SourcePlace? = nil,
        key: String = ""
    ) {
        self.rule = rule
        severity = rule.severity
        self.verdict = verdict
        self.message = message
        self.place = place
        self.key = key
    }

    /// A failure.
    public init(
        _ rule: Rule, _ message: String, at place: SourcePlace? = nil, key: String = ""
    ) {
        self.init(rule, .fail, message, at: place, key: key)
    }

    /// - Parameters:
    ///   - fault: what is wrong.
    ///   - option: of a command line that the fault stands in; nil for one of the file itself.
    init(_ fault: SchemaFault, of option: String? = nil) {
        let key = ([option].compactMap { $0 } + fault.path).dotted
        self.init(
            fault.isUnknownField ? .unknownField : .schema,
            (option.map { $0 + ": " } ?? "") + fault.message, at: fault.place, key: key)
    }

    /// Whether it is a failure, or may be one, that nobody has waived.
    public var isOpen: Bool { verdict != .pass && waiver == nil }
}

extension Finding {
    /// The order of reports: what fails first, then what weighs more, then by rule and place.
    public static func precedes(_ lhs: Self, _ rhs: Self) -> Bool {
        func rank(_ finding: Self) -> (Int, Int) {
            let verdict = [Verdict.fail: 0, .undecided: 1, .pass: 2][finding.verdict] ?? 2
            let weight = [Severity.error: 0, .warning: 1, .note: 2][finding.severity] ?? 2
            return (finding.waiver == nil ? verdict : 2, weight)
        }
        func place(_ finding: Self) -> (String, Int, Int) {
            (
                finding.place?.file ?? "", finding.place?.line ?? 0, finding.place?.column ?? 0
            )
        }
        if rank(lhs) != rank(rhs) { return rank(lhs) < rank(rhs) }
        if lhs.rule != rhs.rule { return lhs.rule < rhs.rule }
        if place(lhs) != place(rhs) { return place(lhs) < place(rhs) }
        return lhs.message < rhs.message
    }
}
