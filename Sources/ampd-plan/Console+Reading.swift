import Foundation
import Synchronization

/// Files that commands read; `-` stands for standard input.
extension Console {
    /// Whether somebody has read standard input, which can be done once.
    private static let isInputTaken = Mutex(false)

    /// A path as messages name it.
    static func name(of path: String) -> String { path == "-" ? "standard input" : path }

    static func read(_ path: String) throws(Failure) -> Data {
        let handle = try open(path)
        do {
            return try bytes(handle, of: path)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(
                ToolExit.readWrite, "\(name(of: path)): cannot be read: \(reason(error)).")
        }
    }

    /// A file to be read piece by piece.
    static func open(_ path: String) throws(Failure) -> FileHandle {
        sayInDetail("reading \(name(of: path))")
        guard path != "-" else { return try takeInput() }
        try check(path)
        do {
            return try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        } catch {
            throw Failure(ToolExit.readWrite, "\(path): cannot be read: \(reason(error)).")
        }
    }

    private static func takeInput() throws(Failure) -> FileHandle {
        let isFirst = isInputTaken.withLock { taken in
            defer { taken = true }
            return !taken
        }
        guard isFirst else {
            throw Failure(
                ToolExit.usage,
                "-: stands for standard input, which can be read once; name a file for the other.")
        }
        return .standardInput
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
    private static func bytes(_ handle: FileHandle, of path: String) throws -> Data {
        var facts = stat()
        if fstat(handle.fileDescriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG {
            return try handle.readToEnd() ?? Data()
        }
        let limit = 64 << 20
        var bytes = Data()
        while let more = try handle.read(upToCount: 1 << 20), !more.isEmpty {
            bytes += more
            guard bytes.count <= limit else {
                throw Failure(
                    ToolExit.badData,
                    "\(name(of: path)): is a pipe or device with more than 64 MiB, expected at most "
                        + "that; name a regular file.")
            }
        }
        return bytes
    }
}
