import Foundation

/// The built binary, run as an operator would run it.
struct Tool {
    struct Answer {
        let exitCode: Int32
        let output: Data
        let complaints: String
    }

    /// Derived from this file's own place: Tests/GoldenTests/Tool.swift.
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The binary lies beside the test bundle; nil where it was not built.
    static var binary: URL? {
        let runner = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        let folders = [
            runner.deletingLastPathComponent(), root.appending(path: ".build/debug"),
        ]
        return folders.map { $0.appending(path: "ampd-plan") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    /// Runs the tool in the package's root, without the profile store of whoever runs the tests.
    static func run(_ arguments: [String]) throws -> Answer {
        guard let binary else { throw CocoaError(.fileNoSuchFile) }
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (output, complaints) = (folder.appending(path: "out"), folder.appending(path: "err"))
        for file in [output, complaints] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = binary
        process.arguments = arguments
        process.currentDirectoryURL = root
        process.environment = ["HOME": folder.path, "XDG_DATA_HOME": folder.path]
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: complaints)
        try process.run()
        process.waitUntilExit()
        return Answer(
            exitCode: process.terminationStatus, output: try Data(contentsOf: output),
            complaints: String(decoding: try Data(contentsOf: complaints), as: UTF8.self))
    }
}
