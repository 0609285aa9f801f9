import Catalog
import Foundation
import ServingDomain
import Testing

@Suite("Writing a case")
struct CaseDocumentTests {
    @Test("a written case reads back as the same case and writes the same text")
    func sample() throws {
        let draft = try CaseSample.parse(CaseSample.minimal)
        let text = CaseDocument(draft).yaml
        let again = try CaseSample.parse(text)
        #expect(again.withoutNotes == draft.withoutNotes)
        #expect(CaseDocument(again).yaml == text)
    }

    @Test("after writing, only what no key sets is still an assumption")
    func assumptions() throws {
        let draft = try CaseSample.parse(CaseDocument(CaseSample.parse(CaseSample.minimal)).yaml)
        #expect(draft.assumptions.allSatisfy { $0.key.hasPrefix("overhead.") })
    }

    @Test("any case reads back as it was written", arguments: 0..<200)
    func property(seed: UInt64) throws {
        var random = CaseLottery(seed: seed)
        let catalog = try CaseSample.catalog()
        let draft = try random.draft(catalog)
        let text = CaseDocument(draft).yaml
        let again = try CaseFile.parse(text: text, fileName: "any.yaml", catalog: catalog)
        #expect(again.withoutNotes == draft, "\(text)")
    }

    @Test(
        "strange names survive",
        arguments: [
            "null", "true", "1.5", "a: b", "# no", "\"quoted\" \\ back", "tab\tnew\nline",
            "été 模型 🚀",
            " lead", "-", "*a", "&a", "\u{85}\u{2028}\u{FEFF}", "\u{1}",
        ])
    func names(_ name: String) throws {
        var draft = try CaseSample.parse(CaseSample.minimal)
        draft.name = name
        let again = try CaseSample.parse(CaseDocument(draft).yaml)
        #expect(again.name == name)
    }

    @Test("paths can be made absolute for a file that lies elsewhere")
    func absolutePaths() throws {
        let text = CaseSample.with("template: agent", as: "trace: a.csv")
        let draft = try CaseFile.parse(
            text: text, fileName: "/x/y/c.yaml", catalog: CaseSample.catalog())
        let moved = CaseDocument(draft, paths: .absolute).tree["workload"]?["trace"]
        #expect(moved == .text("/x/y/a.csv"))
        #expect(CaseDocument(draft).tree["workload"]?["trace"] == .text("a.csv"))
    }

    @Test("the document encodes with the keys of the file")
    func encodable() throws {
        let draft = try CaseSample.parse(CaseSample.minimal)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let text = String(
            decoding: try encoder.encode(CaseDocument(draft).tree), as: UTF8.self)
        #expect(text.contains("\"transfer_inter_node_gbytes_per_s\":20"))
        #expect(text.contains("\"tp\":[1,2,4,8]"))
    }
}
