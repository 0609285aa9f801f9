/// The documentation of the rules, in Markdown.
enum RulePages {
    /// One page.
    static func page(of rule: Rule) -> String {
        """
        # \(rule.id): \(rule.title)

        Severity: \(rule.severity.rawValue), unless `severity` of `.ampd-plan.yaml` says otherwise.

        \(wrapped(rule.explanation))

        **What to do.** \(wrapped(rule.advice))

        """
    }

    /// A table of all of them.
    static var index: String {
        let rows = Rule.allCases.map {
            "| [\($0.id)](\($0.id).md) | \($0.severity.rawValue) | \($0.title) |"
        }
        return """
            # Rules of `ampd-plan check`

            Ids are permanent: a rule that is given up leaves a gap. `ampd-plan list rules` prints this table.

            | rule | severity | what it looks at |
            | --- | --- | --- |
            \(rows.joined(separator: "\n"))

            """
    }

    /// The text in lines of at most 118 characters.
    private static func wrapped(_ text: String) -> String {
        var (lines, line) = ([String](), "")
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > 118 {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return (lines + [line]).joined(separator: "\n")
    }
}
