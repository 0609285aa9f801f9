import Foundation

/// The package as text: its manifest, its sources and everything that is kept with them.
struct House {
    /// One row of the manifest's table `flow`.
    struct Room: Equatable {
        let name: String
        /// Modules that the row declares, in the row's order.
        let imports: [String]
    }

    /// A text file with its path relative to the root.
    struct File {
        let path: String
        let text: String

        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    }

    /// Derived from this file's own place: Tests/ArchitectureTests/House.swift.
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// Swift files below `folder`, in order of their paths.
    static func swiftFiles(in folder: String) throws -> [File] {
        let top = root.appending(path: folder).path
        let paths = try FileManager.default.subpathsOfDirectory(atPath: top)
        return try paths.filter { $0.hasSuffix(".swift") }.sorted().map { path in
            File(path: "\(folder)/\(path)", text: try text("\(folder)/\(path)"))
        }
    }

    /// Text files of the folders and the top level that travel with the package.
    static func keptFiles() throws -> [File] {
        let folders = ["Sources", "Tests", "Models", "Hardware", "Examples", "docs", ".ci"]
        var paths = try FileManager.default.contentsOfDirectory(atPath: root.path)
            .filter { !$0.hasPrefix(".") && $0 != "Package.resolved" }
        for folder in folders {
            let top = root.appending(path: folder).path
            let inside = (try? FileManager.default.subpathsOfDirectory(atPath: top)) ?? []
            paths += inside.map { "\(folder)/\($0)" }
        }
        return paths.sorted().compactMap { path in
            (try? text(path)).map { File(path: path, text: $0) }
        }
    }
}

extension House {
    /// The rows of `flow`, with the names of products in place of the manifest's constants.
    static func rooms(manifest: String) -> [Room] {
        guard let start = manifest.firstRange(of: "let flow:"),
            let end = manifest[start.upperBound...].firstRange(of: "\n]\n")
        else { return [] }
        let table = manifest[start.upperBound..<end.lowerBound]
        let products = products(manifest: manifest)
        return table.matches(of: /\(\s*"(\w+)",\s*\[([^\]]*)\]/).map { row in
            Room(name: String(row.1), imports: dependencies(row.2, products))
        }
    }

    private static func dependencies(
        _ text: Substring, _ products: [String: String]
    ) -> [String] {
        text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
            .filter { !$0.isEmpty }
            .map { entry in
                entry.hasPrefix("\"")
                    ? String(entry.dropFirst().dropLast()) : products[entry] ?? "?\(entry)"
            }
    }

    /// Constants of the manifest that stand for products of other packages.
    private static func products(manifest: String) -> [String: String] {
        let pattern = /let (\w+) = Target\.Dependency\.product\(\s*name: "(\w+)"/
        return Dictionary(
            manifest.matches(of: pattern).map { (String($0.1), String($0.2)) },
            uniquingKeysWith: { first, _ in first })
    }
}

extension House.File {
    /// Modules that the file imports, submodules by their first word.
    var imports: [String] {
        let pattern =
            /^(?:@\w+(?:\([^)]*\))? +)*(?:(?:public|package|internal|fileprivate|private) +)?import +(?:(?:struct|class|enum|func|protocol|typealias|var|let) +)?(\w+)/
        return lines.compactMap { line in line.firstMatch(of: pattern).map { String($0.1) } }
    }

    /// The lines that hold `pattern`, as path and number.
    func places(of pattern: some RegexComponent) -> [String] {
        lines.enumerated().compactMap { number, line in
            line.firstMatch(of: pattern) == nil ? nil : "\(path):\(number + 1)"
        }
    }
}
