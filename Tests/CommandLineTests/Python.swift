import ChildProcesses
import Foundation

/// A Python interpreter with a module, where this machine has them.
enum Python {
    static func has(_ module: String) -> Bool {
        (try? run("import \(module)", [])) != nil
    }

    /// Lines that a script printed; an error where it fails.
    @discardableResult
    static func run(_ script: String, _ arguments: [URL]) throws -> [String] {
        let command = ["python3", "-c", script] + arguments.map(\.path)
        guard let lines = try ChildProcess.lines(of: command) else {
            throw CocoaError(.executableLoad)
        }
        return lines
    }
}
