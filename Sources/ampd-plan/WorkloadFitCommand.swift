import ArgumentParser
import Catalog
import Foundation
import Reporting
import ServingDomain
import Workloads

struct WorkloadFitCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "fit",
        abstract: "Find laws that sessions of a trace follow.",
        discussion: """
            Every quantity gets the likeliest law of the family with the least information criterion; \
            where none comes near enough, a table of its quantiles (docs/workloads.md). The laws go to \
            a workload file, which cases take as workload.file and `synth` draws from. Where whole \
            prompts of sessions drawn from them are far from those of the trace, the file names whole \
            sessions instead, which go to a .sessions.jsonl beside it.
            """)

    /// What the workload file holds.
    enum Drawn: String, ExpressibleByArgument, CaseIterable {
        case auto
        case laws
        case whole
    }

    @OptionGroup var trace: TraceArguments

    @Option(help: "File for the laws (.yaml).", completion: .anyFile)
    var output: String

    @Option(
        help: ArgumentHelp(
            "What is drawn: laws of each quantity, whole sessions of the trace, or auto, which takes these "
                + "where laws miss the median of whole prompts by more than 5 % or their P95 by more than 10 %."
        ))
    var sessions: Drawn = .auto

    @OptionGroup var format: OutputOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard output.hasSuffix(".yaml") || output.hasSuffix(".yml") else {
            throw ValidationError(
                "--output: found '\(output)', expected a name that ends in .yaml.")
        }
    }

    mutating func run() throws {
        let files = try FitFiles(output, namesSessions: sessions != .laws)
        try refuseFolders()
        // What comes through a pipe comes once.
        let keepsSessions = sessions == .whole || sessions == .auto && trace.files.contains("-")
        let read = try trace.read(for: keepsSessions ? .sessions : .figures)
        guard read.statistics.sessions > 0, read.statistics.calls > 0 else {
            throw Failure(
                ToolExit.badData,
                "\(Console.name(of: trace.files[0])): holds figures of requests and no requests "
                    + "(\(read.format.rawValue)), and laws are fitted to requests.")
        }
        let fit = WorkloadFit(read.statistics)
        var whole: WholeSessions?
        if sessions == .whole || sessions == .auto && fit.missedPrompts != nil {
            let found = WholeSessions(
                try keepsSessions ? read : trace.again(for: .sessions), fit,
                beside: files.sessionsName)
            if sessions == .whole || fit.isFarther(than: found) { whole = found }
        }
        let document = WorkloadFitDocument(
            fit, of: read, whole: whole, file: output, toolVersion: Version.current)
        document.notes.forEach { Console.say("note: \($0)") }
        let name = URL(fileURLWithPath: Console.name(of: trace.files[0])).lastPathComponent
        try files.write(
            fit, whole, source: WorkloadFitDocument.source(of: read, whole, named: name))
        try Console.print(result: format.format.render(document))
    }

    /// A file in the folder of a trace would be one of the trace the next time.
    private func refuseFolders() throws(Failure) {
        let target = URL(fileURLWithPath: output).resolvingSymlinksInPath().path
        for file in trace.files where file != "-" {
            let folder = URL(fileURLWithPath: file).resolvingSymlinksInPath().path
            guard target.hasPrefix(folder + "/") else { continue }
            throw Failure(
                ToolExit.usage,
                "--output \(output): lies in \(file), which is read as a trace; name a file elsewhere."
            )
        }
    }
}

/// A workload file, and the sessions beside it where it names some.
private struct FitFiles {
    private let workload: OutputFile
    private let sessions: OutputFile?
    private let name: String
    let sessionsName: String

    init(_ path: String, namesSessions: Bool) throws(Failure) {
        let url = URL(fileURLWithPath: path)
        name = url.deletingPathExtension().lastPathComponent
        sessionsName = name + ".sessions.jsonl"
        workload = try OutputFile(path, option: "--output")
        let folder = path.dropLast(url.lastPathComponent.count)
        sessions =
            namesSessions ? try OutputFile(folder + sessionsName, option: "--output") : nil
    }

    /// Writes the sessions first, so that a workload file never names what is not there.
    func write(
        _ fit: WorkloadFit, _ whole: WholeSessions?, source: String
    ) throws(Failure) {
        let found = whole.map(\.arrivals) ?? fit.arrivals
        let (arrivals, rate) = (found?.arrivals ?? .poisson, found?.statedRate)
        var yaml = WorkloadFile(
            name: name, source: source, sessions: fit.sessions, arrivals: arrivals, rate: rate
        ).yaml
        if let whole {
            var text = Data()
            for line in SessionLines(whole.table) { text.append(contentsOf: line.utf8) }
            try sessions?.write(text)
            yaml = WorkloadFile.naming(
                NamedTrace(
                    path: sessionsName, format: .sessionsJSONL, arrivals: arrivals, rate: rate),
                name: name, source: source)
        }
        try workload.write(Data(yaml.utf8))
    }
}
