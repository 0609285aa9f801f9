import Foundation
import Testing

@testable import Profiling

@Suite("Store of simulated runs")
struct RunStoreTests {
    private func withFile(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.appending(path: "deep/runs.sqlite").path)
    }

    @Test("runs are found again by key, also by another process's store; the first stays")
    func keeps() throws {
        try withFile { path in
            let store = try RunStore(path: path)
            #expect(try store.run(for: Data([1])) == nil)
            try store.keep(Data([7, 8]), for: Data([1]))
            try store.keep(Data([9]), for: Data([1]))
            #expect(try RunStore(path: path).run(for: Data([1])) == Data([7, 8]))
            #expect(try store.run(for: Data([2])) == nil)
        }
    }

    @Test("beyond its limit the older runs go")
    func limit() throws {
        try withFile { path in
            let store = try RunStore(path: path, limit: 1 << 20)
            for number in 0..<640 {
                try store.keep(
                    Data(repeating: UInt8(number % 256), count: 8192),
                    for: Data("\(number)".utf8))
            }
            #expect(try store.run(for: Data("0".utf8)) == nil)
            #expect(try store.run(for: Data("639".utf8))?.count == 8192)
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
            #expect(try #require(size) < 3 << 20)
        }
    }

    @Test("a profile store, a text and a folder are no store of runs, and stay as they are")
    func strangers() throws {
        try withFile { path in
            _ = try ProfileStore.open(path: path)
            #expect(throws: ProfilingError.self) { try RunStore(path: path) }
            _ = try ProfileStore.open(path: path)
            let text = path + ".txt"
            try Data("no database at all".utf8).write(to: URL(filePath: text))
            #expect(throws: ProfilingError.self) { try RunStore(path: text) }
            #expect(try Data(contentsOf: URL(filePath: text)) == Data("no database at all".utf8))
            let folder = URL(filePath: path).deletingLastPathComponent().path
            #expect(throws: ProfilingError.self) { try RunStore(path: folder) }
        }
    }
}
