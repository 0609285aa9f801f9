import Catalog
public import Deploying
import Planning
import ServingDomain

/// Forms of a check's answer beside the one on standard output.
public enum CheckReportKind: String, Hashable, Sendable, CaseIterable {
    case json
    case junit
    case sarif
    case markdown
    case github
    case codequality
}

/// The outcome of a check as a document.
///
/// The same outcome gives the same bytes: no form holds a time or the name of a machine.
public struct CheckDocument: Answer, Sendable {
    let outcome: CheckOutcome
    let toolVersion: String

    public init(_ outcome: CheckOutcome, toolVersion: String) {
        self.outcome = outcome
        self.toolVersion = toolVersion
    }

    public func text(_ kind: CheckReportKind) throws -> String {
        switch kind {
        case .json: try value.json()
        case .junit: JUnitReport(self).text
        case .sarif: try SARIFLog(self).value.json()
        case .markdown: MarkdownSummary(self).text
        case .github: GitHubAnnotations(self).text
        case .codequality: try CodeQualityReport(self).value.json()
        }
    }

    /// `layout`, `case` and `trust` are those of the only subject; null where there are several.
    public var value: JSONValue {
        let subject = outcome.subjects.count == 1 ? outcome.subjects[0] : nil
        return [
            "apiVersion": .string(PlanDocument.apiVersion), "kind": "CheckResult",
            "tool_version": .string(toolVersion),
            "verdict": .string(outcome.verdict.rawValue),
            "fail_on": JSONValue(outcome.failOn?.rawValue),
            "layout": JSONValue(subject?.layout?.description),
            "case": JSONValue(subject?.caseName), "trust": JSONValue(subject?.trust?.rawValue),
            "subjects": .array(outcome.subjects.map(subjectValue)),
            "findings": .array(
                outcome.general.map { finding($0, nil) }
                    + outcome.subjects.flatMap { subject in
                        subject.findings.map { finding($0, subject.name) }
                    }),
        ]
    }

    private func subjectValue(_ subject: CheckedSubject) -> JSONValue {
        [
            "name": .string(subject.name), "kind": .string(subject.kind.rawValue),
            "files": .array(subject.files.map(JSONValue.string)),
            "layout": JSONValue(subject.layout?.description),
            "gpus": subject.layout.map { .integer($0.gpus.value) } ?? .null,
            "case": JSONValue(subject.caseName), "trust": JSONValue(subject.trust?.rawValue),
            "verdict": .string(subject.verdict(failingOn: outcome.failOn).rawValue),
        ]
    }

    private func finding(_ finding: Finding, _ subject: String?) -> JSONValue {
        [
            "rule": .string(finding.rule.id), "title": .string(finding.rule.title),
            "severity": .string(finding.severity.rawValue),
            "verdict": .string(finding.verdict.rawValue), "message": .string(finding.message),
            "subject": JSONValue(subject), "file": JSONValue(finding.place?.file),
            "line": finding.place?.line.map(JSONValue.integer) ?? .null,
            "column": finding.place?.column.map(JSONValue.integer) ?? .null,
            "key": .string(finding.key), "waiver": JSONValue(finding.waiver),
        ]
    }

    public var lines: [JSONValue] { value["findings"]?.elements ?? [] }

    public var table: TextTable {
        var table = TextTable(
            [("rule", .left), ("verdict", .left), ("subject", .left), ("finding", .left)],
            extra: [("severity", .left), ("title", .left), ("key", .left), ("waiver", .left)])
        for finding in outcome.general { add(finding, "", to: &table) }
        for subject in outcome.subjects {
            for finding in subject.findings { add(finding, subject.shownName, to: &table) }
            if let says = subject.scope {
                let verdict = subject.findings.isEmpty ? "pass" : ""
                table.append(["", verdict, subject.shownName, says])
            }
        }
        table.append(["", outcome.verdict.rawValue, "", "verdict of \(outcome.subjects.counted)"])
        return table
    }

    private func add(_ finding: Finding, _ subject: String, to table: inout TextTable) {
        let place = finding.place.map { "\($0): " } ?? ""
        let says = finding.message.hasPrefix(place) ? finding.message : place + finding.message
        table.append([
            finding.rule.id, finding.shownVerdict, subject, says, finding.severity.rawValue,
            finding.rule.title, finding.key, finding.waiver ?? "",
        ])
    }
}

extension CheckedSubject {
    /// What was looked at where nothing was simulated and nothing says so; nil elsewhere.
    fileprivate var scope: String? {
        if kind == .manifest, caseName == nil {
            return "form only: nothing was simulated, for there is no case"
        }
        return findings.isEmpty ? "schema and memory hold" : nil
    }
}

extension Finding {
    /// The verdict, softer words for what does not count as an error.
    var shownVerdict: String {
        if waiver != nil, verdict != .pass { return "waived" }
        return verdict == .fail && severity != .error ? severity.rawValue : verdict.rawValue
    }
}

extension CheckedSubject {
    /// Name and layout.
    var shownName: String { [name, layout?.description].compactMap { $0 }.joined(separator: " ") }
}

extension [CheckedSubject] {
    fileprivate var counted: String { count == 1 ? "1 subject" : "\(count) subjects" }
}

extension CheckDocument {
    static var shape: DocumentShape {
        let (name, place) = (DocumentShape.text.orNull, DocumentShape.positive.orNull)
        let severity = DocumentShape.oneOf(Severity.allCases.map(\.rawValue))
        return .object([
            "apiVersion": .apiVersion, "kind": .const("CheckResult"), "tool_version": .text,
            "verdict": .verdict, "fail_on": severity.orNull, "layout": name, "case": name,
            "trust": DocumentShape.trust.orNull,
            "subjects": .list(
                .object([
                    "name": .text, "kind": .text, "files": .list(.text), "layout": name,
                    "gpus": place, "case": name, "trust": DocumentShape.trust.orNull,
                    "verdict": .verdict,
                ])),
            "findings": .list(
                .object([
                    "rule": .text, "title": .text, "severity": severity, "verdict": .verdict,
                    "message": .text, "subject": name, "file": name, "line": place,
                    "column": place, "key": .text, "waiver": name,
                ])),
        ])
    }
}
