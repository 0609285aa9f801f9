internal import Foundation
internal import GRDB

/// The place of a store before it is opened for writing.
struct StoreFile {
    private let path: String
    /// Names of the migrations that this version knows, in order.
    private let versions: [String]

    init(_ path: String, versions: [String] = Schema.versions) {
        (self.path, self.versions) = (path, versions)
    }

    /// Makes the folders of a new store; looks into an existing one without changing it.
    func prepare() throws(ProfilingError) {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw .cannotOpen(path: path.quoted, reason: "it is not the name of a file")
        }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            return try makeFolder()
        }
        guard !isFolder.boolValue else {
            throw .notAStore(path: path, reason: "it is a folder")
        }
        try checkHeader()
        _ = try checkedSchema()
    }

    /// The schema of an existing store, which is not changed; nil for an empty file.
    func schema() throws(ProfilingError) -> String? {
        try checkHeader()
        return try checkedSchema()
    }

    private func makeFolder() throws(ProfilingError) {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw .cannotOpen(path: path, reason: error.localizedDescription)
        }
    }

    /// An empty file is a store to be; any other begins with the mark of SQLite.
    private func checkHeader() throws(ProfilingError) {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw .cannotOpen(path: path, reason: "the file cannot be read")
        }
        defer { try? handle.close() }
        let head: Data
        do {
            head = try handle.read(upToCount: 16) ?? Data()
        } catch {
            throw .cannotOpen(path: path, reason: error.localizedDescription)
        }
        guard head.isEmpty || head == Data("SQLite format 3\0".utf8) else {
            throw .notAStore(path: path, reason: "the file is not an SQLite database")
        }
    }

    /// Refuses databases of other programs and stores of newer versions.
    private func checkedSchema() throws(ProfilingError) -> String? {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        let applied: [String]
        let tables: Int
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            (applied, tables) = try queue.read { db in
                let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
                let names = try Schema.migrator.appliedIdentifiers(db)
                return (names.sorted(), tables)
            }
        } catch {
            throw translated(error)
        }
        guard tables == 0 || !applied.isEmpty else {
            throw .notAStore(path: path, reason: "it is the SQLite database of another program")
        }
        guard let newest = applied.last(where: { !versions.contains($0) }) else {
            return applied.last
        }
        throw .newerSchema(path: path, found: newest, known: versions.last ?? "")
    }

    private func translated(_ error: any Error) -> ProfilingError {
        guard let error = error as? DatabaseError else {
            return .failed(path: path, reason: error.localizedDescription)
        }
        return ProfilingError(error, path: path)
    }
}
