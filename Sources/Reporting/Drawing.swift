/// What pictures in SVG, and pages that hold them, have in common.
enum Drawing {
    /// A length in the picture with at most one decimal.
    static func length(_ value: Double) -> String {
        let tenth = rounded(value, 1)
        return tenth == tenth.rounded() ? String(Int(tenth)) : "\(tenth)"
    }

    /// An SVG of that size with its title above what is drawn, `left` from the edge.
    static func svg(
        title: String, width: Double, height: Double, left: Double, _ elements: [String]
    ) -> String {
        ([
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(length(width)) "
                + "\(length(height))\" width=\"\(length(width))\" height=\"\(length(height))\" "
                + "font-family=\"sans-serif\" font-size=\"10\">",
            "<title>\(title.escapedForMarkup)</title>",
            "<text x=\"\(length(left))\" y=\"16\" font-size=\"12\">\(title.escapedForMarkup)</text>",
        ] + elements + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    /// A page for a browser that loads nothing from anywhere.
    static func page(title: String, body: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <title>\(title.escapedForMarkup)</title>
        <style>
        body { font-family: sans-serif; margin: 2em; }
        table { border-collapse: collapse; font-size: 0.85em; }
        td, th { border: 1px solid #ccc; padding: 0.2em 0.5em; text-align: right; }
        td:first-child, th:first-child { text-align: left; }
        svg { margin: 1em 1em 0 0; }
        </style>
        </head>
        <body>
        <h1>\(title.escapedForMarkup)</h1>
        \(body)
        </body>
        </html>

        """
    }
}

extension String {
    /// Without what would begin an element or an entity, or end an attribute.
    var escapedForMarkup: String {
        var text = ""
        for character in self {
            switch character {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            default: text.append(character)
            }
        }
        return text
    }
}
