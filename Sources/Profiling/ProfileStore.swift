internal import Foundation
internal import GRDB

/// Measured operator times, kept in one SQLite file with the origin of every sample.
///
/// An import is one transaction: a process that dies half way leaves the state before it. Several
/// processes may use one file at once; a writer waits up to 5 seconds for another.
public final class ProfileStore: Sendable {
    /// Schema that this version writes, as messages name it.
    public static var schemaVersion: String { Schema.versions.last ?? "" }

    /// Where the store lies, as the person gave it; `:memory:` for one that is not kept.
    public let path: String
    private let database: any DatabaseWriter

    private init(path: String, database: any DatabaseWriter) {
        self.path = path
        self.database = database
    }

    /// Opens the store at `path`, and makes it with its folders where there is none.
    ///
    /// - Throws: `notAStore` and `newerSchema` without having changed the file.
    public static func open(path: String) throws(ProfilingError) -> ProfileStore {
        try StoreFile(path).prepare()
        return try translating(path) {
            var configuration = Configuration()
            configuration.busyMode = .timeout(5)
            let pool = try DatabasePool(path: path, configuration: configuration)
            try Schema.migrator.migrate(pool)
            return ProfileStore(path: path, database: pool)
        }
    }

    /// An empty store that vanishes with its last reference.
    public static func inMemory() throws(ProfilingError) -> ProfileStore {
        try translating(":memory:") {
            let queue = try DatabaseQueue()
            try Schema.migrator.migrate(queue)
            return ProfileStore(path: ":memory:", database: queue)
        }
    }

    func read<T>(_ body: (Database) throws -> T) throws(ProfilingError) -> T {
        try Self.translating(path) { try database.read(body) }
    }

    /// Runs `body` in one transaction, which its error rolls back.
    func write<T>(_ body: (Database) throws -> T) throws(ProfilingError) -> T {
        try Self.translating(path) { try database.write(body) }
    }

    private static func translating<T>(
        _ path: String, _ body: () throws -> T
    ) throws(ProfilingError) -> T {
        try ProfilingError.translating(path, body)
    }
}

extension ProfilingError {
    /// Does something with the database at `path`, and says in our words what went wrong.
    static func translating<T>(_ path: String, _ body: () throws -> T) throws(Self) -> T {
        do {
            return try body()
        } catch let error as ProfilingError {
            throw error
        } catch let error as DatabaseError {
            throw Self(error, path: path)
        } catch {
            throw .failed(path: path, reason: error.localizedDescription)
        }
    }

    init(_ error: DatabaseError, path: String) {
        let reason = error.message ?? "SQLite error \(error.resultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(path: path)
        case .SQLITE_NOTADB: self = .notAStore(path: path, reason: reason)
        case .SQLITE_CORRUPT: self = .damaged(path: path, detail: reason)
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM:
            self = .cannotOpen(path: path, reason: reason)
        default: self = .failed(path: path, reason: reason)
        }
    }
}
