import ChildProcesses
import Foundation

/// The built command-line tool, run as a user runs it.
enum Tool {
    typealias Answer = ChildProcess.Ending

    struct NotBuilt: Error, CustomStringConvertible {
        let description = "no ampd-plan beside the tests; run `swift build` first"
    }

    /// What AMPD_PLAN_BINARY names, else beside the test bundle, else where `swift build` puts it.
    static var binary: URL {
        get throws {
            if let named = ProcessInfo.processInfo.environment["AMPD_PLAN_BINARY"] {
                return URL(filePath: named)
            }
            let beside = [Bundle.main.executableURL, Bundle.main.bundleURL].compactMap { $0 }
                .map { $0.deletingLastPathComponent().appending(component: "ampd-plan") }
            let candidates = beside + [packageRoot.appending(path: ".build/debug/ampd-plan")]
            let found = candidates.first {
                FileManager.default.isExecutableFile(atPath: $0.path)
            }
            guard let found else { throw NotBuilt() }
            return found
        }
    }

    static var packageRoot: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }

    /// Runs the tool in `folder` to its end.
    ///
    /// - Parameters:
    ///   - arguments: as the user types them.
    ///   - folder: the working directory.
    ///   - limit: after this many seconds it is killed, so that a hang fails a test.
    ///   - interruptAt: words on standard error at which it is sent SIGINT.
    /// - Returns: exit code and everything that was written.
    /// - Throws: `NotBuilt`, or what the system says of a process that cannot be started.
    static func run(
        _ arguments: [String], in folder: Folder, limit: Double = 300, interruptAt: String? = nil
    ) async throws -> Answer {
        let command = [try binary.path] + arguments
        return try await ChildProcess(command, in: folder.url, environment: environment)
            .end(limit: limit, interruptAt: interruptAt)
    }

    /// Runs a script of the shell in `folder`, which finds the tool by its name.
    ///
    /// - Parameters:
    ///   - script: for bash; it ends with the first command that fails.
    ///   - folder: the working directory.
    ///   - more: further variables of its environment.
    ///   - limit: after this many seconds it is killed.
    /// - Returns: exit code and everything that was written.
    /// - Throws: as `run(_:in:limit:interruptAt:)`.
    static func shell(
        _ script: String, in folder: Folder, environment more: [String: String] = [:],
        limit: Double = 300
    ) async throws -> Answer {
        var variables = environment.merging(more) { $1 }
        let place = try binary.deletingLastPathComponent().path
        variables["PATH"] = place + ":" + (variables["PATH"] ?? "")
        return try await ChildProcess(
            ["bash", "-eu", "-o", "pipefail", "-c", script], in: folder.url,
            environment: variables
        ).end(limit: limit)
    }

    /// Nothing of the user's own settings reaches the tool.
    private static var environment: [String: String] {
        [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": "/",
            "AMPD_PLAN_CACHE": "none",
        ]
    }
}

extension ChildProcess.Ending {
    var text: String { String(decoding: output, as: UTF8.self) }
}
