import Catalog
import Deploying
import Planning

/// A check as workflow commands of GitHub Actions, which shows ten of each kind at most.
struct GitHubAnnotations {
    static let mostOfEach = 10
    private let document: CheckDocument

    init(_ document: CheckDocument) { self.document = document }

    /// One line for each annotation, the worst first; nothing where everything passes.
    var text: String {
        var counts: [String: Int] = [:]
        var lines: [String] = []
        for found in document.outcome.subjectFindings where found.finding.isOpen {
            let kind = found.finding.annotation
            counts[kind, default: 0] += 1
            guard counts[kind, default: 0] <= Self.mostOfEach else { continue }
            lines.append(line(kind, found))
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private func line(_ kind: String, _ found: (finding: Finding, subject: String)) -> String {
        let finding = found.finding
        var properties = ["file=\((finding.place?.file ?? found.subject).asProperty)"]
        if let line = finding.place?.line { properties.append("line=\(line)") }
        if let column = finding.place?.column { properties.append("col=\(column)") }
        let title = "\(finding.rule.id) \(finding.rule.title)"
        properties.append("title=\(title.asProperty)")
        return "::\(kind) \(properties.joined(separator: ","))::\(finding.message.asData)"
    }
}

extension Finding {
    /// What is undecided warns, whatever it would weigh as a failure.
    fileprivate var annotation: String {
        switch (verdict, severity) {
        case (.fail, .error): "error"
        case (_, .note): "notice"
        default: "warning"
        }
    }
}

extension String {
    fileprivate var asData: String {
        replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
    }

    fileprivate var asProperty: String {
        asData.replacing(":", with: "%3A").replacing(",", with: "%2C")
    }
}
