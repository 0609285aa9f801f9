import Foundation

/// A temporary folder that goes when nobody holds it any more.
final class Folder: Sendable {
    let url: URL

    init() throws {
        let name = "ampd-plan-\(UUID().uuidString)"
        url = FileManager.default.temporaryDirectory.appending(component: name)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    /// What can stand at a path.
    enum Item: Sendable {
        case text(String)
        case bytes([UInt8])
        case folder
    }

    /// Folders before what is in them.
    func add(_ items: [String: Item]) throws {
        for (path, item) in items.sorted(by: { $0.key < $1.key }) {
            let target = url.appending(path: path)
            switch item {
            case .text(let text): try Data(text.utf8).write(to: target)
            case .bytes(let bytes): try Data(bytes).write(to: target)
            case .folder:
                try FileManager.default.createDirectory(
                    at: target, withIntermediateDirectories: true)
            }
        }
    }

    /// Paths in the folder, sorted.
    var paths: [String] {
        get throws { try FileManager.default.subpathsOfDirectory(atPath: url.path).sorted() }
    }

    func text(_ path: String) throws -> String {
        try String(contentsOf: url.appending(path: path), encoding: .utf8)
    }
}
