import Foundation
import ServingDomain
import Workloads

extension RecordedTrace {
    /// Reads the files of a trace, or all files of folders that are one.
    ///
    /// - Throws: 66 where it is missing, 65 with the line where it is wrong, or where a folder does not
    ///   hold one trace.
    static func read(
        _ paths: [String], _ format: TraceFormat, for purpose: TracePurpose,
        counting counter: TokenCounter = TokenCounter()
    ) throws(Failure) -> Self {
        var files: [(path: String, folder: String?)] = []
        for path in paths {
            var isFolder = ObjCBool(false)
            let isThere = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            files +=
                path != "-" && isThere && isFolder.boolValue ? try traces(in: path) : [(path, nil)]
        }
        var reader = TraceReader(format: format, for: purpose, counting: counter)
        var skipped: [String] = []
        for (path, folder) in files {
            do {
                try reader.read(file: path, in: folder)
            } catch .unread where folder != nil && !reader.knowsFormat {
                skipped.append(String(path.dropFirst((folder?.count ?? 0) + 1)))
            } catch {
                throw error.failure(at: path)
            }
        }
        do {
            let trace = try reader.finish()
            guard !skipped.isEmpty else { return trace }
            let names = skipped.joined(separator: ", ")
            return trace.noting(["Files of no known format were left out: \(names)."])
        } catch {
            throw Failure(
                ToolExit.badData,
                "\(Console.name(of: files.last?.path ?? "")): \(error.description)")
        }
    }

    /// Files beside a trace that are about it.
    private static func isAbout(_ name: String) -> Bool {
        let name = name.lowercased()
        return name.hasPrefix(".") || name.hasPrefix("readme") || name.hasPrefix("licen")
            || name == "stats.json"
    }

    /// Regular files in order of their names, those of folders inside included.
    private static func traces(
        in folder: String
    ) throws(Failure) -> [(path: String, folder: String?)] {
        // Behind a link, what it leads to.
        let root = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
        let names = (FileManager.default.enumerator(atPath: root)?.allObjects ?? [])
            .compactMap { $0 as? String }
            .filter { !$0.split(separator: "/").contains { isAbout(String($0)) } }
        let files = names.filter { name in
            let target = URL(fileURLWithPath: "\(root)/\(name)").resolvingSymlinksInPath()
            let attributes = try? FileManager.default.attributesOfItem(atPath: target.path)
            return attributes?[.type] as? FileAttributeType == .typeRegular
        }.sorted()
        guard !files.isEmpty else {
            throw Failure(ToolExit.badData, "\(folder): found no file, expected a trace in it.")
        }
        let given = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        return files.map { ("\(given)/\($0)", given) }
    }
}

/// Why a file was not read.
private enum FileFault: Error {
    case unread(WorkloadError)
    case failed(Failure)

    func failure(at path: String) -> Failure {
        switch self {
        case .unread(let error):
            Failure(ToolExit.badData, "\(Console.name(of: path)): \(error.description)")
        case .failed(let failure): failure
        }
    }
}

extension TraceReader {
    /// Bytes that are read at once.
    private static let chunk = 1 << 20

    /// Reads the whole of a file as the next one of the trace.
    fileprivate mutating func read(file path: String, in folder: String?) throws(FileFault) {
        let handle: FileHandle
        do throws(Failure) {
            handle = try Console.open(path)
        } catch {
            throw .failed(error)
        }
        do {
            let name =
                folder.map { String(path.dropFirst($0.count + 1)) }
                ?? URL(fileURLWithPath: Console.name(of: path)).lastPathComponent
            try begin(file: name)
            let first = try handle.read(upToCount: Self.chunk).map { [UInt8]($0) } ?? []
            if GzipStream.isGzip(first) {
                try read(gzip: first, handle)
            } else {
                try read(first)
                while let bytes = try handle.read(upToCount: Self.chunk), !bytes.isEmpty {
                    try read([UInt8](bytes))
                }
            }
            try endFile()
        } catch let error as WorkloadError {
            throw .unread(error)
        } catch {
            throw .failed(
                Failure(
                    ToolExit.readWrite,
                    "\(Console.name(of: path)): cannot be read: \(Console.reason(error))."))
        }
    }

    private mutating func read(gzip first: [UInt8], _ handle: FileHandle) throws {
        var isFirst = true
        var stream = GzipStream { () throws(WorkloadError) in
            defer { isFirst = false }
            if isFirst { return first }
            do {
                return try handle.read(upToCount: Self.chunk).map { [UInt8]($0) } ?? []
            } catch {
                throw .badEncoding(found: "gzip that cannot be read (\(Console.reason(error)))")
            }
        }
        while case let bytes = try stream.read(), !bytes.isEmpty { try read(bytes) }
    }
}
