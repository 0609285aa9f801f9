import Catalog
import Foundation
import Testing

@Suite("The table of keys")
struct CaseReferenceTests {
    private let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test("the documentation holds the table as it is")
    func documentation() throws {
        let file = root.appendingPathComponent("docs/case-file.md")
        var text = try String(contentsOf: file, encoding: .utf8)
        if ProcessInfo.processInfo.environment["AMPD_GOLDEN"] == "write" {
            text = text.withTable(CaseReference.markdown)
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        for row in (CaseReference.markdown + CaseReference.lawMarkdown).split(separator: "\n") {
            #expect(text.contains(row), "docs/case-file.md lacks: \(row)")
        }
    }

    @Test("a written case uses only keys of the table, in its order")
    func writtenKeys() throws {
        let draft = try CaseSample.parse(CaseSample.minimal)
        let rows = CaseReference.markdown.split(separator: "\n").dropFirst(2)
        let keys = rows.compactMap { $0.split(separator: "`").dropFirst().first.map(String.init) }
        let paths = CaseDocument(draft).tree.leafPaths()
        let positions = paths.compactMap { path in
            keys.firstIndex { path == $0 || path.hasPrefix($0 + ".") && $0.contains(".") }
        }
        #expect(positions.count == paths.count)
        #expect(positions == positions.sorted())
    }

    @Test("the JSON Schema is JSON, closed, and has every key")
    func schema() throws {
        let object = try JSONSerialization.jsonObject(with: Data(CaseSchema.json.utf8))
        let schema = try #require(object as? [String: Any])
        #expect(schema["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
        #expect(schema["additionalProperties"] as? Bool == false)
        let properties = try #require(schema["properties"] as? [String: Any])
        #expect(properties.count == 15)
        let cluster = try #require(properties["cluster"] as? [String: Any])
        #expect(cluster["required"] as? [String] == ["gpu", "nodes"])
        let nodes = (cluster["properties"] as? [String: Any])?["nodes"] as? [String: Any]
        #expect(nodes?["maximum"] as? Int == 4096)
    }
}

extension String {
    /// The text with the Markdown table of the same heading replaced.
    fileprivate func withTable(_ table: String) -> String {
        let rows = table.split(separator: "\n").map(String.init)
        var lines = split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let start = lines.firstIndex(where: { $0 == rows.first }) else { return self }
        let end = lines[start...].firstIndex { !$0.hasPrefix("|") } ?? lines.endIndex
        lines.replaceSubrange(start..<end, with: rows)
        return lines.joined(separator: "\n")
    }
}
