import Foundation
import Testing
import Workloads

@testable import Reporting

@Suite("Page of a workload")
struct WorkloadPageTests {
    private func page(_ text: String) throws -> String {
        WorkloadPage(try TraceReader.read(text, for: .figures), toolVersion: "<test>").html
    }

    @Test("a curve for every quantity that is there, bars for the arrivals, and nothing breaks out")
    func page() throws {
        let html = try page(
            "session_id,arrival_s,new_tokens,output_tokens,delay_after_s,tool<b>\n"
                + "a,0,100,10,2,\nb,4,30,5,,\na,,20,7,,\n")
        #expect(html.components(separatedBy: "<svg").count == 8)
        #expect(html.contains("<title>Delay after a call (s)</title>"))
        #expect(html.contains("<title>New sessions per second</title>"))
        #expect(html.contains("tool&lt;b&gt;") && !html.contains("tool<b>"))
        #expect(html.contains("&lt;test&gt;"))
        // Single rounds without times have neither gaps nor later prompts nor arrivals.
        let single = try page("new_tokens,output_tokens\n5,2\n")
        #expect(single.components(separatedBy: "<svg").count == 5)
        #expect(single.contains("The trace has no arrival_s"))
    }

    @Test("a curve rises from nothing to all, inside its frame")
    func curve() throws {
        let plot = DistributionPlot(title: "x", values: [(0, 1), (10, 2), (1000, 1)])
        // A quarter is 0 and stands at the left edge, as do the two that are least; the last is at the right.
        #expect(plot.svg.contains("d=\"M44 208H44V163H44V73H364V28\""))
        #expect(DistributionPlot(title: "x", values: [(0, 4)]).svg.isEmpty)
        let many = DistributionPlot(title: "x", values: (1...100_000).map { (Double($0), 1) }).svg
        #expect(many.count < 20_000)
    }
}
