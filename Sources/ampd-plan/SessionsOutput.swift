import ArgumentParser
import Catalog
import Foundation
import Reporting
import ServingDomain
import Workloads

/// Where sessions go to, and the answer about them.
struct SessionsOutput: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "File for the sessions (.jsonl), or for a workload file that names them (.yaml), with the "
                + "sessions beside it."), completion: .anyFile)
    var output: String

    @OptionGroup var format: OutputOptions

    func validate() throws {
        guard [".jsonl", ".yaml", ".yml"].contains(where: output.hasSuffix) else {
            throw ValidationError(
                "--output: found '\(output)', expected a name that ends in .jsonl or .yaml.")
        }
    }

    /// Reads the sessions of a trace, changes them, and writes what came out.
    ///
    /// - Parameters:
    ///   - trace: to be read.
    ///   - change: of its sessions.
    /// - Throws: what `change` throws, and where something cannot be read or written.
    func write(
        _ trace: TraceArguments,
        changed change: (SessionTable) throws(Failure) -> SessionTable = { $0 }
    ) throws(Failure) {
        let files = try SessionFiles(output)
        let read = try trace.read(for: .sessions)
        guard read.sessions.count > 0 else {
            throw Failure(
                ToolExit.badData,
                "\(Console.name(of: trace.files[0])): holds figures of requests and no requests "
                    + "(\(read.format.rawValue)); `workload describe` tells them.")
        }
        let sessions = try change(read.sessions)
        let name = URL(fileURLWithPath: Console.name(of: trace.files[0])).lastPathComponent
        try files.write(sessions, source: "\(name) (\(read.format.rawValue))")
        let summary = ImportedSessions(
            sessions, of: read, file: output, toolVersion: Version.current)
        try Console.print(result: format.format.render(summary))
    }
}

/// A file of sessions, and the workload file that names it where one was asked for.
struct SessionFiles {
    private let lines: OutputFile
    private let linesName: String
    private let workload: OutputFile?
    private let name: String

    /// Files at a path: a `.jsonl`, or a `.yaml` beside which the sessions go to a `.jsonl` of the same
    /// name.
    init(_ path: String) throws(Failure) {
        let url = URL(fileURLWithPath: path)
        name = url.deletingPathExtension().lastPathComponent
        guard !path.hasSuffix(".jsonl") else {
            (lines, linesName) = (
                try OutputFile(path, option: "--output"), url.lastPathComponent
            )
            workload = nil
            return
        }
        workload = try OutputFile(path, option: "--output")
        linesName = name + ".jsonl"
        let folder = path.dropLast(url.lastPathComponent.count)
        lines = try OutputFile(folder + linesName, option: "--output")
    }

    /// Whether one of them is the file at a path.
    func contain(_ path: String) -> Bool {
        let other = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        return [lines, workload].contains { $0?.path == other }
    }

    /// Writes the sessions as our JSONL, then the file that names them.
    func write(_ sessions: SessionTable, source: String) throws(Failure) {
        var text = Data()
        for line in SessionLines(sessions) { text.append(contentsOf: line.utf8) }
        try lines.write(text)
        let yaml = WorkloadFile.naming(
            NamedTrace(path: linesName, format: .sessionsJSONL), name: name, source: source)
        try workload?.write(Data(yaml.utf8))
    }
}
