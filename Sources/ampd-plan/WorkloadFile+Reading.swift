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

    /// What a workload file holds.
    enum Content {
        case laws(WorkloadFile)
        case trace(NamedTrace)
    }

    /// A workload file, which may come through a pipe: then paths begin at the current folder.
    static func content(of path: String) throws(Failure) -> Content {
        let (bytes, name) = ([UInt8](try Console.read(path)), Console.name(of: path))
        do {
            if let trace = try trace(bytes: bytes, fileName: name) { return .trace(trace) }
            return .laws(try read(bytes: bytes, fileName: name))
        } catch {
            throw Failure(error)
        }
    }
}
