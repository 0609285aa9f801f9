import ChildProcesses
import Foundation

/// The built binary, run as an operator would run it.
struct Tool {
    /// Derived from this file's own place: Tests/GoldenTests/Tool.swift.
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// What AMPD_PLAN_BINARY names, else what lies beside the test bundle; nil where it was not built.
    static var binary: URL? {
        if let named = ProcessInfo.processInfo.environment["AMPD_PLAN_BINARY"] {
            return URL(filePath: named)
        }
        let runner = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        let folders = [
            runner.deletingLastPathComponent(), root.appending(path: ".build/debug"),
        ]
        return folders.map { $0.appending(path: "ampd-plan") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    /// Runs the tool in the package's root, without the profile store of whoever runs the tests.
    static func run(_ arguments: [String]) async throws -> ChildProcess.Ending {
        guard let binary else { throw CocoaError(.fileNoSuchFile) }
        return try await ChildProcess(
            [binary.path] + arguments, in: root, environment: environment
        ).end(limit: 120)
    }

    /// Runs a script of the shell in a folder; `$tool` is the tool.
    static func shell(_ script: String, in folder: URL) async throws -> ChildProcess.Ending {
        guard let binary else { throw CocoaError(.fileNoSuchFile) }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return try await ChildProcess(
            ["bash", "-eu", "-o", "pipefail", "-c", script], in: folder,
            environment: environment.merging(["tool": binary.path, "PATH": path]) { $1 }
        ).end(limit: 120)
    }

    private static var environment: [String: String] {
        let nowhere = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        return ["HOME": nowhere, "XDG_DATA_HOME": nowhere, "AMPD_PLAN_CACHE": "none"]
    }
}
