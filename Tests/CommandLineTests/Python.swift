import ChildProcesses
import Foundation

/// A Python interpreter with a module, where this machine has them.
enum Python {
    /// The first interpreter that has PyTorch; nil where none has.
    static let withTorch = first(having: "torch")

    /// The first interpreter that has aiohttp; nil where none has.
    static let withAIOHTTP = first(having: "aiohttp")

    private static func first(having module: String) -> String? {
        ["python3", "/usr/bin/python3"].first { python in
            let script = "import importlib.util as u; print(u.find_spec('\(module)') is not None)"
            return (try? ChildProcess.lines(of: [python, "-c", script])) == ["True"]
        }
    }

    /// How a script ends that one of these interpreters runs in a folder, without compiled files left behind.
    ///
    /// - Parameters:
    ///   - arguments: the interpreter, the script, and what it is given.
    ///   - folder: where it runs.
    ///   - limit: seconds after which it is killed.
    /// - Returns: its exit code and what it printed.
    /// - Throws: where it cannot be started, or its output not be read.
    static func end(
        _ arguments: [String], in folder: Folder, limit: Double
    ) async throws -> ChildProcess.Ending {
        let environment = ProcessInfo.processInfo.environment.merging(
            ["PYTHONDONTWRITEBYTECODE": "1"]) { $1 }
        return try await ChildProcess(arguments, in: folder.url, environment: environment)
            .end(limit: limit, interruptAt: nil)
    }

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
