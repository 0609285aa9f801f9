import Testing

@testable import Catalog

@Suite("The meta file of a profile of layers")
struct LayerProfileFileTests {
    private func file(_ text: String) throws(CatalogError) -> LayerProfileFile {
        try LayerProfileFile(bytes: Array(text.utf8), fileName: "meta.yaml")
    }

    @Test("model, GPU and version are read; the rest is not")
    func fields() throws {
        let found = try file(
            "model: a/b\nhardware: RTX4090\nvllm_version: 0.19.0\ngrid: {chunks: [1, 2]}\n")
        #expect(found.model == "a/b" && found.gpu == "RTX4090")
        #expect(found.engineVersion == "0.19.0")
        #expect(try file("model: a\n").gpu == nil)
    }

    @Test("what is no mapping is refused with its place")
    func refusal() {
        #expect(throws: CatalogError.self) { try file("- a list\n") }
        #expect(throws: CatalogError.self) { try file("model: [a]\n") }
    }
}
