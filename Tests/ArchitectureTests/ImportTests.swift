import Testing

/// Imports of every room against the table `flow` of the manifest.
@Suite("Who may import whom")
struct ImportTests {
    /// Modules of the toolchain, open to every room unless a rule below says otherwise.
    private static let toolchain: Set<String> = ["Foundation", "Synchronization", "Glibc", "Swift"]

    private let rooms: [House.Room]

    init() throws {
        rooms = House.rooms(manifest: try House.text("Package.swift"))
    }

    private func files(of room: String) throws -> [House.File] {
        try House.swiftFiles(in: "Sources/\(room)")
    }

    @Test("the table is read: every room has sources, and every folder of Swift sources a row")
    func tableMatchesFolders() throws {
        #expect(rooms.count >= 12)
        let names = Set(rooms.map(\.name))
        #expect(names.count == rooms.count)
        let folders = Set(
            try House.swiftFiles(in: "Sources").compactMap {
                $0.path.split(separator: "/").dropFirst().first.map(String.init)
            })
        #expect(folders == names.union(["ampd-plan"]))
    }

    @Test("a row names only rooms above it")
    func rowsPointUp() {
        var above: Set<String> = []
        let all = Set(rooms.map(\.name))
        for room in rooms {
            let early = room.imports.filter { all.contains($0) && !above.contains($0) }
            #expect(early.isEmpty, "\(room.name) imports \(early), which stand below it")
            above.insert(room.name)
        }
    }

    @Test("a room imports only what its row declares, and its row declares only what it imports")
    func onlyDeclared() throws {
        for room in rooms {
            let imported = Set(try files(of: room.name).flatMap(\.imports))
            let undeclared = imported.subtracting(room.imports).subtracting(Self.toolchain)
            #expect(undeclared.isEmpty, "\(room.name) imports \(undeclared.sorted()) undeclared")
            // A room that imports nothing at all is still to be furnished.
            let unused = imported.isEmpty ? [] : Set(room.imports).subtracting(imported)
            #expect(unused.isEmpty, "\(room.name) declares \(unused.sorted()) but never imports it")
        }
    }

    @Test("ServingDomain and DiscreteEvents import nothing, not even Foundation")
    func wordsAreFree() throws {
        for room in ["ServingDomain", "DiscreteEvents"] {
            let imported = Set(try files(of: room).flatMap(\.imports))
            #expect(imported.isEmpty, "\(room) imports \(imported.sorted())")
        }
    }

    @Test(
        "a library of the outside has one door",
        arguments: [
            ("GRDB", ["Profiling"]), ("CSolver", ["IntegerProgramming"]),
            ("CEmbeddedFacts", ["EmbeddedFacts"]), ("Yams", ["Catalog", "Reporting"]),
            ("ArgumentParser", ["ampd-plan"]),
        ])
    func oneDoor(module: String, doors: [String]) throws {
        for file in try House.swiftFiles(in: "Sources") where file.imports.contains(module) {
            #expect(
                doors.contains { file.path.hasPrefix("Sources/\($0)/") },
                "\(file.path) imports \(module)")
        }
    }

    @Test("an import is found however it is written")
    func importPattern() {
        let text = """
            @preconcurrency import A
            public import B
            import struct C.Thing
            // import D
            @_spi(Inner) package import E
            let import_f = 1
            """
        #expect(House.File(path: "x", text: text).imports == ["A", "B", "C", "E"])
    }
}
