import Foundation

/// The built command-line tool, run as a user runs it.
enum Tool {
    struct Answer: Sendable {
        let code: Int32
        /// Whether a signal ended the tool; `code` is then its number.
        let wasSignalled: Bool
        let output: Data
        let words: String

        var text: String { String(decoding: output, as: UTF8.self) }
    }

    struct NotBuilt: Error, CustomStringConvertible {
        let description = "no ampd-plan beside the tests; run `swift build` first"
    }

    /// Beside the test bundle, else where `swift build` puts it.
    static var binary: URL {
        get throws {
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
        _ arguments: [String], in folder: Folder, limit: Double = 60, interruptAt: String? = nil
    ) async throws -> Answer {
        let process = Process()
        process.executableURL = try binary
        process.arguments = arguments
        process.currentDirectoryURL = folder.url
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        let (output, words) = try (folder.scratch("stdout"), folder.scratch("stderr"))
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: words)
        try process.run()
        try await wait(process, limit: limit) {
            guard let interruptAt else { return false }
            return try String(contentsOf: words, encoding: .utf8).contains(interruptAt)
        }
        return Answer(
            code: process.terminationStatus,
            wasSignalled: process.terminationReason == .uncaughtSignal,
            output: try Data(contentsOf: output),
            words: String(decoding: try Data(contentsOf: words), as: UTF8.self))
    }

    private static func wait(
        _ process: Process, limit: Double, isInterrupted: () throws -> Bool
    ) async throws {
        let start = ContinuousClock.now
        var interrupted = false
        while process.isRunning {
            try await Task.sleep(for: .milliseconds(5))
            if try !interrupted && isInterrupted() {
                interrupted = true
                process.interrupt()
            }
            if ContinuousClock.now - start > .seconds(limit) {
                kill(process.processIdentifier, SIGKILL)
            }
        }
        process.waitUntilExit()
    }

    /// Nothing of the user's own settings reaches the tool.
    private static var environment: [String: String] {
        ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": "/"]
    }
}
