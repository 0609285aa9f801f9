import Foundation

/// A Python interpreter with a module, where this machine has them.
enum Python {
    static func has(_ module: String) -> Bool {
        (try? run("import \(module)", [])) != nil
    }

    /// Lines that a script printed; an error where it fails.
    @discardableResult
    static func run(_ script: String, _ arguments: [URL]) throws -> [String] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script] + arguments.map(\.path)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
