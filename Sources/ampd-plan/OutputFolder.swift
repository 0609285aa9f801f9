import Foundation

/// A folder that several files of one answer go to: checked before long work, and written whole.
struct OutputFolder {
    /// One of the files.
    struct File {
        /// Without a folder.
        let name: String
        let text: String
        var isExecutable = false
    }

    private let path: String
    private let option: String
    private let url: URL

    /// - Parameters:
    ///   - path: as given to `option`; it is created where there is none.
    ///   - option: for messages.
    ///   - names: of the files that may be written.
    ///   - overwrites: whether files of these names may be there.
    /// - Throws: 74 where the path is no folder, none can be made there, or a file is in the way.
    init(
        _ path: String, option: String, for names: [String], overwriting overwrites: Bool
    ) throws(Failure) {
        guard !path.isEmpty else {
            throw Failure(ToolExit.usage, "\(option): the path is empty; name a folder.")
        }
        self.path = path
        self.option = option
        url = URL(fileURLWithPath: path, isDirectory: true)
        var isFolder = ObjCBool(false)
        let exists = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
        guard !exists || isFolder.boolValue else {
            throw refusal("is a file; name a folder")
        }
        try checkWritable()
        for name in names { try check(name, overwrites) }
    }

    private func refusal(_ problem: String) -> Failure {
        Failure(ToolExit.readWrite, "\(option) \(path): \(problem).")
    }

    /// The folder, or the nearest one above it that is there, has to be one that may be written to.
    private func checkWritable() throws(Failure) {
        var nearest = url.standardizedFileURL
        var isFolder = ObjCBool(false)
        while !FileManager.default.fileExists(atPath: nearest.path, isDirectory: &isFolder),
            nearest.path != "/"
        {
            nearest = nearest.deletingLastPathComponent()
        }
        guard isFolder.boolValue, FileManager.default.isWritableFile(atPath: nearest.path) else {
            throw refusal(
                "\(nearest.path) is no folder that may be written to; name a folder elsewhere")
        }
    }

    /// A link may lead out of the folder, so that nothing is written through one.
    private func check(_ name: String, _ overwrites: Bool) throws(Failure) {
        let target = url.appending(component: name).path
        guard let facts = try? FileManager.default.attributesOfItem(atPath: target) else { return }
        guard facts[.type] as? FileAttributeType == .typeRegular else {
            throw refusal(
                "\(name) is there and no ordinary file; remove it or name another folder")
        }
        guard overwrites else {
            throw refusal("\(name) is already there; add --force to overwrite it")
        }
    }

    /// Writes all files beside their places and then moves them there, so that a full disk leaves what was
    /// there as it was.
    ///
    /// - Parameter files: of the names that were checked.
    /// - Throws: 74 where one cannot be written.
    func write(_ files: [File]) throws(Failure) {
        let mark = UUID().uuidString
        func beside(_ file: File) -> URL { url.appending(component: ".\(file.name).\(mark)") }
        do {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
            for file in files { try file.write(to: beside(file)) }
            for file in files {
                let target = url.appending(component: file.name)
                guard rename(beside(file).path, target.path) == 0 else {
                    throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
                }
            }
        } catch {
            for file in files { try? FileManager.default.removeItem(at: beside(file)) }
            throw refusal("cannot be written: \(Console.reason(error))")
        }
    }
}

extension OutputFolder.File {
    fileprivate func write(to place: URL) throws {
        try Data(text.utf8).write(to: place, options: .withoutOverwriting)
        if isExecutable {
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: place.path)
        }
    }
}
