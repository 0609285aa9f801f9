import Foundation
import Reporting
import Simulation

/// The file of `--rounds-out`: one line per round, written while the simulation goes on.
///
/// Lines are gathered in a file without a name, so that an interrupted run leaves nothing behind,
/// and the whole goes to its place at the end.
final class RoundsFile {
    private static let option = "--rounds-out"
    private static let bufferSize = 1 << 16

    private let target: OutputFile
    private let form: RoundListing.Form
    private var listing: RoundListing
    private let spool: FileHandle
    private var buffer = Data()
    private var failure: Failure?

    /// The ending of the path, `.csv` or `.jsonl`, decides the form.
    init(path: String) throws(Failure) {
        guard
            let form = RoundListing.Form.allCases.first(where: { path.hasSuffix("." + $0.rawValue) }
            )
        else {
            throw Failure(
                ToolExit.usage,
                "\(Self.option) \(path): the name tells the form; end it in .csv or .jsonl.")
        }
        target = try OutputFile(path, option: Self.option)
        self.form = form
        listing = RoundListing(form)
        spool = try Self.namelessFile()
    }

    /// Begins the lines, whose sessions belong to these tenants.
    func begin(tenants: [String]) {
        listing = RoundListing(form, tenants: tenants)
        append(listing.header)
    }

    /// Adds a round; what goes wrong is told by `close`.
    func add(_ round: RoundOutcome, replication: Int) {
        append(listing.line(round, replication: replication))
    }

    /// Puts the file in its place.
    func close() throws(Failure) {
        flush()
        if let failure { throw failure }
        try target.write(from: spool)
    }

    private func append(_ text: String) {
        buffer.append(contentsOf: text.utf8)
        if buffer.count >= Self.bufferSize { flush() }
    }

    private func flush() {
        guard failure == nil else { return }
        do {
            try spool.write(contentsOf: buffer)
        } catch {
            failure = Failure(
                ToolExit.readWrite,
                "\(Self.option): no room for the rounds in "
                    + "\(FileManager.default.temporaryDirectory.path): \(Console.reason(error)).")
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private static func namelessFile() throws(Failure) -> FileHandle {
        let place = FileManager.default.temporaryDirectory
            .appending(component: "ampd-plan-rounds-\(UUID().uuidString)")
        let descriptor = open(place.path, O_RDWR | O_CREAT | O_EXCL, 0o600)
        guard descriptor >= 0 else {
            throw Failure(
                ToolExit.readWrite,
                "\(option): cannot write in \(place.deletingLastPathComponent().path): "
                    + "\(String(cString: strerror(errno)).lowercased()).")
        }
        unlink(place.path)
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }
}
