import Foundation

/// A recording that lies beside the package, or where an environment variable says.
struct SharedFile {
    /// Path below ../shared/data.
    let path: String
    let variable: String

    static let requests = Self(
        path: "speed/speed_unit_rate_10000.csv", variable: "SPEED_TRACE")
    static let mooncake = Self(
        path: "traces/mooncake_conversation/conversation_trace_0-36min.jsonl",
        variable: "MOONCAKE_TRACE")

    /// - Throws: `Benchmark.Skipped` where there is no such file.
    func text() throws -> String {
        let given = ProcessInfo.processInfo.environment[variable]
        let place = given.map { URL(filePath: $0) } ?? Self.folder.appending(path: path)
        guard let text = try? String(contentsOf: place.standardized, encoding: .utf8) else {
            throw Benchmark.Skipped(
                reason: "no readable file \(place.standardized.path()); set \(variable) to one")
        }
        return text
    }

    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "../shared/data")
}
