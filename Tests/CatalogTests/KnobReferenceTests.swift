import Catalog
import Foundation
import Testing

@Suite("The page of knobs")
struct KnobReferenceTests {
    private let file = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("docs/knobs.md")

    @Test("the documentation holds the tables as they are")
    func documentation() throws {
        let tables = try KnobReference.markdown
        var text = try String(contentsOf: file, encoding: .utf8)
        if ProcessInfo.processInfo.environment["AMPD_GOLDEN"] == "write" {
            let start = text.range(of: "## Engines\n")?.lowerBound ?? text.endIndex
            text = text[..<start] + tables
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(text.hasSuffix(tables), "docs/knobs.md is old: `make golden` writes it anew")
    }

    @Test("every engine and GPU is in it, each figure with an origin")
    func complete() throws {
        let (tables, catalog) = (try KnobReference.markdown, try Catalog())
        for name in catalog.engineNames + catalog.hardwareNames {
            #expect(tables.contains("`\(name)`"))
        }
        for line in tables.split(separator: "\n") where line.hasPrefix("| origin") {
            #expect(!line.contains("|  |  |  |"), "\(line)")
        }
    }
}
