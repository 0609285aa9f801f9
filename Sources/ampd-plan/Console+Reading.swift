import Foundation
import Synchronization

/// Files that commands read; `-` stands for standard input.
extension Console {
    /// What has been read so far.
    private struct Inputs {
        var hasTakenStandardInput = false
        /// Bytes of pipes and devices by path, which can be read once.
        var streams: [String: Data] = [:]
        /// Files that were read, behind their symbolic links.
        var files: Set<String> = []
        /// The command line.
        var arguments: [String] = []
    }

    private static let inputs = Mutex(Inputs())

    /// - Throws: where a command line names standard input twice.
    static func checkInputs(of arguments: some Sequence<String>) throws(Failure) {
        inputs.withLock { $0.arguments = Array(arguments) }
        guard arguments.count(where: { $0 == "-" }) > 1 else { return }
        throw takenTwice
    }

    /// Whether a file was read, or is named by the command line a second time.
    ///
    /// - Parameter target: what is to be written, behind symbolic links.
    /// - Returns: true where writing would lose an input or another answer.
    static func isTaken(_ target: URL) -> Bool {
        func resolved(_ path: some StringProtocol) -> String {
            URL(fileURLWithPath: String(path)).resolvingSymlinksInPath().path
        }
        let (files, arguments) = inputs.withLock { ($0.files, $0.arguments) }
        // An option may hold a path behind `=`.
        let named = arguments.count { argument in
            let behind = argument.split(separator: "=", omittingEmptySubsequences: false).last
            return resolved(argument) == target.path || behind.map(resolved) == target.path
        }
        return files.contains(target.path) || named > 1
    }

    private static var takenTwice: Failure {
        Failure(
            ToolExit.usage,
            "-: stands for standard input, which can be read once; name a file for the other.")
    }

    /// A path as messages name it.
    static func name(of path: String) -> String { path == "-" ? "standard input" : path }

    /// The bytes of a file; of standard input and pipes again and again the same.
    static func read(_ path: String) throws(Failure) -> Data {
        let known = inputs.withLock { inputs in inputs.streams[path] }
        if let known { return known }
        let handle = try open(path)
        do {
            let (bytes, isFile) = try bytes(handle, of: path)
            if !isFile { inputs.withLock { inputs in inputs.streams[path] = bytes } }
            return bytes
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
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        inputs.withLock { inputs in _ = inputs.files.insert(target) }
        do {
            return try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        } catch {
            throw Failure(ToolExit.readWrite, "\(path): cannot be read: \(reason(error)).")
        }
    }

    private static func takeInput() throws(Failure) -> FileHandle {
        let isFirst = inputs.withLock { inputs in
            defer { inputs.hasTakenStandardInput = true }
            return !inputs.hasTakenStandardInput
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
    private static func bytes(
        _ handle: FileHandle, of path: String
    ) throws -> (bytes: Data, isFile: Bool) {
        var facts = stat()
        if fstat(handle.fileDescriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG {
            return (try handle.readToEnd() ?? Data(), path != "-")
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
        return (bytes, false)
    }
}
