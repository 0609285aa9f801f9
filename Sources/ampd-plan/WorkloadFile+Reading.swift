import Catalog
import ServingDomain

extension WorkloadFile {
    /// The trace that a workload file names; nil for laws.
    static func namedTrace(in path: String) throws(Failure) -> NamedTrace? {
        do {
            return try trace(path: path)
        } catch {
            throw Failure(error)
        }
    }

    /// A workload file of laws.
    static func laws(in path: String) throws(Failure) -> Self {
        let bytes = [UInt8](try Console.read(path))
        do {
            return try read(bytes: bytes, fileName: Console.name(of: path))
        } catch {
            throw Failure(error)
        }
    }
}
