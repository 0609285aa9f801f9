import Foundation
import Testing

@testable import Deploying

/// A page for each rule, written from its text: `AMPD_GOLDEN=write` writes them anew.
@Suite("Pages of the rules")
struct RulePageTests {
    private let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "docs/rules")

    private var pages: [String: String] {
        var pages = ["README.md": RulePages.index]
        for rule in Rule.allCases { pages["\(rule.id).md"] = RulePages.page(of: rule) }
        return pages
    }

    @Test("every rule has a page, and there are no others")
    func written() throws {
        if ProcessInfo.processInfo.environment["AMPD_GOLDEN"] == "write" {
            for (name, text) in pages {
                try Data(text.utf8).write(to: folder.appending(path: name))
            }
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(Set(names) == Set(pages.keys))
        for (name, text) in pages {
            let kept = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            #expect(kept == text, "docs/rules/\(name) is old")
        }
    }

    @Test("ids never change their meaning")
    func ids() {
        let known = [
            "A001", "A002", "A010", "A011", "A012", "A013", "A014", "A015", "A016", "A020", "A021",
            "A022", "A023", "A024", "A030", "A031", "A032", "A033", "A040", "A041", "A050", "A051",
            "A052", "A053", "A054", "A060", "A061", "A070", "A071", "A080",
        ]
        #expect(Rule.allCases.map(\.id) == known)
    }
}
