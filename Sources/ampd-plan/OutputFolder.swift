import Foundation

/// A folder that several files of one answer go to.
struct OutputFolder {
    private let path: String
    private let option: String
    private let url: URL

    /// - Parameters:
    ///   - path: as given to `option`; it is created where there is none.
    ///   - option: for messages.
    /// - Throws: 74 where the path is no folder and none can be made there.
    init(_ path: String, option: String) throws(Failure) {
        guard !path.isEmpty else {
            throw Failure(ToolExit.usage, "\(option): the path is empty; name a folder.")
        }
        self.path = path
        self.option = option
        url = URL(fileURLWithPath: path, isDirectory: true)
        var isFolder = ObjCBool(false)
        let exists = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
        guard !exists || isFolder.boolValue else {
            throw Failure(ToolExit.readWrite, "\(option) \(path): is a file; name a folder.")
        }
        if !exists { try checkParents() }
    }

    /// The nearest folder above that is there has to be one, and one that may be written to.
    private func checkParents() throws(Failure) {
        var parent = url.standardizedFileURL.deletingLastPathComponent()
        var isFolder = ObjCBool(false)
        while !FileManager.default.fileExists(atPath: parent.path, isDirectory: &isFolder),
            parent.path != "/"
        {
            parent = parent.deletingLastPathComponent()
        }
        guard isFolder.boolValue, FileManager.default.isWritableFile(atPath: parent.path) else {
            throw Failure(
                ToolExit.readWrite,
                "\(option) \(path): \(parent.path) is no folder that may be written to; name a "
                    + "folder elsewhere.")
        }
    }

    /// Writes all files or none: what is there is checked first.
    ///
    /// - Parameters:
    ///   - files: by name, without folders.
    ///   - overwrites: whether files of these names may be there.
    /// - Throws: 74 where a file is there, is no ordinary file, or cannot be written.
    func write(
        _ files: [(name: String, text: String, isExecutable: Bool)], overwriting overwrites: Bool
    ) throws(Failure) {
        for file in files { try check(file.name, overwrites) }
        do {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
            for file in files {
                let target = url.appending(component: file.name)
                try Data(file.text.utf8).write(to: target, options: .atomic)
                if file.isExecutable {
                    try FileManager.default.setAttributes(
                        [.posixPermissions: 0o755], ofItemAtPath: target.path)
                }
            }
        } catch {
            throw Failure(
                ToolExit.readWrite, "\(path): cannot be written: \(Console.reason(error)).")
        }
    }

    /// A link may lead out of the folder, so that nothing is written through one.
    private func check(_ name: String, _ overwrites: Bool) throws(Failure) {
        let target = url.appending(component: name).path
        guard let facts = try? FileManager.default.attributesOfItem(atPath: target) else { return }
        guard facts[.type] as? FileAttributeType == .typeRegular else {
            throw Failure(
                ToolExit.readWrite,
                "\(option) \(path): \(name) is there and no ordinary file; remove it or name another "
                    + "folder.")
        }
        guard overwrites else {
            throw Failure(
                ToolExit.readWrite,
                "\(option) \(path): \(name) is already there; add --force to overwrite it.")
        }
    }
}
