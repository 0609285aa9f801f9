import Foundation

/// A temporary folder that goes when nobody holds it any more.
final class Folder: Sendable {
    let url: URL
    private let scratchURL: URL

    init() throws {
        let name = "ampd-plan-\(UUID().uuidString)"
        url = FileManager.default.temporaryDirectory.appending(component: name)
        scratchURL = FileManager.default.temporaryDirectory.appending(component: name + "-io")
        for folder in [url, scratchURL] {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
        try? FileManager.default.removeItem(at: scratchURL)
    }

    /// What can stand at a path.
    enum Item: Sendable {
        case text(String)
        case bytes([UInt8])
        case folder
    }

    func add(_ items: [String: Item]) throws {
        for (path, item) in items {
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

    /// A new empty file outside `url`, so that `paths` does not show it.
    func scratch(_ name: String) throws -> URL {
        let file = scratchURL.appending(component: name + UUID().uuidString)
        try Data().write(to: file)
        return file
    }
}
