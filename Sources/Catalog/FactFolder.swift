import EmbeddedFacts
import Foundation

/// A folder of facts: the one built into the program, or the operator's own.
enum FactFolder: Sendable {
    case embedded(prefix: String)
    case directory(String)

    /// Paths below the folder, sorted.
    func paths() throws(CatalogError) -> [String] {
        switch self {
        case .embedded(let prefix):
            return EmbeddedFacts.paths.filter { $0.hasPrefix(prefix) }
                .map { String($0.dropFirst(prefix.count)) }
        case .directory(let directory):
            return try Self.paths(below: directory)
        }
    }

    private static func paths(below directory: String) throws(CatalogError) -> [String] {
        var isFolder = ObjCBool(false)
        let exists = FileManager.default.fileExists(atPath: directory, isDirectory: &isFolder)
        guard exists, isFolder.boolValue else {
            throw .unreadable(file: directory, reason: exists ? "not a folder" : "no such folder")
        }
        do {
            return try FileManager.default.subpathsOfDirectory(atPath: directory).sorted()
        } catch {
            throw .unreadable(file: directory, reason: "no permission to list it")
        }
    }

    func bytes(_ path: String) throws(CatalogError) -> [UInt8] {
        switch self {
        case .embedded(let prefix):
            guard let bytes = EmbeddedFacts.bytes(prefix + path) else {
                throw .unreadable(file: prefix + path, reason: "not part of this program")
            }
            return bytes
        case .directory(let directory):
            return try FactFolder.read(directory + "/" + path)
        }
    }

    func tree(_ path: String) throws(CatalogError) -> SourceValue {
        try SourceText.tree(bytes: bytes(path), file: shownPath(path))
    }

    /// The path as an error message names it.
    func shownPath(_ path: String) -> String {
        switch self {
        case .embedded(let prefix): prefix + path
        case .directory(let directory): directory + "/" + path
        }
    }

    static func read(_ path: String) throws(CatalogError) -> [UInt8] {
        do {
            return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw .unreadable(file: path, reason: "no such file, or no permission")
        }
    }
}
