import Catalog
import Testing

@Suite("Hostile or damaged text is refused, never a crash")
struct HostileTextTests {
    private func message(_ text: String) -> String {
        #expect(throws: CatalogError.self) { try CaseSample.parse(text) }?.description ?? ""
    }

    @Test("an empty file and one with only comments")
    func empty() {
        #expect(message("").contains("empty"))
        #expect(message("# nothing\n\n").contains("empty"))
    }

    @Test("a list or a word instead of keys")
    func notKeys() {
        #expect(message("- a\n- b\n").hasPrefix("sample.yaml:1:1:"))
        #expect(message("hello").contains("section of keys"))
    }

    @Test("a key that appears twice")
    func duplicate() {
        let text = CaseSample.with("nodes: 2", as: "nodes: 2\n  nodes: 3")
        #expect(message(text).contains("'nodes' appears twice"))
        #expect(message(text).hasPrefix("sample.yaml:"))
    }

    @Test("tabs as indentation")
    func tabs() {
        let text = CaseSample.with("  nodes: 2", as: "\tnodes: 2")
        #expect(message(text).hasPrefix("sample.yaml:7: "))
        #expect(message(text).contains("tabs"))
    }

    @Test("aliases that would multiply")
    func aliases() {
        let bomb = "a: &a [x]\nb: &b [*a, *a]\n"
        #expect(message(bomb).hasPrefix("sample.yaml:2: "))
        #expect(message("? *a\n: 1\n").contains("alias"))
    }

    @Test("nesting without end, by brackets, dashes, keys or indentation")
    func nesting() {
        #expect(message(String(repeating: "[", count: 100_000)).contains("brackets"))
        #expect(message(String(repeating: "{a: ", count: 100_000)).contains("brackets"))
        #expect(message(String(repeating: "- ", count: 100_000)).contains("nested"))
        #expect(message(String(repeating: "? ", count: 100_000)).contains("nested"))
        let deep = (0..<2000).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
        #expect(message(deep).contains("indented"))
        let hidden = String(repeating: "[ # ]\n", count: 10_000)
        #expect(message(hidden).contains("brackets"))
    }

    @Test("bytes that are not UTF-8")
    func notUTF8() {
        let error = #expect(throws: CatalogError.self) {
            try CaseFile.parse(
                bytes: [0x61, 0x3A, 0xFF, 0xFE], fileName: "x.yaml", catalog: CaseSample.catalog())
        }
        #expect(error?.description.contains("not UTF-8") == true)
    }

    @Test("control characters, a NUL, a second document, a broken quote")
    func damaged() {
        for text in ["name: \u{1}x", "name: \u{0}", "a: 1\n---\nb: 2\n", "name: \"x", "a: b: c"] {
            #expect(message(text).hasPrefix("sample.yaml"))
        }
    }

    @Test("a text of many megabytes")
    func large() {
        #expect(message(String(repeating: "# x\n", count: 2 << 20)).contains("MiB"))
    }

    @Test("keys that are no words")
    func keys() {
        #expect(message("[a, b]: 1\n").contains("key must be a word"))
    }

    @Test("every prefix of a good case, and every case with one byte changed")
    func mutations() {
        let bytes = Array(CaseSample.minimal.utf8)
        let catalog = try? CaseSample.catalog()
        guard let catalog else {
            Issue.record("no catalog")
            return
        }
        for cut in stride(from: 0, to: bytes.count, by: 3) {
            _ = try? CaseFile.parse(
                bytes: Array(bytes[..<cut]), fileName: "cut.yaml", catalog: catalog)
        }
        for index in bytes.indices {
            var changed = bytes
            changed[index] = UInt8(truncatingIfNeeded: index &* 37 &+ 11)
            _ = try? CaseFile.parse(bytes: changed, fileName: "changed.yaml", catalog: catalog)
        }
    }
}
