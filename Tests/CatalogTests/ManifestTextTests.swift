import Testing

@testable import Catalog

@Suite("Documents of manifests")
struct ManifestTextTests {
    private func documents(_ text: String) throws(CatalogError) -> [SourceValue] {
        try ManifestText.documents(bytes: Array(text.utf8), file: "x.yaml")
    }

    @Test("a fault in any document is the fault of the file, with its line")
    func faults() throws {
        for text in [
            "a: 'open", "a: 1\n---\nb: [", "a: 1\n---\n b: 1\nc: 2", "a: 1\na: 2",
            "x: 1\n---\na: {b: 1, b: 2}",
        ] {
            let error = #expect(throws: CatalogError.self, "\(text)") { try documents(text) }
            let shown = error.map(\.description) ?? ""
            #expect(shown.hasPrefix("x.yaml:"), "\(text): \(shown)")
        }
        #expect(try documents("a: 1\n---\nb: 2\n---\n").count == 2)
    }

    @Test("merge keys give what a mapping lacks, the nearest first")
    func merges() throws {
        let text = """
            base: &base {tensor: 4, data: 2}
            more: &more {data: 8, expert: 1}
            one: {<<: *base, tensor: 1}
            two: {<<: [*base, *more]}
            """
        let document = try #require(try documents(text).first)
        let one = try #require(document.member("one"))
        #expect(one.member("tensor")?.integer == 1 && one.member("data")?.integer == 2)
        let two = try #require(document.member("two"))
        #expect(two.member("data")?.integer == 2 && two.member("expert")?.integer == 1)
        #expect(two.entries?.count == 3)
    }
}
