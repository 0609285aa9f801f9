/// Colours of a report in light and in dark surroundings; nothing is told by a colour alone.
struct Palette {
    let background: String
    /// Behind captions, tables and legends.
    let surface: String
    let text: String
    let muted: String
    let link: String
    let grid: String
    /// Of series, after Okabe and Ito, darkened or lightened until they stand out.
    let series: [String]

    static let light = Self(
        background: "#ffffff", surface: "#f4f5f7", text: "#1a1a1a", muted: "#565b61",
        link: "#0b57a4", grid: "#d9dce0",
        series: ["#0072b2", "#b84600", "#00755a", "#96437e", "#7a5c00", "#444444"])
    static let dark = Self(
        background: "#14171b", surface: "#1e2228", text: "#e9ebee", muted: "#b0b7bf",
        link: "#8cc4ff", grid: "#3a4048",
        series: ["#56b4e9", "#ff9e57", "#3ed0a5", "#e6a0cb", "#f0e442", "#c9ced4"])

    /// A colour of a cell with that of the text in it, the same in light and dark.
    struct Level: Hashable {
        let fill: String
        let text: String
    }

    /// From nothing to a whole: darker is more.
    static let shares: [Level] = [
        Level(fill: "#eff5fb", text: "#10243a"), Level(fill: "#bcd7ec", text: "#10243a"),
        Level(fill: "#74b0d8", text: "#000000"), Level(fill: "#2b78b5", text: "#ffffff"),
        Level(fill: "#08396f", text: "#ffffff"),
    ]
    /// P95 over its target: up to a quarter, a half, three quarters, the whole, twice it, and beyond.
    static let pressures: [Level] =
        Array(shares.prefix(4)) + [
            Level(fill: "#fdc58f", text: "#3a1500"), Level(fill: "#a63603", text: "#ffffff"),
        ]

    /// Rules of style for every drawing: colours follow what the reader prefers, and print is light.
    static let style = """
        :root{\(light.variables)}
        @media (prefers-color-scheme:dark){:root{\(dark.variables)}}
        @media print{:root{\(light.variables)}}
        svg text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:var(--text)}
        svg .m{fill:var(--muted)}
        svg .b{font-weight:600}
        svg .g{stroke:var(--grid);fill:none}
        svg .a{stroke:var(--muted);fill:none}
        svg .u{stroke:var(--text);fill:none;stroke-width:1.5;stroke-dasharray:5 4}
        svg .x{stroke:var(--muted);fill:none;stroke-width:1.5;stroke-dasharray:2 4}
        svg .c{stroke:var(--text);fill:none;stroke-width:3}
        svg .n{fill:var(--surface);stroke:var(--grid)}
        svg .l{fill:none;stroke-width:2}
        svg .o{fill:var(--background);stroke-width:1.5}
        svg .w{opacity:.22;stroke:none}
        \(seriesRules)
        \(levelRules("h", shares))
        \(levelRules("p", pressures))
        """

    private var variables: String {
        ([
            "--background:\(background)", "--surface:\(surface)", "--text:\(text)",
            "--muted:\(muted)", "--link:\(link)", "--grid:\(grid)",
        ] + series.enumerated().map { "--s\($0.offset):\($0.element)" }).joined(separator: ";")
    }

    private static var seriesRules: String {
        light.series.indices.map { place in
            "svg .s\(place){stroke:var(--s\(place))}svg .f\(place){fill:var(--s\(place))}"
        }.joined(separator: "\n")
    }

    private static func levelRules(_ letter: String, _ levels: [Level]) -> String {
        levels.enumerated().map { place, level in
            "svg .\(letter)\(place){fill:\(level.fill)}svg .\(letter)t\(place){fill:\(level.text)}"
        }.joined(separator: "\n")
    }
}

/// How a series is told from others: by colour, shape of its marks and dashes.
struct SeriesStyle: Hashable {
    let place: Int

    var colour: Int { place % Palette.light.series.count }
    /// Dashes of the line; empty for a whole one.
    var dash: String { ["", "7 3", "2 3"][place / Palette.light.series.count % 3] }
    var shape: MarkShape { MarkShape.allCases[place % MarkShape.allCases.count] }
    /// Names the series where there is no room for more.
    var letter: String {
        String(UnicodeScalar(UInt8(65 + place % 26)))
    }
}

enum MarkShape: CaseIterable {
    case circle
    case square
    case triangle
    case diamond
    case wedge
}
