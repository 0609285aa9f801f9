import CEmbeddedFacts

/// The files under `Models/`, `Hardware/` and `Examples/workloads/` and the schemas of manifests as they were when the program was compiled.
///
/// To add one, add its three lines to `embedded_facts.c`; a test names every file that is missing.
public enum EmbeddedFacts {
    /// Paths from the root of the repository, sorted.
    public static let paths: [String] = entries.keys.sorted()

    /// The file's text, or nil where no such file was embedded or it is not UTF-8.
    public static func file(_ path: String) -> String? {
        bytes(path).flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// The file's bytes, or nil where no such file was embedded.
    public static func bytes(_ path: String) -> [UInt8]? {
        guard let index = entries[path], let text = embedded_file(index).text else { return nil }
        let count = embedded_file_length(index)
        return text.withMemoryRebound(to: UInt8.self, capacity: count) {
            Array(UnsafeBufferPointer(start: $0, count: count))
        }
    }

    /// The commit that the program was compiled from, or `unknown`.
    public static var commit: String { String(cString: embedded_commit()) }

    private static let entries: [String: Int] = {
        var entries: [String: Int] = [:]
        for index in 0..<embedded_file_count() {
            guard let path = embedded_file(index).path else { continue }
            entries[String(cString: path)] = index
        }
        return entries
    }()
}
