import Foundation

/// Standard output for results, standard error for words.
enum Console {
    static func print(result text: String) throws(Failure) {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            throw Failure(
                ToolExit.readWrite, "standard output: cannot be written: \(reason(error)).")
        }
    }

    static func say(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
    }

    static func read(_ path: String) throws(Failure) -> Data {
        guard !path.isEmpty else {
            throw Failure(ToolExit.missingInput, "The path of a file is empty; name a file.")
        }
        var isFolder = ObjCBool(false)
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw Failure(ToolExit.missingInput, "\(path): no such file; check the path.")
        }
        guard !isFolder.boolValue else {
            throw Failure(ToolExit.readWrite, "\(path): is a folder; name a file in it.")
        }
        do {
            return try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw Failure(ToolExit.readWrite, "\(path): cannot be read: \(reason(error)).")
        }
    }

    /// What the system says of a failed read or write, without Foundation's wrapping.
    static func reason(_ error: any Error) -> String {
        let outer = error as NSError
        let cause = outer.userInfo[NSUnderlyingErrorKey] as? NSError ?? outer
        guard cause.domain == NSPOSIXErrorDomain, let code = Int32(exactly: cause.code) else {
            return outer.localizedDescription
        }
        return String(cString: strerror(code)).lowercased()
    }
}

extension Console {
    /// Writes to the file, or to standard output where none is named.
    static func deliver(_ text: String, to path: String?) throws(Failure) {
        guard let path else { return try print(result: text) }
        try OutputFile(path, option: "--output").write(Data(text.utf8))
    }
}
