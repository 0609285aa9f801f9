import Planning

extension PlanReport {
    /// One file for a browser, which loads nothing from anywhere and runs no script; it is XML as well.
    public var html: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="color-scheme" content="light dark"/>
        <link rel="icon" href="data:,"/>
        <title>\(title.escapedForMarkup)</title>
        <style>
        \(Palette.style)
        \(Self.style)
        </style>
        </head>
        <body>
        <header>
        <h1>\(title.escapedForMarkup)</h1>
        <p class="q">\(question.escapedForMarkup)</p>
        </header>
        <main>
        \(answerSection)
        <div class="figures">
        \(figures.map(section).joined())</div>
        \(originSection)
        </main>
        </body>
        </html>

        """
    }

    private var answerSection: String {
        let warnings = notes.map { "<li>\($0.escapedForMarkup)</li>\n" }.joined()
        return """
            <section id="answer">
            <h2>\(outcome)</h2>
            <div class="answer">
            <div>\(sentences.map { "<p>\($0.escapedForMarkup)</p>\n" }.joined())</div>
            <div class="scroll">\(answer.pageTable)</div>
            </div>
            \(notes.isEmpty ? "" : "<h3>Mind</h3>\n<ul>\n\(warnings)</ul>")
            </section>
            """
    }

    /// Whether the layout does what it should.
    private var outcome: String {
        switch study.explanation.chosen.verdict {
        case .pass: "Meets every target"
        case .undecided: "May meet every target: an interval does not decide"
        case .fail: "Does not meet the targets"
        }
    }

    private func section(_ figure: Figure) -> String {
        let drawing =
            figure.chart?.sketch.svg(
                id: figure.id, title: figure.title, description: figure.description) ?? ""
        let table = "<div class=\"scroll\">\(figure.table.pageTable)</div>\n"
        let file =
            "<p><a download=\"\(figure.id).csv\" href=\"\(figure.table.csv.asLink)\">CSV</a></p>\n"
        let numbers =
            figure.chart == nil
            ? table + file
            : "<details><summary>Numbers</summary>\n\(table)\(file)</details>\n"
        return """
            <section id="figure-\(figure.id)"\(figure.chart == nil ? " class=\"wide\"" : "")>
            <h2>\(figure.title.escapedForMarkup)</h2>
            \(drawing)<p class="caption">\(figure.description.escapedForMarkup)</p>
            \(numbers)</section>

            """
    }

    private var originSection: String {
        """
        <section id="origin">
        <h2>What it rests on</h2>
        <p>\(origin.escapedForMarkup)</p>
        <details><summary>Assumptions</summary>
        <div class="scroll">\(assumptions.pageTable)</div></details>
        <details><summary>The case, with every default</summary>
        <div class="scroll"><pre>\(caseText.escapedForMarkup)</pre></div></details>
        </section>
        """
    }

    private static let style = """
        *{box-sizing:border-box}
        body{margin:0 auto;max-width:1240px;padding:0 16px 48px;background:var(--background);
        color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;
        overflow-wrap:anywhere}
        h1{font-size:1.6em;line-height:1.2;margin:.9em 0 .3em}
        h2{font-size:1.15em;line-height:1.3;margin:1.4em 0 .4em}
        h3{font-size:1em;margin:1em 0 .2em}
        p{margin:.4em 0;max-width:75ch}
        .q,.caption{color:var(--muted)}
        .caption{font-size:.875em}
        a,summary{color:var(--link)}
        summary{cursor:pointer;padding:.3em 0}
        #answer{border-left:4px solid var(--s0);padding-left:14px;margin-top:1em}
        #answer h2{margin-top:0;font-size:1.3em}
        .answer{display:grid;gap:8px 36px}
        .answer>div{min-width:0}
        .answer th,.answer td{white-space:normal}
        th,td{overflow-wrap:normal}
        @media (min-width:1000px){.answer{grid-template-columns:minmax(0,1fr) auto}}
        .figures{display:grid;gap:8px 36px;grid-template-columns:repeat(auto-fit,minmax(min(100%,460px),1fr))}
        section{min-width:0}
        .wide{grid-column:1/-1}
        .wide td,.wide th{white-space:normal}
        svg{display:block;width:100%;max-width:600px;height:auto}
        .scroll{overflow-x:auto;max-width:100%;max-height:28em}
        table{border-collapse:collapse;font-size:.85em;font-variant-numeric:tabular-nums}
        th,td{border-bottom:1px solid var(--grid);padding:.25em .6em;text-align:right;white-space:nowrap}
        th{background:var(--surface);position:sticky;top:0}
        td.l,th.l{text-align:left}
        @media (max-width:560px){svg text{font-size:14px}table{font-size:.8em}th,td{padding:.25em .3em}}
        pre{font-size:.8em}
        @media print{body{max-width:none;font-size:11pt}section{break-inside:avoid}
        .scroll{max-height:none;overflow:visible}th,td{white-space:normal}summary{display:none}}
        """
}

extension TextTable {
    /// The rows as an element of a page, words to the left and numbers to the right.
    var pageTable: String {
        func line(_ cells: [String], _ tag: String, _ more: String = "") -> String {
            "<tr>"
                + zip(cells, columns).map { cell, column in
                    let kind = column.alignment == .left ? " class=\"l\"" : ""
                    return "<\(tag)\(more)\(kind)>\(cell.escapedForMarkup)</\(tag)>"
                }.joined() + "</tr>\n"
        }
        return "<table>\n<thead>" + line(columns.map(\.title), "th", " scope=\"col\"")
            + "</thead>\n<tbody>\n" + rows.map { line($0, "td") }.joined() + "</tbody>\n</table>"
    }
}

extension String {
    /// A link that holds this text as a CSV file.
    fileprivate var asLink: String {
        let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        var link = "data:text/csv;charset=utf-8,"
        for byte in utf8 {
            if plain.contains(byte) {
                link.unicodeScalars.append(UnicodeScalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                link += "%" + (digits.count < 2 ? "0" : "") + digits
            }
        }
        return link
    }
}
