import Catalog
import Testing

@testable import Deploying

@Suite("Schemas of manifests")
struct SchemaTests {
    private func faults(_ text: String, _ name: String) throws -> [SchemaFault] {
        let documents = try ManifestText.documents(bytes: Array(text.utf8), file: "m.yaml")
        return documents.flatMap { ManifestSchemas.embedded.faults(of: $0, against: name) }
    }

    private let picker = """
        apiVersion: llm-d.ai/v1
        kind: EndpointPickerConfig
        plugins:
        - type: decode-filter
        """

    @Test("the embedded file has every kind")
    func embedded() {
        #expect(ManifestSchemas.embedded.names.count == 18)
    }

    @Test("what is right has no fault")
    func right() throws {
        #expect(try faults(picker, "EndpointPickerConfig") == [])
    }

    @Test("a misspelt key is an unknown field with its place and the nearest key")
    func misspelt() throws {
        let found = try faults(picker + "\nfeatureGate: [a]\n", "EndpointPickerConfig")
        #expect(found.map(\.isUnknownField) == [true])
        #expect(found.first?.place.description == "m.yaml:5:1")
        #expect(found.first?.message.contains("did you mean 'featureGates'?") == true)
    }

    @Test("a misspelt key that is needed is told once")
    func misspeltRequired() throws {
        let text = picker.replacing("plugins:", with: "plugin:")
        let found = try faults(text, "EndpointPickerConfig")
        #expect(found.map(\.isUnknownField) == [true])
    }

    @Test("a value of another type names what was found and what was expected")
    func wrongType() throws {
        let text = picker.replacing("type: decode-filter", with: "type: 5")
        let found = try faults(text, "EndpointPickerConfig")
        #expect(found.map(\.isUnknownField) == [false])
        #expect(found.first?.message.hasPrefix("plugins[0].type: is '5'; expected a text") == true)
    }

    @Test("truth values of YAML 1.1 are no texts")
    func truths() throws {
        let text = picker.replacing("type: decode-filter", with: "type: on")
        #expect(try faults(text, "EndpointPickerConfig").count == 1)
        let quoted = picker.replacing("type: decode-filter", with: "type: 'on'")
        #expect(try faults(quoted, "EndpointPickerConfig") == [])
    }

    @Test("aliases stand for what they name, and cannot multiply without bound")
    func aliases() throws {
        let shared = picker + "\ndata: &d {a: 1}\nflowControl: *d\n"
        #expect(try faults(shared, "EndpointPickerConfig") == [])
        var bomb = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
        for level in 1...8 {
            let uses = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            bomb += "a\(level): &a\(level) [\(uses)]\n"
        }
        #expect(throws: CatalogError.self) {
            try ManifestText.documents(bytes: Array(bomb.utf8), file: "bomb.yaml")
        }
    }
}
