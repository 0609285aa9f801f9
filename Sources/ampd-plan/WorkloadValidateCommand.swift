import ArgumentParser
import Catalog
import Foundation
import Reporting
import ServingDomain
import Workloads

struct WorkloadValidateCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check that traces and workload files can be read, and fit into a model.",
        discussion: """
            Every file, or every folder, is read whole by itself. The first thing that is wrong in one is told \
            with its line; the others are read all the same. Exit code 0 when all can be used, 65 when \
            one cannot, 1 when sessions outgrow the context window of --model.
            """)

    @Argument(
        help: "Traces, folders that are one trace each, or workload files (.yaml).",
        completion: .anyFile)
    var files: [String]

    @Option(help: "Model whose context window the sessions have to fit into.", completion: .models)
    var model: String?

    @OptionGroup var format: OutputOptions
    @OptionGroup var common: CommonOptions

    mutating func run() throws {
        let window = try model.map { name throws(Failure) in
            try CaseSource(common).catalog.modelOrFailure(name).maxContext
        }
        let checks = files.map { WorkloadFileCheck($0, window: window, seed: common.seed ?? 1) }
        for check in checks { check.tell() }
        let listing = WorkloadCheckListing(
            checks.map(\.row), window: window, toolVersion: Version.current)
        try Console.print(result: format.format.render(listing))
        let codes = checks.compactMap(\.code)
        guard let code = codes.first(where: { $0 != ToolExit.negative }) ?? codes.first else {
            return
        }
        throw code
    }
}

/// One file or folder, read whole.
private struct WorkloadFileCheck {
    /// Sessions that are drawn from laws to see how long they become.
    private static let drawn = 2_000

    let row: WorkloadCheckListing.Row
    /// What to say on standard error.
    let sentence: String
    /// Nil where the file can be used.
    let code: ExitCode?

    init(_ path: String, window: Tokens?, seed: UInt64) {
        let name = Console.name(of: path)
        do throws(Failure) {
            let (kind, sessions, notes) = try Self.read(path, seed: seed)
            let summary = WorkloadSummary(sessions)
            let warning = window.flatMap { summary?.contextWarning(window: $0) }
            row = .init(
                file: name, kind: kind, sessions: sessions.count, rounds: sessions.rounds.count,
                longestContext: summary?.longestContextMax.value,
                verdict: warning == nil ? "ok" : "too long",
                notes: notes + [warning].compactMap { $0 })
            sentence = ([name + ": " + kind] + row.notes.map { "  note: \($0)" })
                .joined(separator: "\n")
            code = warning == nil ? nil : ToolExit.negative
        } catch {
            row = .init(
                file: name, kind: "", sessions: 0, rounds: 0, longestContext: nil,
                verdict: "unusable",
                notes: [error.description])
            sentence = error.description
            code = error.code
        }
    }

    /// Says what was found; an error where the file cannot be used.
    func tell() {
        if row.kind.isEmpty { Console.sayError(sentence) } else { Console.say(sentence) }
    }

    /// What the file is, and its sessions; of laws some that are drawn.
    private static func read(
        _ path: String, seed: UInt64
    ) throws(Failure) -> (kind: String, sessions: SessionTable, notes: [String]) {
        guard path.hasSuffix(".yaml") || path.hasSuffix(".yml") else {
            return try Self.trace(path, .auto)
        }
        let named = try WorkloadFile.namedTrace(in: path)
        if let named { return try Self.trace(named.path, named.format) }
        return try Self.laws(path, seed: seed)
    }

    private static func laws(
        _ path: String, seed: UInt64
    ) throws(Failure) -> (kind: String, sessions: SessionTable, notes: [String]) {
        let file = try WorkloadFile.laws(in: path)
        let rate = file.rate ?? Rate(sessionsPerSecond: 1)
        let sessions = SessionGenerator(
            workload: Workload(
                sessions: .synthetic(file.sessions), rate: rate, arrivals: file.arrivals,
                concurrency: file.concurrency), seed: seed
        ).sessions(count: drawn, rate: rate)
        return (
            "laws", sessions,
            ["Figures are those of \(drawn) sessions that were drawn from the laws."]
        )
    }

    private static func trace(
        _ path: String, _ format: TraceFormat
    ) throws(Failure) -> (kind: String, sessions: SessionTable, notes: [String]) {
        let trace = try RecordedTrace.read([path], format, for: .sessions)
        return (trace.format.rawValue, trace.sessions, trace.notes)
    }
}
