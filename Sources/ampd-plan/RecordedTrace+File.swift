import Catalog
import Foundation
import Workloads

extension RecordedTrace {
    /// Reads the file of a trace, or the one file of a folder that is no text about it.
    ///
    /// - Throws: 66 where it is missing, 65 with the line where it is wrong, or where a folder does not
    ///   hold one trace.
    static func read(_ path: String, _ format: CaseDraft.TraceFormat) throws(Failure) -> Self {
        let path = try onlyTrace(path)
        var reader = TraceReader(format: format.readerFormat)
        do {
            try reader.read([UInt8](Console.read(path)))
            return try reader.finish()
        } catch let error as WorkloadError {
            throw Failure(ToolExit.badData, "\(path): \(error.description)")
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(ToolExit.internalFault, "\(path): \(error)")
        }
    }

    /// Files beside a trace that are about it.
    private static func isAbout(_ name: String) -> Bool {
        name.hasPrefix(".") || name.lowercased().hasPrefix("readme") || name == "stats.json"
            || name.lowercased().hasPrefix("licen")
    }

    private static func onlyTrace(_ path: String) throws(Failure) -> String {
        let files = FileManager.default
        var isFolder = ObjCBool(false)
        guard files.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
            return path
        }
        let names = ((try? files.contentsOfDirectory(atPath: path)) ?? []).sorted()
            .filter { !isAbout($0) }
        guard names.count == 1 else {
            throw Failure(
                ToolExit.badData,
                "\(path): found \(names.count) files (\(names.prefix(5).joined(separator: ", "))), "
                    + "expected one trace; name it.")
        }
        return path + "/" + names[0]
    }
}
