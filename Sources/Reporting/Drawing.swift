/// What pictures in SVG have in common.
enum Drawing {
    /// A length in the picture with at most one decimal.
    static func length(_ value: Double) -> String {
        let tenth = rounded(value, 1)
        return tenth == tenth.rounded() ? String(Int(tenth)) : "\(tenth)"
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
