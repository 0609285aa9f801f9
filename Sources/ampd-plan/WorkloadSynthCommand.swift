import ArgumentParser
import Catalog
import Foundation
import Reporting
import ServingDomain
import Workloads

struct WorkloadSynthCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "synth",
        abstract: "Draw sessions from the laws of a workload file, or from those that it names.",
        discussion: """
            The sessions go to a file in our own JSONL (docs/traces.md). Percentiles are told with \
            95 % intervals: the error that so many draws leave.
            """)

    @Argument(
        help: "Workload file (docs/workloads.md), or the name of one of the library.",
        completion: .anyFile)
    var file: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Jobs to draw; a job is a session with all that it starts. Default: as many as have "
                + "about 200,000 rounds."),
        transform: wholeNumber(1...10_000_000))
    var sessions: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Sessions that arrive on average, for example 2/s; that of the file if not given, and "
                + "without either all arrive at 0."),
        transform: RateArgument.parse)
    var rate: RateArgument?

    @OptionGroup var output: SessionsOutput
    @OptionGroup var common: CommonOptions

    mutating func run() throws {
        let files = try SessionFiles(output.output)
        guard !files.contain(file) else {
            throw Failure(
                ToolExit.usage,
                "--output \(output.output): is the file of the laws; name another one.")
        }
        let seed = common.seed ?? 1
        let source = try DrawingSource(file, seed: seed)
        guard !files.contain(source.path) else {
            throw Failure(
                ToolExit.usage,
                "--output \(output.output): is the file of the sessions that are drawn; name another one."
            )
        }
        var workload = source.workload
        let asked = rate.map { Rate(sessionsPerSecond: $0.sessionsPerSecond) } ?? source.rate
        if asked == nil, workload.arrivals != .closed {
            Console.say(
                "note: \(Console.name(of: file)) tells no rate_per_s: all sessions arrive at 0; give a --rate, or set "
                    + "workload.rate_per_s in the case.")
        }
        if asked == nil { workload.arrivals = .closed }
        workload.rate = asked ?? .unlimited
        let table = SessionGenerator(workload: workload, seed: seed)
            .sessions(count: sessions ?? source.usualJobs, rate: workload.rate)
        try files.write(table, source: "drawn from \(Console.name(of: file)) with seed \(seed)")
        let document = DrawnSessions(
            table, from: Console.name(of: file), of: source.recording, file: output.output,
            seed: seed, toolVersion: Version.current)
        document.notes.forEach { Console.say("note: \($0)") }
        try Console.print(
            result: output.format.format.render(document))
    }
}

/// What sessions are drawn from: laws, or whole sessions that a workload file names.
private struct DrawingSource {
    /// Of the sessions, or of the laws.
    let path: String
    /// At a rate of no meaning.
    let workload: Workload
    /// Nil where the file leaves that open.
    let rate: Rate?
    /// Whole sessions that are drawn.
    let recording: SessionTable?

    /// Jobs that have about 200,000 rounds.
    var usualJobs: Int {
        let rounds =
            switch workload.sessions {
            case .synthetic(let laws): laws.rounds.mean
            case .recorded(let table):
                Double(table.rounds.count) / Double(max(1, table.jobCount))
            }
        return max(1, Int(200_000 / max(1, rounds)))
    }

    init(_ file: String, seed: UInt64) throws(Failure) {
        if let known = WorkloadLibrary.named(file) {
            self.init(known, file)
            return
        }
        switch try WorkloadFile.content(of: file) {
        case .laws(let laws): self.init(laws, file)
        case .trace(let named): try self.init(named, seed: seed)
        }
    }

    private init(_ laws: WorkloadFile, _ file: String) {
        path = file
        rate = laws.rate
        recording = nil
        workload = Workload(
            sessions: .synthetic(laws.sessions), rate: .unlimited, arrivals: laws.arrivals,
            concurrency: laws.concurrency)
    }

    private init(_ named: NamedTrace, seed: UInt64) throws(Failure) {
        let trace = try RecordedTrace.read([named.path], named.format, for: .sessions)
        guard trace.sessions.count > 0 else {
            throw Failure(
                ToolExit.badData,
                "\(Console.name(of: named.path)): holds no sessions (\(trace.format.rawValue)), expected some to draw from."
            )
        }
        path = named.path
        rate = named.rate ?? (named.arrivals == .closed ? nil : trace.sessions.meanRate)
        recording = trace.sessions
        let arrivals = named.arrivals(hasTimes: trace.sessions.meanRate != nil)
        // Arrivals that are replayed belong to the order of the recording.
        let sessions =
            arrivals == .replay ? trace.sessions : trace.sessions.shuffled(seed: seed)
        workload = Workload(
            sessions: .recorded(sessions), rate: .unlimited, arrivals: arrivals,
            concurrency: named.concurrency)
    }
}
