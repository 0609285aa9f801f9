import Foundation
import Reporting

/// A folder that each figure of a report goes to, as a table and as a drawing.
struct FigureFolder {
    private let path: String

    /// - Parameters:
    ///   - path: of the folder, which is made where only it is missing.
    ///   - replaces: whether files may be there.
    /// - Throws: where a figure could not be written.
    init(_ path: String, replaces: Bool) throws(Failure) {
        self.path = path
        let isNew = try Self.isNew(path)
        guard !isNew else { return }
        for id in PlanFigures.ids {
            for name in ["\(id).csv", "\(id).svg"] {
                let file = path + "/" + name
                if !replaces, FileManager.default.fileExists(atPath: file) {
                    throw Failure(
                        ToolExit.readWrite,
                        "--figures \(path): \(name) is there already; give --force to replace it, "
                            + "or another folder.")
                }
                _ = try OutputFile(file, option: "--figures")
            }
        }
    }

    /// Whether the folder has to be made.
    private static func isNew(_ path: String) throws(Failure) -> Bool {
        var isFolder = ObjCBool(false)
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
            guard isFolder.boolValue else {
                throw Failure(
                    ToolExit.readWrite, "--figures \(path): is a file and no folder; name a folder."
                )
            }
            return false
        }
        // Whether a file could be made there says whether a folder can.
        _ = try OutputFile(path, option: "--figures")
        return true
    }

    func write(_ figures: [Figure]) throws(Failure) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        } catch {
            throw Failure(
                ToolExit.readWrite,
                "--figures \(path): cannot be made: \(Console.reason(error)).")
        }
        for figure in figures {
            try write(figure.table.csv, figure.id + ".csv")
            if let svg = figure.svg { try write(svg, figure.id + ".svg") }
        }
    }

    private func write(_ text: String, _ name: String) throws(Failure) {
        try OutputFile(path + "/" + name, option: "--figures").write(Data(text.utf8))
    }
}
