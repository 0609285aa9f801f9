import Catalog
import Deploying
import Planning
import ServingDomain

/// A check as a SARIF 2.1.0 log, for code scanning.
struct SARIFLog {
    private let document: CheckDocument

    init(_ document: CheckDocument) { self.document = document }

    var value: JSONValue {
        let driver: JSONValue = [
            "name": "ampd-plan", "version": .string(document.toolVersion),
            "rules": .array(Rule.allCases.map(rule)),
        ]
        return [
            "version": "2.1.0",
            "runs": .array([
                [
                    "tool": ["driver": driver], "columnKind": "unicodeCodePoints",
                    "results": .array(results),
                ]
            ]),
        ]
    }

    private func rule(_ rule: Rule) -> JSONValue {
        [
            "id": .string(rule.id), "name": .string(String(describing: rule).capitalisedFirst),
            "shortDescription": ["text": .string(rule.title)],
            "fullDescription": ["text": .string(rule.explanation)],
            "help": ["text": .string(rule.advice)],
            "defaultConfiguration": ["level": .string(rule.severity.rawValue)],
        ]
    }

    /// Failures, what is undecided, and what was waived; passes are no results.
    private var results: [JSONValue] {
        document.outcome.subjectFindings.filter { $0.finding.verdict != .pass }.map(result)
    }

    private func result(_ found: (finding: Finding, subject: String)) -> JSONValue {
        let finding = found.finding
        var members: [String: JSONValue] = [
            "ruleId": .string(finding.rule.id),
            "ruleIndex": .integer(Rule.allCases.firstIndex(of: finding.rule) ?? 0),
            "kind": finding.verdict == .fail ? "fail" : "review",
            "level": .string(finding.verdict == .fail ? finding.severity.rawValue : "none"),
            "message": ["text": .string(finding.message)],
            "locations": .array([location(finding, found.subject)]),
            "partialFingerprints": [
                "ampdPlan/v1": .string(finding.fingerprint(in: found.subject))
            ],
        ]
        if let waiver = finding.waiver {
            members["suppressions"] = .array([
                ["kind": "external", "justification": .string(waiver)]
            ])
        }
        return .object(members)
    }

    private func location(_ finding: Finding, _ subject: String) -> JSONValue {
        let file = finding.place?.file ?? subject
        var physical: [String: JSONValue] = ["artifactLocation": ["uri": .string(file.asURI)]]
        if let line = finding.place?.line {
            var region: [String: JSONValue] = ["startLine": .integer(line)]
            if let column = finding.place?.column { region["startColumn"] = .integer(column) }
            physical["region"] = .object(region)
        }
        return ["physicalLocation": .object(physical)]
    }
}

extension CheckOutcome {
    /// Every finding with the name of what it is about, the worst first.
    var subjectFindings: [(finding: Finding, subject: String)] {
        let all =
            general.map { ($0, $0.place?.file ?? "") }
            + subjects.flatMap { subject in
                subject.findings.map { ($0, subject.files.first ?? subject.name) }
            }
        return all.map { (finding: $0.0, subject: $0.1) }.sorted {
            Finding.precedes($0.finding, $1.finding)
        }
    }
}

extension Finding {
    /// The same for the same finding, wherever in the file it moves to: rule, file, key and, where that says
    /// nothing, the message up to its figures.
    func fingerprint(in subject: String) -> String {
        let words = key.isEmpty ? message.prefix { !$0.isNumber } : Substring(key)
        let hash = ByteHash(of: "\(rule.id)|\(place?.file ?? subject)|\(words)")
        let hex = String(hash.value, radix: 16)
        return String(repeating: "0", count: 16 - hex.count) + hex
    }
}

extension String {
    /// A relative reference: what is no part of one is escaped.
    var asURI: String {
        utf8.map { byte in
            let isPlain =
                Self.plainInURI.contains(byte)
            let hex = String(byte, radix: 16, uppercase: true)
            return isPlain
                ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + hex
        }.joined()
    }

    private static let plainInURI = Set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/".utf8)

    fileprivate var capitalisedFirst: String { prefix(1).uppercased() + dropFirst() }
}
