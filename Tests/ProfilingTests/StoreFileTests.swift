import Foundation
import GRDB
import Testing

@testable import Profiling

@Suite("The file of a store")
struct StoreFileTests {
    @Test("opening makes the folders, and closing keeps the samples")
    func persistence() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("deep/er/store.sqlite")
        try ProfileStore.open(path: path).take(timings(goodRows))
        let store = try ProfileStore.open(path: path)
        #expect(try store.samples(in: h100).count == 9)
        #expect(try store.take(timings(goodRows)).duplicates == 9)
    }

    @Test("an import that fails half way leaves the store as it was")
    func rollback() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("store.sqlite")
        let store = try ProfileStore.open(path: path)
        try store.take(timings([goodRows[0]]))
        let before = try store.digest(of: h100)
        let rows = (1...5000).map { "norm,,,64,,,,,,\($0),0,1.5" } + ["norm,,,64,,,,,,1,0,zero"]
        #expect(throws: ProfilingError.self) { try store.take(timings(rows)) }
        let reopened = try ProfileStore.open(path: path)
        #expect(try reopened.digest(of: h100) == before && reopened.batches().count == 1)
    }

    @Test("two stores on one file see each other's imports")
    func sharing() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("store.sqlite")
        let (one, two) = (try ProfileStore.open(path: path), try ProfileStore.open(path: path))
        try one.take(timings([goodRows[0]]))
        try two.take(timings([goodRows[1]]))
        #expect(try one.samples(in: h100) == two.samples(in: h100))
        #expect(try one.samples(in: h100).count == 2)
    }

    @Test("a store of a newer version is refused, with both schemas, and not touched")
    func newer() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("store.sqlite")
        _ = try ProfileStore.open(path: path)
        let queue = try DatabaseQueue(path: path)
        try queue.write { db in
            try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('v9')")
        }
        try queue.close()
        let expected = ProfilingError.newerSchema(path: path, found: "v9", known: "v3")
        #expect(throws: expected) { try ProfileStore.open(path: path) }
        #expect(expected.description.contains("v9") && expected.description.contains("v3"))
    }

    @Test("another program's database is refused and keeps its bytes")
    func foreign() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("other.sqlite")
        let queue = try DatabaseQueue(path: path)
        try queue.write { db in try db.execute(sql: "CREATE TABLE bookmarks (url TEXT)") }
        try queue.close()
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        let error = message { () throws(ProfilingError) in try ProfileStore.open(path: path) }
        #expect(error.contains("another program"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    }

    @Test("text, a folder and a place that cannot be written to are refused")
    func unusable() throws {
        let folder = try TemporaryFolder()
        let text = try folder.write("not a database at all", to: "notes.txt")
        let torn = try folder.write("SQLite format 3\0and then nonsense", to: "torn.sqlite")
        let below = folder.path("notes.txt/store.sqlite")
        func error(_ path: String) -> String {
            message { () throws(ProfilingError) in try ProfileStore.open(path: path) }
        }
        #expect(error(text).contains("is not a store of timings"))
        #expect(error(torn).contains("is not a store of timings"))
        #expect(error(folder.url.path).contains("it is a folder"))
        #expect(error(below).contains("Cannot open the store"))
        #expect(error("/proc/nowhere/store.sqlite").contains("Cannot open the store"))
        #expect(error("").contains("Cannot open the store"))
    }

    @Test("an empty file becomes a store")
    func emptyFile() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("", to: "store.sqlite")
        #expect(try ProfileStore.open(path: path).take(timings(goodRows)).samplesAdded == 9)
    }
}
