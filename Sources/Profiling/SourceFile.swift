internal import Crypto
internal import Foundation

/// A file of timings in memory.
struct SourceFile {
    /// Largest file that is read, in bytes.
    static let largest = 1 << 30

    /// As the person gave it, for messages.
    let path: String
    let bytes: [UInt8]
    private let location: URL

    init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
        location = URL(fileURLWithPath: path).standardizedFileURL
    }

    static func read(_ path: String) throws(ProfilingError) -> SourceFile {
        do {
            let attributes = try FileManager.default.attributesOfItem(
                atPath: URL(fileURLWithPath: path).resolvingSymlinksInPath().path)
            let size = (attributes[.size] as? Int) ?? 0
            guard attributes[.type] as? FileAttributeType == .typeRegular else {
                throw ProfilingError.cannotRead(path: path, reason: "it is not a regular file")
            }
            guard size <= largest else {
                throw ProfilingError.cannotRead(
                    path: path, reason: "it is \(size) bytes long, expected at most \(largest)")
            }
            return SourceFile(
                path: path, bytes: [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
        } catch let error as ProfilingError {
            throw error
        } catch {
            throw .cannotRead(path: path, reason: error.localizedDescription)
        }
    }

    /// File name with its extension.
    var name: String { location.lastPathComponent }

    /// File name without its extension.
    var stem: String { location.deletingPathExtension().lastPathComponent }

    /// Names of the folders that the file lies in, outermost first.
    var folders: [String] { location.deletingLastPathComponent().pathComponents }

    /// Files of a name in the same folder and in the one above it, as far as they exist.
    func neighbours(named name: String) -> [String] {
        let folder = location.deletingLastPathComponent()
        return [folder, folder.deletingLastPathComponent()]
            .map { $0.appendingPathComponent(name).path }
            .filter { FileManager.default.fileExists(atPath: $0) }
    }

    var sha256: String { SHA256.hash(data: bytes).hexadecimal }
}

extension SHA256Digest {
    /// Lower-case hexadecimal digits.
    var hexadecimal: String {
        map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
