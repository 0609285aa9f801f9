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
        try check(path)
        do {
            return try bytes(path)
        } catch {
            throw Failure(ToolExit.readWrite, "\(path): cannot be read: \(reason(error)).")
        }
    }

    /// A file to be read piece by piece.
    static func open(_ path: String) throws(Failure) -> FileHandle {
        try check(path)
        do {
            return try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        } catch {
            throw Failure(ToolExit.readWrite, "\(path): cannot be read: \(reason(error)).")
        }
    }

    /// - Throws: where there is no such file.
    private static func check(_ path: String) throws(Failure) {
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
    }

    /// A regular file whole; of a pipe or device at most 64 MiB, since it may never end.
    private static func bytes(_ path: String) throws -> Data {
        let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
        let attributes = try? FileManager.default.attributesOfItem(atPath: url.path)
        if attributes?[.type] as? FileAttributeType == .typeRegular {
            return try Data(contentsOf: url)
        }
        let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        var bytes = Data()
        while bytes.count < 64 << 20, let more = try handle.read(upToCount: 1 << 20), !more.isEmpty
        {
            bytes += more
        }
        return bytes
    }

    /// What the system says of a failed read or write, to stand inside a sentence.
    static func reason(_ error: any Error) -> String {
        let outer = error as NSError
        let cause = outer.userInfo[NSUnderlyingErrorKey] as? NSError ?? outer
        if cause.domain == NSPOSIXErrorDomain, let code = Int32(exactly: cause.code) {
            return String(cString: strerror(code)).lowercased()
        }
        let text = outer.localizedFailureReason ?? outer.localizedDescription
        return text.hasSuffix(".") ? String(text.dropLast()) : text
    }
}

extension Console {
    /// Writes to the file, or to standard output where none is named.
    static func deliver(_ text: String, to path: String?) throws(Failure) {
        guard let path else { return try print(result: text) }
        try OutputFile(path, option: "--output").write(Data(text.utf8))
    }
}
