import Foundation

/// A file that an answer goes to: written whole or not at all, and checked before long work.
struct OutputFile {
    /// The path as the user gave it, for messages.
    private let name: String
    /// Where the bytes go: `name` behind its symbolic links.
    private let target: URL

    /// - Parameters:
    ///   - path: as given to `option`.
    ///   - option: the option that names the file, for messages.
    /// - Throws: 74 where the file could not be written.
    init(_ path: String, option: String) throws(Failure) {
        guard !path.isEmpty else {
            throw Failure(ToolExit.usage, "\(option): the path is empty; name a file.")
        }
        name = path
        target = URL(fileURLWithPath: path).resolvingSymlinksInPath()
        try check(option)
    }

    /// Writes beside the target and renames, so that no reader ever sees half a file.
    ///
    /// Devices and pipes are written in place: a rename would put a file where they were.
    func write(_ data: Data) throws(Failure) {
        try checkInputs(name)
        do {
            if kind == nil || kind == .typeRegular {
                try data.write(to: target, options: .atomic)
            } else {
                try FileHandle(forWritingTo: target).write(contentsOf: data)
            }
        } catch {
            throw Failure(
                ToolExit.readWrite, "\(name): cannot be written: \(Console.reason(error)).")
        }
    }

    /// Writes everything that `source` holds, in pieces, as `write(_:)` does.
    func write(from source: FileHandle) throws(Failure) {
        try checkInputs(name)
        do {
            guard kind == nil || kind == .typeRegular else {
                return try Self.copy(source, to: FileHandle(forWritingTo: target))
            }
            let beside = target.deletingLastPathComponent()
                .appending(component: ".\(target.lastPathComponent).\(UUID().uuidString)")
            try Data().write(to: beside, options: .withoutOverwriting)
            do {
                try Self.copy(source, to: FileHandle(forWritingTo: beside))
                guard rename(beside.path, target.path) == 0 else { throw POSIXError.last }
            } catch {
                try? FileManager.default.removeItem(at: beside)
                throw error
            }
        } catch {
            throw Failure(
                ToolExit.readWrite, "\(name): cannot be written: \(Console.reason(error)).")
        }
    }

    private static func copy(_ source: FileHandle, to copy: FileHandle) throws {
        try source.seek(toOffset: 0)
        while let piece = try source.read(upToCount: 1 << 20), !piece.isEmpty {
            try copy.write(contentsOf: piece)
        }
        try copy.close()
    }

    /// Where the bytes go, behind symbolic links.
    var path: String { target.path }

    /// Whether both end in the same file.
    func isSame(as other: OutputFile) -> Bool { target.path == other.target.path }

    private var kind: FileAttributeType? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: target.path)
        return attributes?[.type] as? FileAttributeType
    }

    /// - Throws: where there is such a file and this run reads it, or the command line names it twice.
    private func checkInputs(_ subject: String) throws(Failure) {
        guard kind == .typeRegular, Console.isTaken(target) else { return }
        throw Failure(
            ToolExit.usage,
            "\(subject): is read by this command, or named twice; name another file.")
    }

    private func check(_ option: String) throws(Failure) {
        try checkInputs("\(option) \(name)")
        let folder = target.deletingLastPathComponent().path
        var isFolder = ObjCBool(false)
        let exists = FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder)
        var problem: String?
        switch kind {
        case .typeSymbolicLink: problem = "is a link to nothing; create its target or name a file"
        case .typeDirectory: problem = "is a folder; name a file in it"
        case .typeRegular where !FileManager.default.isWritableFile(atPath: target.path):
            problem = "is read-only; change its permissions or name another file"
        case nil where exists && !isFolder.boolValue:
            problem = "\(folder) is a file and no folder; name a file elsewhere"
        case nil where !exists:
            problem = "the folder \(folder) does not exist; create it first"
        case nil, .typeRegular:
            if !FileManager.default.isWritableFile(atPath: folder) {
                problem = "the folder \(folder) is read-only; name a file elsewhere"
            }
        default: break
        }
        if let problem { throw Failure(ToolExit.readWrite, "\(option) \(name): \(problem).") }
    }
}

extension POSIXError {
    /// What the last failed call of the system says.
    fileprivate static var last: POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
}
