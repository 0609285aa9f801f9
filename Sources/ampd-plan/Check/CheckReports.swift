import ArgumentParser
import Foundation
import Reporting

/// Further forms of a check's answer, each in a file of its own.
struct CheckReports: ParsableArguments {
    @Option(
        name: .customLong("report"),
        help: ArgumentHelp(
            "Report as KIND=PATH, may be repeated; KIND is json, junit, sarif, markdown, github or "
                + "codequality, PATH may be - for standard error.", valueName: "kind=path"))
    var wanted: [Wanted] = []

    /// One report and where it goes.
    struct Wanted: ExpressibleByArgument {
        let kind: CheckReportKind
        let path: String

        init?(argument: String) {
            let sides = argument.split(separator: "=", maxSplits: 1).map(String.init)
            guard sides.count == 2, let kind = CheckReportKind(rawValue: sides[0]) else {
                return nil
            }
            self.kind = kind
            path = sides[1]
        }
    }

    /// A report with its file, checked before long work.
    struct Report {
        let kind: CheckReportKind
        let file: OutputFile?

        func write(_ document: CheckDocument) throws(Failure) {
            let text: String
            do {
                text = try document.text(kind)
            } catch {
                throw Failure(ToolExit.internalFault, "the report cannot be encoded: \(error)")
            }
            guard let file else { return Console.report(text) }
            try file.write(Data(text.utf8))
        }
    }

    func files() throws(Failure) -> [Report] {
        var found: [Report] = []
        for one in wanted {
            let file =
                one.path == "-"
                ? nil : try OutputFile(one.path, option: "--report \(one.kind.rawValue)")
            if let file, found.contains(where: { $0.file?.isSame(as: file) ?? false }) {
                throw Failure(
                    ToolExit.usage,
                    "--report \(one.kind.rawValue)=\(one.path): another report goes there already; "
                        + "name another file.")
            }
            found.append(Report(kind: one.kind, file: file))
        }
        return found
    }
}
