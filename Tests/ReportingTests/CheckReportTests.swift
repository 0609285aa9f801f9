import Catalog
import Deploying
import Foundation
import Planning
import ServingDomain
import Testing

@testable import Reporting

/// Each form of a check tells apart what failed, what is undecided, what only warns and what was waived.
@Suite("Reports of a check")
struct CheckReportTests {
    private static let file = "deploy/a b.yaml"

    private static func finding(
        _ rule: Rule, _ verdict: Verdict, line: Int, key: String = "", waiver: String? = nil
    ) -> Finding {
        var finding = Finding(
            rule, verdict, "says <\(line)> & 50%\nmore",
            at: SourcePlace(file: file, line: line, column: 3),
            key: key)
        finding.waiver = waiver
        return finding
    }

    private static func document(_ findings: [Finding]) -> CheckDocument {
        let subject = CheckedSubject(
            name: file, kind: .manifest, files: [file], layout: nil, caseName: "case", trust: nil,
            findings: findings)
        return CheckDocument(
            CheckOutcome(subjects: [subject], general: [], failOn: .error), toolVersion: "1")
    }

    private static let mixed = document([
        finding(.ttft, .fail, line: 4), finding(.itl, .undecided, line: 5),
        finding(.singleWorker, .fail, line: 6), finding(.links, .undecided, line: 7),
        finding(.names, .fail, line: 8, waiver: "for now"), finding(.attainment, .pass, line: 9),
    ])

    private func objects(_ kind: CheckReportKind) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(Self.mixed.text(kind).utf8))
    }

    @Test("GitLab: what fails weighs more than what is undecided, errors more than warnings")
    func codeQuality() throws {
        let entries = try #require(try objects(.codequality) as? [[String: Any]])
        let found = entries.map { [$0["check_name"] as? String, $0["severity"] as? String] }
        #expect(
            found == [
                ["A020", "critical"], ["A041", "minor"], ["A021", "major"], ["A024", "minor"],
            ])
        let fingerprints = entries.compactMap { $0["fingerprint"] as? String }
        #expect(Set(fingerprints).count == 4)
    }

    @Test("JUnit: failures, errors and skipped cases are counted, and the text is safe")
    func junit() throws {
        let text = try Self.mixed.text(.junit)
        #expect(text.contains("tests=\"6\" failures=\"1\" errors=\"1\" skipped=\"3\""))
        #expect(text.contains("<error type=\"undecided\" message=\"says &lt;5&gt; &amp; 50%"))
        #expect(text.contains("<skipped message=\"waived: for now; says"))
        #expect(!text.contains("<4>"))
    }

    @Test("SARIF: open findings have a level, what is undecided a review, waived ones a reason")
    func sarif() throws {
        let log = try #require(try objects(.sarif) as? [String: Any])
        let run = try #require((log["runs"] as? [[String: Any]])?.first)
        let results = try #require(run["results"] as? [[String: Any]])
        let levels = results.map { [$0["ruleId"] as? String, $0["level"] as? String] }
        #expect(
            Set(levels).isSuperset(of: [
                ["A020", "error"], ["A021", "none"], ["A041", "warning"],
            ]))
        let waived = try #require(results.first { $0["ruleId"] as? String == "A051" })
        let suppression = (waived["suppressions"] as? [[String: Any]])?.first
        #expect(suppression?["justification"] as? String == "for now")
        #expect(try Self.mixed.text(.sarif).contains("deploy/a%20b.yaml"))
    }

    @Test("GitHub: ten annotations of a kind, the worst first, on one line each")
    func github() throws {
        let lines = try Self.mixed.text(.github).split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines[0].hasPrefix("::error file=deploy/a b.yaml,line=4,col=3,title=A020"))
        #expect(lines.allSatisfy { $0.contains("50%25%0Amore") })
        let many = Self.document((1...30).map { Self.finding(.ttft, .fail, line: $0) })
        #expect(try many.text(.github).split(separator: "\n").count == 10)
    }

    @Test("the same finding keeps its fingerprint when it moves, and equal ones get numbers")
    func fingerprints() throws {
        func prints(_ findings: [Finding]) throws -> [String] {
            let text = try Self.document(findings).text(.codequality)
            let entries =
                try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]]
            return (entries ?? []).compactMap { $0["fingerprint"] as? String }
        }
        let here = try prints([Self.finding(.names, .fail, line: 4, key: "metadata.name")])
        let there = try prints([Self.finding(.names, .fail, line: 40, key: "metadata.name")])
        #expect(here == there && here[0].count == 16)
        let twins = try prints((4...5).map { Self.finding(.names, .fail, line: $0, key: "a") })
        #expect(twins[1] == twins[0] + "-2")
    }
}
