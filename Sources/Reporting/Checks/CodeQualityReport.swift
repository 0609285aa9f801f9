import Catalog
import Deploying
import Planning

/// A check in the form of GitLab's code quality reports.
struct CodeQualityReport {
    private let document: CheckDocument

    init(_ document: CheckDocument) { self.document = document }

    /// Open findings; equal fingerprints get a number, for GitLab shows each once.
    var value: JSONValue {
        var seen: [String: Int] = [:]
        var entries: [JSONValue] = []
        for found in document.outcome.subjectFindings where found.finding.isOpen {
            let fingerprint = found.finding.fingerprint(in: found.subject)
            seen[fingerprint, default: 0] += 1
            let number = seen[fingerprint, default: 0]
            entries.append(
                entry(found, number == 1 ? fingerprint : "\(fingerprint)-\(number)"))
        }
        return .array(entries)
    }

    private func entry(
        _ found: (finding: Finding, subject: String), _ fingerprint: String
    ) -> JSONValue {
        let finding = found.finding
        return [
            "description": .string("\(finding.rule.id): \(finding.message)"),
            "check_name": .string(finding.rule.id), "fingerprint": .string(fingerprint),
            "severity": .string(finding.gravity),
            "location": [
                "path": .string(finding.place?.file ?? found.subject),
                "lines": ["begin": .integer(finding.place?.line ?? 1)],
            ],
        ]
    }
}

extension Finding {
    fileprivate var gravity: String {
        switch (severity, verdict) {
        case (.error, .fail): "critical"
        case (.error, _): "major"
        case (.warning, _): "minor"
        case (.note, _): "info"
        }
    }
}
