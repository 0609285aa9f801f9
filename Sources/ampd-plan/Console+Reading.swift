import Foundation
import Synchronization

/// Files that commands read; `-` stands for standard input.
extension Console {
    /// What has become of standard input, which can be read once.
    private struct Input {
        var isTaken = false
        /// Its bytes, where somebody has read all of them.
        var bytes: Data?
    }

    private static let input = Mutex(Input())

    /// - Throws: where a command line names standard input twice.
    static func checkInputs(of arguments: some Sequence<String>) throws(Failure) {
        guard arguments.count(where: { $0 == "-" }) > 1 else { return }
        throw takenTwice
    }

    private static var takenTwice: Failure {
        Failure(
            ToolExit.usage,
            "-: stands for standard input, which can be read once; name a file for the other.")
    }

    /// A path as messages name it.
    static func name(of path: String) -> String { path == "-" ? "standard input" : path }

    /// The bytes of a file; of standard input again and again the same.
    static func read(_ path: String) throws(Failure) -> Data {
        if path == "-", let bytes = input.withLock(\.bytes) { return bytes }
        let handle = try open(path)
        do {
            let found = try bytes(handle, of: path)
            if path == "-" { input.withLock { $0.bytes = found } }
            return found
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
        let isFirst = input.withLock { input in
            defer { input.isTaken = true }
            return !input.isTaken
        }
        guard isFirst else { throw takenTwice }
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
