import Catalog
import Deploying
import Planning
import ServingDomain

/// A check as Markdown, for the summary of a job: under one mebibyte, the worst first.
struct MarkdownSummary {
    /// Bytes of the findings' table; the rest of the page is short.
    static let most = 900_000
    private let document: CheckDocument

    init(_ document: CheckDocument) { self.document = document }

    var text: String {
        let outcome = document.outcome
        var text = "## ampd-plan check: \(outcome.verdict.rawValue)\n\n"
        text += "| subject | layout | GPUs | case | trust | verdict |\n"
        text += "| --- | --- | ---: | --- | --- | --- |\n"
        for subject in outcome.subjects.prefix(500) {
            let cells = [
                subject.name, subject.layout?.description ?? "",
                subject.layout.map { String($0.gpus.value) } ?? "", subject.caseName ?? "",
                subject.trust?.rawValue ?? "",
                subject.verdict(failingOn: outcome.failOn).rawValue,
            ]
            text += cells.row
        }
        text += outcome.subjects.leftOut(500)
        return text + findings
    }

    private var findings: String {
        var text = "\n| rule | verdict | where | finding |\n| --- | --- | --- | --- |\n"
        let all = document.outcome.subjectFindings
        for (count, found) in all.enumerated() {
            let place = found.finding.place?.description ?? found.subject
            let row = [
                "\(found.finding.rule.id) \(found.finding.rule.title)",
                found.finding.shownVerdict, place, found.finding.message,
            ].row
            guard text.utf8.count + row.utf8.count < Self.most else {
                return text + "\n\(all.count - count) more findings are left out.\n"
            }
            text += row
        }
        return text
    }
}

extension [String] {
    /// A row of a table, its cells escaped and at most 2,000 characters long.
    fileprivate var row: String {
        "| "
            + map { cell in
                var text = ""
                for character in cell.prefix(2000) {
                    switch character {
                    case "|", "\\", "`", "*", "_", "<", ">", "[", "]": text += "\\\(character)"
                    case _ where character.isNewline: text += " "
                    default: text.append(character)
                    }
                }
                return text
            }.joined(separator: " | ") + " |\n"
    }
}

extension Array {
    fileprivate func leftOut(_ most: Int) -> String {
        count > most ? "\n\(count - most) more subjects are left out.\n" : ""
    }
}
