extension PlanReport {
    /// For a terminal: the answer, and each figure drawn with characters.
    ///
    /// - Parameter isASCII: whether nothing but ASCII is drawn with.
    /// - Returns: lines, most of them at most 80 characters wide.
    public func text(isASCII: Bool) -> String {
        let glyphs = isASCII ? Glyphs.ascii : .unicode
        let head =
            [title.underlined, question.wrapped] + sentences.map(\.wrapped) + [answer.text]
        let warnings = notes.isEmpty ? [] : [notes.map { ("Mind: " + $0).wrapped }.joined()]
        let parts =
            head + warnings + figures.map { block($0, glyphs) } + [
                "What it rests on".underlined + "\n" + origin.wrapped
            ]
        let whole = parts.joined(separator: "\n")
        return isASCII ? whole.inASCII : whole
    }

    private func block(_ figure: Figure, _ glyphs: Glyphs) -> String {
        let table = figure.isShort ? "\n" + figure.table.text : ""
        return figure.title.underlined + "\n"
            + (figure.chart.map { $0.text(glyphs) + "\n" } ?? "")
            + figure.caption.wrapped + table
    }

    /// The same for a page of documentation: figures as text, their numbers folded away.
    public func markdown(isASCII: Bool) -> String {
        let glyphs = isASCII ? Glyphs.ascii : .unicode
        let warnings = notes.map { "- \($0.escapedForMarkdown)\n" }.joined()
        let head =
            ["# \(title.escapedForMarkdown)\n", question.escapedForMarkdown + "\n"]
            + sentences.map { $0.escapedForMarkdown + "\n" } + [answer.markdown]
            + (notes.isEmpty ? [] : ["## Mind\n\n\(warnings)"])
        let foot = [
            "## What it rests on\n\n\(origin.escapedForMarkdown)\n",
            Self.folded("Assumptions", assumptions.markdown),
            Self.folded("The case, with every default", Self.fenced(caseText, "yaml")),
        ]
        let whole = (head + figures.map { markdown($0, glyphs) } + foot).joined(separator: "\n")
        return isASCII ? whole.inASCII : whole
    }

    private func markdown(_ figure: Figure, _ glyphs: Glyphs) -> String {
        let title = "## \(figure.title.escapedForMarkdown)\n"
        let caption = figure.caption.escapedForMarkdown + "\n"
        guard let chart = figure.chart else {
            return [title, caption, figure.table.markdown].joined(separator: "\n")
        }
        return [
            title, Self.fenced(chart.text(glyphs), "text"), caption,
            Self.folded("Numbers", figure.table.markdown),
        ].joined(separator: "\n")
    }

    private static func folded(_ title: String, _ body: String) -> String {
        "<details><summary>\(title)</summary>\n\n\(body)\n</details>\n"
    }

    /// Longer than any fence inside, so that nothing breaks out.
    private static func fenced(_ text: String, _ kind: String) -> String {
        var fence = "```"
        while text.contains(fence) { fence += "`" }
        return "\(fence)\(kind)\n\(text)\(text.hasSuffix("\n") ? "" : "\n")\(fence)\n"
    }
}

extension Figure {
    /// Whether a terminal has room for its numbers.
    fileprivate var isShort: Bool {
        chart == nil || (table.rows.count <= 40 && table.columns.count <= 8)
    }
}

extension String {
    fileprivate var underlined: String {
        self + "\n" + String(repeating: "=", count: count) + "\n"
    }

    /// Words in lines of at most 80 characters, where they are not longer themselves.
    var wrapped: String {
        var lines: [String] = []
        for word in split(whereSeparator: \.isWhitespace) {
            if let last = lines.last, last.count + 1 + word.count <= 80 {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// With what ASCII has in place of the few other characters that captions use, and ? for the rest.
    fileprivate var inASCII: String {
        let others: [Character: String] = [
            "µ": "u", "≤": "<=", "¼": "1/4", "½": "1/2", "¾": "3/4", "–": "-",
        ]
        return String(
            flatMap { $0.isASCII ? String($0) : others[$0] ?? "?" })
    }
}
