import Foundation
import FoundationXML
import ServingDomain
import Testing

@testable import Reporting

@Suite("Report on a plan")
struct PlanReportTests {
    private func report() async throws -> PlanReport {
        try #require(await StudyFixture.report.value)
    }

    /// What keeps a text from being XML; nil for nothing.
    private func fault(in text: String) -> String? {
        let parser = XMLParser(data: Data(text.utf8))
        return parser.parse() ? nil : "\(parser.lineNumber): \(parser.parserError.debugDescription)"
    }

    @Test("the page is well formed, loads nothing, and no name breaks out")
    func page() async throws {
        let html = try await report().html
        #expect(fault(in: html) == nil)
        #expect(!html.contains("<script>") && html.contains("&lt;script&gt;"))
        let links = html.matches(of: /(?:href|src|url\()\s*=?\s*"?([^">) ]+)/).map { String($0.1) }
        #expect(links.allSatisfy { $0.hasPrefix("data:") || $0.hasPrefix("#") }, "\(links)")
        #expect(html.utf8.count < 1_000_000)
        let addresses = html.matches(of: /https?:[^" ]+/).map { String($0.output) }
        #expect(Set(addresses) == ["http://www.w3.org/2000/svg"])
    }

    @Test("every figure has words, numbers and, apart from tables, a drawing of its own")
    func figures() async throws {
        let figures = try await report().figures
        let ids = figures.map(\.id)
        #expect(ids == PlanFigures.ids.filter(ids.contains), "in the order of the list")
        #expect(
            Set(ids).isSuperset(of: [
                "frontier", "attainment", "splits", "first-token", "ttft", "itl", "prefill",
                "decode", "operator-1", "utilisation", "robustness",
            ]))
        for figure in figures {
            #expect(!figure.caption.isEmpty && !figure.table.rows.isEmpty, "\(figure.id)")
            guard let svg = figure.svg else {
                #expect(figure.id == "robustness")
                continue
            }
            #expect(fault(in: svg) == nil, "\(figure.id)")
            for part in ["<title", "<desc", "viewBox", "prefers-color-scheme"] {
                #expect(svg.contains(part), "\(figure.id) has no \(part)")
            }
            #expect(!svg.contains("nan") && !svg.contains("inf"), "\(figure.id)")
        }
    }

    @Test("ids are unique in the page, so that titles belong to their figures")
    func ids() async throws {
        let html = try await report().html
        let own = html.matches(of: /\sid="([^"]+)"/).map { String($0.1) }
        #expect(Set(own).count == own.count)
    }

    @Test("the page is the same on one thread and on two")
    func determinism() async throws {
        let again = try #require(await StudyFixture.report(on: "P:1x2,D:2x1", jobs: 1))
        let report = try await report()
        #expect(again.html == report.html)
        #expect(again.text(isASCII: false) == report.text(isASCII: false))
    }

    @Test("text has the answer first, every figure, and nothing but ASCII where that is asked for")
    func text() async throws {
        let report = try await report()
        let (text, plain) = (report.text(isASCII: false), report.text(isASCII: true))
        #expect(text.hasPrefix("P:1x2,D:2x1 for "))
        #expect(plain.utf8.allSatisfy { $0 < 128 } && text.contains("│"))
        for figure in report.figures {
            #expect(text.contains(figure.title + "\n====="), "\(figure.id)")
        }
        let drawn = text.split(separator: "\n").filter { $0.contains("│") }
        #expect(!drawn.isEmpty && drawn.allSatisfy { $0.count <= 80 })
    }

    @Test("Markdown escapes names and folds the numbers away")
    func markdown() async throws {
        let text = try await report().markdown(isASCII: false)
        #expect(text.hasPrefix("# P:1x2,D:2x1 for "))
        #expect(text.contains("&lt;script>alert") && !text.contains("\n<script>"))
        #expect(text.contains("<details><summary>Numbers</summary>\n\n| "))
        #expect(text.contains("```text\n"))
    }

    @Test("co-located plans, and policies that know no others, have their figures too")
    func colocated() async throws {
        let report = try #require(
            await StudyFixture.report(on: "C:2x2", jobs: 2) {
                $0.policy.name = .init(rawValue: "colocated_v1")
            })
        #expect(fault(in: report.html) == nil)
        let splits = try #require(report.figures.first { $0.id == "splits" })
        #expect(splits.caption.contains("no split into prefill and decode"))
        #expect(report.html.contains("C:2x2"))
    }

    @Test("a load that no GPU keeps up with has a report without distributions")
    func overload() async throws {
        let report = try #require(
            await StudyFixture.report(on: "P:1x1,D:1x1", jobs: 2) {
                $0.workload.rate = Rate(sessionsPerSecond: 30)
                $0.planning.horizonSessions = 60
            })
        #expect(fault(in: report.html) == nil)
        #expect(!report.figures.contains { $0.id == "ttft" })
        #expect(report.html.contains("Does not meet the targets"))
    }
}
