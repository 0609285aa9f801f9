import Reporting
import Testing

@Suite("Tables for terminals")
struct TextTableTests {
    private func table(_ rows: [[String]]) -> TextTable {
        var table = TextTable([("name", .left), ("ms", .right)])
        for row in rows { table.append(row) }
        return table
    }

    @Test("columns are as wide as their widest cell, aligned, and lines end without spaces")
    func alignment() {
        let text = table([["a", "1.5"], ["longer", "100.25"], ["b"]]).text
        #expect(text == "name        ms\na          1.5\nlonger  100.25\nb\n")
    }

    @Test("a table without rows is its header")
    func empty() {
        #expect(table([]).text == "name  ms\n")
        #expect(table([]).csv == "name,ms\n")
    }

    @Test("cells beyond the columns are dropped, missing ones are empty")
    func shape() {
        #expect(table([["a", "1", "extra"], []]).csv == "name,ms\na,1\n,\n")
    }

    @Test(
        "a CSV cell is quoted exactly where it has to be",
        arguments: [
            ("plain", "plain"), ("a,b", "\"a,b\""), ("say \"x\"", "\"say \"\"x\"\"\""),
            ("two\nlines", "\"two\nlines\""), ("two\r\nlines", "\"two\r\nlines\""), ("", ""),
            (" spaced ", " spaced "), ("a;b", "a;b"),
        ])
    func quoting(cell: String, quoted: String) {
        #expect(table([[cell, "1"]]).csv == "name,ms\n\(quoted),1\n")
    }

    @Test("wide letters count as one place each")
    func letters() {
        #expect(table([["é", "1"]]).text == "name  ms\né      1\n")
    }

    @Test("extra columns are shown where it is wide, and to programs")
    func extraColumns() {
        var table = TextTable([("name", .left)], extra: [("ms", .right), ("note", .left)])
        table.append(["a", "1.5", "x"])
        #expect(table.text == "name\na\n")
        #expect(table.text(TextStyle(isWide: true)) == "name   ms  note\na     1.5  x\n")
        #expect(table.csv == "name,ms,note\na,1.5,x\n")
        #expect(table.markdown == "| name |\n| --- |\n| a |\n")
    }

    @Test(
        "a Markdown cell shows its text and nothing else",
        arguments: [
            ("a|b", "a\\|b"), ("<b>&", "&lt;b>&amp;"), ("*x* _y_", "\\*x\\* \\_y\\_"),
            ("a\nb", "a<br>b"), ("ttft_p95_ms", "ttft_p95_ms"),
            (
                "[a](b) `c` ~d~ \\",
                "\\[a\\](b) \\`c\\` \\~d\\~ \\\\"
            ),
        ])
    func markdown(cell: String, escaped: String) {
        #expect(
            table([[cell, "1"]]).markdown
                == "| name | ms |\n| --- | ---: |\n| \(escaped) | 1 |\n")
    }

    @Test(
        "in colour the heading is bold and a verdict has its own; without the codes it is the same")
    func colours() {
        var table = TextTable([("name", .left), ("verdict", .left), ("ms", .right)])
        table.append(["fail", "pass", "1"])
        table.append(["b", "overload", "20"])
        let text = table.text(TextStyle(isColoured: true))
        #expect(text.hasPrefix("\u{1B}[1mname  verdict   ms\u{1B}[0m\n"))
        #expect(text.contains("fail  \u{1B}[32mpass\u{1B}[0m       1\n"))
        #expect(text.contains("\u{1B}[31moverload\u{1B}[0m"))
        #expect(text.replacing(/\u{1B}\[[0-9]+m/, with: "") == table.text)
    }
}

@Suite("Rounding of figures")
struct RoundingTests {
    @Test(
        "figures are rounded to the nearest at so many places, halves away from zero",
        arguments: [
            (1.23456, 2, 1.23), (1.235, 1, 1.2), (0.5, 0, 1.0), (-0.5, 0, -1.0), (2.5, 0, 3.0),
            (1234.5678, 4, 1234.5678), (0, 4, 0),
        ])
    func places(value: Double, places: Int, expected: Double) {
        #expect(rounded(value, places) == expected)
    }

    @Test("what is not finite stays so, and so does what is too large to scale")
    func extremes() {
        #expect(rounded(.infinity, 4) == .infinity)
        #expect(rounded(.nan, 4).isNaN)
        #expect(rounded(1e308, 4) == 1e308)
    }
}
