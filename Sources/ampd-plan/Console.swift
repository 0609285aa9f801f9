import Foundation

/// Standard output for results, standard error for words; files are written whole or not at all.
enum Console {
    static func print(result text: String) throws(Failure) {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            throw Failure(ToolExit.readWrite, "standard output: \(error.localizedDescription)")
        }
    }

    static func say(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
    }

    /// Writes beside the target and renames, so that no reader ever sees half a file.
    static func write(_ data: Data, to path: String) throws(Failure) {
        do {
            try data.write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw Failure(
                ToolExit.readWrite, "\(path): cannot be written: \(error.localizedDescription)")
        }
    }

    static func read(_ path: String) throws(Failure) -> Data {
        guard FileManager.default.fileExists(atPath: path) else {
            throw Failure(ToolExit.missingInput, "\(path): no such file.")
        }
        do {
            return try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw Failure(
                ToolExit.readWrite, "\(path): cannot be read: \(error.localizedDescription)")
        }
    }
}

extension Console {
    /// Writes to the file, or to standard output where none is named.
    static func deliver(_ text: String, to path: String?) throws(Failure) {
        if let path { try write(Data(text.utf8), to: path) } else { try print(result: text) }
    }
}
