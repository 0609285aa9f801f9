public import Planning
public import ServingDomain

/// Something that was checked: a case, a plan, or the deployment that manifests describe.
public struct CheckedSubject: Sendable {
    public enum Kind: String, Hashable, Sendable {
        case `case`
        case plan
        case manifest
    }

    public let name: String
    public let kind: Kind
    /// Files that it stands in.
    public let files: [String]
    /// Nil where no layout was checked.
    public let layout: Deployment?
    /// The case under which it was checked; nil where there is none.
    public let caseName: String?
    /// How far the costs can be trusted; nil where nothing was simulated.
    public let trust: Trust?
    public var findings: [Finding]

    public init(
        name: String, kind: Kind, files: [String], layout: Deployment?, caseName: String?,
        trust: Trust?, findings: [Finding]
    ) {
        self.name = name
        self.kind = kind
        self.files = files
        self.layout = layout
        self.caseName = caseName
        self.trust = trust
        self.findings = findings.sorted(by: Finding.precedes)
    }

    /// The verdict over open findings that weigh enough.
    public func verdict(failingOn least: Severity?) -> Verdict {
        guard let least else { return .pass }
        return .all(findings.filter { $0.isOpen && $0.severity >= least }.map(\.verdict))
    }
}

/// Everything that a check found.
public struct CheckOutcome: Sendable {
    public let subjects: [CheckedSubject]
    /// Findings about the configuration of the check itself.
    public let general: [Finding]
    /// The least severity that makes a check fail; nil for none.
    public let failOn: Severity?

    public init(subjects: [CheckedSubject], general: [Finding], failOn: Severity?) {
        self.subjects = subjects
        self.general = general
        self.failOn = failOn
    }

    public var verdict: Verdict {
        guard let failOn else { return .pass }
        let own = general.filter { $0.isOpen && $0.severity >= failOn }.map(\.verdict)
        return .all(own + subjects.map { $0.verdict(failingOn: failOn) })
    }

    /// All findings, the worst first.
    public var findings: [Finding] {
        (general + subjects.flatMap(\.findings)).sorted(by: Finding.precedes)
    }
}
