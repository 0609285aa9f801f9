import Deploying
import Planning

/// A check as JUnit XML: a suite for each subject, a case for each finding.
struct JUnitReport {
    private let document: CheckDocument

    init(_ document: CheckDocument) { self.document = document }

    var text: String {
        let general = document.outcome.general
        var suites: [(name: String, findings: [Finding])] =
            document.outcome.subjects.map { ($0.shownName, $0.findings) }
        if !general.isEmpty { suites.append(("configuration", general)) }
        var lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testsuites>"]
        for (id, suite) in suites.enumerated() { lines += self.suite(id, suite) }
        return (lines + ["</testsuites>", ""]).joined(separator: "\n")
    }

    private func suite(_ id: Int, _ suite: (name: String, findings: [Finding])) -> [String] {
        let failures = suite.findings.count { result($0) == .failure }
        let errors = suite.findings.count { result($0) == .error }
        let skipped = suite.findings.count { result($0) == .skipped }
        // Times and hosts would differ from run to run; the form demands some.
        let head =
            "  <testsuite id=\"\(id)\" package=\"ampd-plan\" name=\"\(suite.name.xmlText)\" "
            + "timestamp=\"1970-01-01T00:00:00\" hostname=\"localhost\" "
            + "tests=\"\(max(1, suite.findings.count))\" failures=\"\(failures)\" "
            + "errors=\"\(errors)\" skipped=\"\(skipped)\" time=\"0\">"
        let cases =
            suite.findings.isEmpty
            ? ["    <testcase name=\"schema and memory\" classname=\"ampd-plan\" time=\"0\"/>"]
            : suite.findings.enumerated().flatMap { self.testCase($0.element, $0.offset) }
        return [head, "    <properties/>"] + cases
            + ["    <system-out/>", "    <system-err/>", "  </testsuite>"]
    }

    private enum Result: Hashable {
        case passed, failure, error, skipped
    }

    /// What is undecided is an error: neither passed nor failed.
    private func result(_ finding: Finding) -> Result {
        if finding.verdict == .pass { return .passed }
        let counts = document.outcome.failOn.map { finding.severity >= $0 } ?? false
        guard finding.isOpen, counts else { return .skipped }
        return finding.verdict == .fail ? .failure : .error
    }

    private func testCase(_ finding: Finding, _ number: Int) -> [String] {
        let place = finding.place.map { " at \($0)" } ?? ""
        let name = "\(finding.rule.id) \(finding.rule.title)\(place)".xmlText
        let head =
            "    <testcase name=\"\(name)\" classname=\"ampd-plan.\(finding.rule.id)\" time=\"0\""
        let message = finding.message.xmlText
        switch result(finding) {
        case .passed: return [head + "/>"]
        case .failure:
            return [
                head + ">",
                "      <failure type=\"\(finding.severity.rawValue)\" message=\"\(message)\"/>",
                "    </testcase>",
            ]
        case .error:
            return [
                head + ">", "      <error type=\"undecided\" message=\"\(message)\"/>",
                "    </testcase>",
            ]
        case .skipped:
            let why = (finding.waiver.map { "waived: \($0); " } ?? "").xmlText
            return [
                head + ">", "      <skipped message=\"\(why)\(message)\"/>", "    </testcase>",
            ]
        }
    }
}

extension String {
    /// The text inside an attribute; characters that XML does not have are left out.
    var xmlText: String {
        var text = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "\n", "\r", "\t": text += " "
            case _ where scalar.value < 0x20 || (0xFFFE...0xFFFF).contains(scalar.value): break
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text.escapedForMarkup
    }
}
