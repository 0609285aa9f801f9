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
