import EmbeddedFacts
import Foundation
import Testing

@Suite("Embedded facts")
struct EmbeddedFactsTests {
    private let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func filesOnDisk() throws -> [String] {
        try ["Models", "Hardware", "Examples/workloads", "Sources/CEmbeddedFacts/Schemas"].flatMap {
            folder in
            try FileManager.default
                .subpathsOfDirectory(atPath: root.appendingPathComponent(folder).path)
                .filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".json") }
                // What a GPU served is read where it lies.
                .filter { !$0.contains("/served/") }
                .map { folder + "/" + $0 }
        }.sorted()
    }

    @Test(
        "every file of Models, Hardware, the workloads and the schemas is embedded, and nothing else"
    )
    func complete() throws {
        let disk = try filesOnDisk()
        #expect(disk.count >= 20)
        #expect(EmbeddedFacts.paths == disk)
    }

    @Test("what is embedded is what is on disk, byte for byte")
    func identical() throws {
        for path in EmbeddedFacts.paths {
            let disk = try Data(contentsOf: root.appendingPathComponent(path))
            #expect(EmbeddedFacts.bytes(path) == Array(disk), "\(path) differs")
            #expect(EmbeddedFacts.file(path)?.utf8.count == disk.count)
        }
    }

    @Test("a path that was not embedded is nil")
    func absent() {
        #expect(EmbeddedFacts.file("Models/none.yaml") == nil)
        #expect(EmbeddedFacts.bytes("") == nil)
    }
}
