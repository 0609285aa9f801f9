import Catalog
import Foundation
import Workloads

extension RecordedTrace {
    /// Reads the file of a trace.
    ///
    /// - Throws: 66 where it is missing, 65 with the line where it is wrong.
    static func read(_ path: String, _ format: CaseDraft.TraceFormat) throws(Failure) -> Self {
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
}
