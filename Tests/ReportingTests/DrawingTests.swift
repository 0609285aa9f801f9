import Testing

@testable import Reporting

@Suite("What drawings are made of")
struct DrawingTests {
    // MARK: Scales

    @Test("ticks of a linear axis are round, cover all values and are few")
    func linear() {
        for most in [0.003, 0.9, 1, 5.6, 7, 99, 100.5, 12_345, 3e9] {
            let axis = PlotAxis.linear("x", [0, most])
            #expect((3...8).contains(axis.ticks.count), "\(most): \(axis.ticks)")
            #expect(axis.ticks[0] == 0 && (axis.ticks.last ?? 0) >= most * (1 - 1e-9))
            #expect(axis.share(0) == 0 && axis.share(axis.ticks.last ?? 0) == 1)
            #expect(abs(axis.share(most / 2) * 2 - axis.share(most)) < 1e-9)
        }
        #expect(PlotAxis.linear("x", [0, 1], upTo: 1).ticks.last == 1)
        #expect(PlotAxis.linear("x", []).ticks.first == 0)
        #expect(PlotAxis.linear("x", [.infinity, .nan, 2]).share(2) == 1)
    }

    @Test("a logarithmic axis has whole decades and never leaves the plot")
    func log() {
        let axis = PlotAxis.log("x", [3, 4000])
        #expect(axis.ticks == [1, 10, 100, 1000, 10_000])
        #expect(abs(axis.share(100) - 0.5) < 1e-9)
        #expect(axis.share(0) == 0 && axis.share(-1) == 0 && axis.share(1e9) == 1)
    }

    @Test("labels are short")
    func labels() {
        let labels: [(Double, String)] = [
            (0, "0"), (0.25, "0.25"), (40, "40"), (1000, "1000"), (12_000, "12k"),
            (2_500_000, "2.5M"), (-0.5, "-0.5"), (3e9, "3G"),
        ]
        for (value, label) in labels { #expect(PlotAxis.label(value) == label) }
    }

    // MARK: Elements

    @Test("outlines are moves and lines with one decimal")
    func outlines() {
        #expect(Sketch.outline([(0, 1), (2.26, 3), (4, 5.04)]) == "M0 1L2.3 3L4 5")
        #expect(Sketch.outline([]) == "")
    }

    @Test("texts, titles and descriptions are escaped")
    func escaping() {
        var sketch = Sketch(height: 10)
        sketch.text("<a & \"b\">", 1, 2)
        let svg = sketch.svg(id: "x", title: "<t>", description: "d & e", standsAlone: true)
        #expect(svg.contains(">&lt;a &amp; &quot;b&quot;&gt;</text>"))
        #expect(svg.contains("&lt;t&gt;</title>") && svg.contains("d &amp; e</desc>"))
        #expect(!svg.contains("<t>") && !svg.contains("<a "))
    }

    @Test("dark parts and bright parts of a line share the point between them")
    func runs() {
        let points = [(1.0, false), (2, false), (3, true), (4, true)].map {
            LineChart.Point(x: $0.0, y: $0.0, isFaded: $0.1)
        }
        let chart = LineChart(
            x: .linear("x", [4]), y: .linear("y", [4]),
            series: [
                LineChart.Series(name: "s", style: SeriesStyle(place: 0), points: points)
            ])
        let lines = chart.sketch.elements.filter {
            $0.contains("class=\"x\"") || $0.contains("\"l s0\"")
        }
        #expect(lines.count == 2)
        #expect(lines[0].contains("L") && lines[1].contains("class=\"x\""))
    }

    @Test("a plot of characters has its marks where the points are")
    func characters() {
        let chart = LineChart(
            x: .linear("x", [0, 10]), y: .linear("y", [0, 10]),
            series: [
                LineChart.Series(
                    name: "up", style: SeriesStyle(place: 0),
                    points: [.init(x: 0, y: 0), .init(x: 10, y: 10)])
            ],
            guides: [
                .init(direction: .horizontal, value: 0, name: "floor", letter: "f")
            ])
        let lines = chart.text(.ascii).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "y")
        #expect(lines[1].hasPrefix("      10 |") && lines[1].hasSuffix("o"))
        #expect(lines[16].hasPrefix("       0 |o"))
        #expect(lines.contains("  o up") && lines.contains("  - floor"))
    }

    @Test("words at guides lean away from each other where they are near")
    func guides() {
        func anchors(_ values: [Double]) -> [String] {
            let chart = LineChart(
                x: .linear("x", [0, 10]), y: .linear("y", [0, 1]), series: [],
                guides: values.enumerated().map {
                    .init(
                        direction: .vertical, value: $0.element, name: "line \($0.offset)",
                        letter: "w\($0.offset)")
                })
            return chart.sketch.elements.filter { $0.contains(">w") }.map { element in
                element.contains("anchor=\"end\"")
                    ? "end" : element.contains("anchor=\"middle\"") ? "middle" : "start"
            }
        }
        #expect(anchors([2, 8]) == ["middle", "middle"])
        #expect(anchors([5.2, 5]) == ["start", "end"])
        #expect(anchors([5, 5]) == ["end", "start"])
    }

    @Test("styles of ten series differ in colour, shape or dashes")
    func styles() {
        let styles = (0..<10).map { SeriesStyle(place: $0) }
        let looks = styles.map { "\($0.colour) \($0.shape) \($0.dash)" }
        #expect(Set(looks).count == 10)
        #expect(styles.map(\.letter) == ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J"])
    }

    // MARK: Contrast

    /// Relative luminance of WCAG 2.
    private func luminance(_ colour: String) throws -> Double {
        let number = try #require(Int(colour.dropFirst(), radix: 16))
        let parts = [16, 8, 0].map { shift -> Double in
            let part = Double((number >> shift) & 0xff) / 255
            return part <= 0.04045 ? part / 12.92 : power(of: (part + 0.055) / 1.055)
        }
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }

    /// To the power of 2.4: the square, times the fifth root of the square, by Newton's method.
    private func power(of base: Double) -> Double {
        let square = base * base
        var root = 1.0
        for _ in 0..<60 {
            root -= (root * root * root * root * root - square) / (5 * root * root * root * root)
        }
        return square * root
    }

    private func contrast(_ first: String, _ second: String) throws -> Double {
        let (a, b) = (try luminance(first), try luminance(second))
        return (max(a, b) + 0.05) / (min(a, b) + 0.05)
    }

    @Test("the measure of contrast is that of WCAG")
    func measure() throws {
        #expect(abs(try contrast("#000000", "#ffffff") - 21) < 1e-6)
        #expect(abs(try contrast("#777777", "#ffffff") - 4.478) < 0.001)
    }

    @Test("words stand out 4.5 to 1, lines and marks 3 to 1, in light and dark")
    func contrasts() throws {
        for palette in [Palette.light, .dark] {
            for ground in [palette.background, palette.surface] {
                for ink in [palette.text, palette.muted, palette.link] {
                    #expect(try contrast(ink, ground) >= 4.5, "\(ink) on \(ground)")
                }
            }
            for series in palette.series {
                #expect(try contrast(series, palette.background) >= 3, "\(series)")
            }
        }
        for level in Palette.shares + Palette.pressures {
            #expect(try contrast(level.text, level.fill) >= 4.5, "\(level)")
        }
    }

    @Test("cells grow darker with what they show, so that grey tells the order too")
    func order() throws {
        let shares = try Palette.shares.map { try luminance($0.fill) }
        #expect(shares == shares.sorted(by: >))
    }
}
