import Foundation
import Testing
import Validating

@testable import Reporting

@Suite("Pages and plots of a validation")
struct ValidationPageTests {
    private func row(_ group: String, _ measured: Double, _ predicted: Double) -> PredictedRow {
        PredictedRow(
            row: MeasuredRow(
                id: "\(group)-\(measured)", line: Int(measured), group: group, model: "m",
                system: "s", engine: "e",
                layout: .aggregated(
                    MeasuredRow.Pool(replicas: 1, shards: MeasuredRow.Shards(tensor: 1))),
                load: MeasuredRow.Load(inputTokens: 8, outputTokens: 8, concurrency: 1),
                measured: MeanLatencies(ttft: measured, tpot: measured / 10)),
            predicted: MeanLatencies(ttft: predicted, tpot: predicted / 10))
    }

    private var document: ValidationDocument {
        ValidationDocument(
            Validation(
                predicted: [row("<a>", 20, 30), row("b & c", 400, 90)],
                refused: [RefusedRow(id: "r", line: 9, group: "b & c", reason: "no <GPU>")]),
            costSources: ["a \"fit\""], seed: 1, toolVersion: "test")
    }

    @Test("names of groups and reasons cannot break out of the page")
    func escaping() throws {
        let html = ValidationPage(document).html
        #expect(html.contains("&lt;a&gt;") && html.contains("b &amp; c"))
        #expect(html.contains("1 rows: no &lt;GPU&gt;") && html.contains("a &quot;fit&quot;"))
        #expect(!html.contains("<a>") && !html.contains("<GPU>"))
        #expect(html.components(separatedBy: "<svg").count == 3)
    }

    @Test("plots hold every row, and nothing outside the frame")
    func plots() throws {
        for plot in document.plots {
            let circles = plot.svg.matches(of: /<circle cx="([0-9.]+)" cy="([0-9.]+)"/)
            let places = circles.map { (x: Double($0.1) ?? -1, y: Double($0.2) ?? -1) }
            // Two rows, and two entries of the legend.
            #expect(places.count == 4)
            #expect(places.prefix(2).allSatisfy { (48...468).contains($0.x) })
            #expect(places.prefix(2).allSatisfy { (48...468).contains($0.y) })
            let opened = plot.svg.matches(of: /<[a-z]/).count
            let closed = plot.svg.matches(of: /<\/[a-z]|\/>/).count
            #expect(opened == closed)
        }
        // 20 of 10 to 1,000 lies at log10(2) / 2 of 420, 30 at log10(3) / 2 from below.
        let ttft = document.plots[0].svg
        #expect(ttft.contains("cx=\"111.2\" cy=\"367.8\""))
    }

    @Test("without rows there is no plot, and one value has a decade around it")
    func edges() {
        let empty = ScatterPlot(title: "t", groups: [], points: [])
        #expect(empty.svg.isEmpty)
        let one = ScatterPlot(
            title: "t", groups: ["g"], points: [.init(measured: 10, predicted: 10, group: 0)])
        #expect(one.svg.contains("cx=\"48\" cy=\"468\""))
    }
}
