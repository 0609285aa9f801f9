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
            a workload file, which cases take as workload.file and `synth` draws from.
            """)

    @OptionGroup var trace: TraceArguments

    @Option(help: "File for the laws (.yaml).", completion: .anyFile)
    var output: String

    @OptionGroup var format: OutputOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard output.hasSuffix(".yaml") || output.hasSuffix(".yml") else {
            throw ValidationError(
                "--output: found '\(output)', expected a name that ends in .yaml.")
        }
    }

    mutating func run() throws {
        let file = try OutputFile(output, option: "--output")
        let read = try trace.read(for: .figures)
        guard read.statistics.sessions > 0, read.statistics.calls > 0 else {
            throw Failure(
                ToolExit.badData,
                "\(Console.name(of: trace.files[0])): holds figures of requests and no requests "
                    + "(\(read.format.rawValue)), and laws are fitted to requests.")
        }
        let fit = WorkloadFit(read.statistics)
        fit.notes.forEach { Console.say("note: \($0)") }
        let name = URL(fileURLWithPath: Console.name(of: trace.files[0])).lastPathComponent
        let workload = WorkloadFile(
            name: URL(fileURLWithPath: output).deletingPathExtension().lastPathComponent,
            source: WorkloadFitDocument.source(of: read, named: name), sessions: fit.sessions,
            arrivals: fit.arrivals?.arrivals ?? .poisson, rate: fit.arrivals?.rate)
        try file.write(Data(workload.yaml.utf8))
        let document = WorkloadFitDocument(
            fit, of: read, file: output, toolVersion: Version.current)
        try Console.print(result: format.format.render(document))
    }
}

struct WorkloadSynthCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "synth",
        abstract: "Draw sessions from the laws of a workload file.",
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
        let laws = try read()
        let asked = rate.map { Rate(sessionsPerSecond: $0.sessionsPerSecond) } ?? laws.rate
        if asked == nil, laws.arrivals != .closed {
            Console.say(
                "note: \(Console.name(of: file)) tells no rate_per_s: all sessions arrive at 0; give a --rate, or set "
                    + "workload.rate_per_s in the case.")
        }
        let seed = common.seed ?? 1
        let table = SessionGenerator(
            workload: Workload(
                sessions: .synthetic(laws.sessions), rate: asked ?? .unlimited,
                arrivals: asked == nil ? .closed : laws.arrivals, concurrency: laws.concurrency),
            seed: seed
        ).sessions(count: sessions ?? Self.usual(laws), rate: asked ?? .unlimited)
        try files.write(table, source: "drawn from \(Console.name(of: file)) with seed \(seed)")
        let document = DrawnSessions(
            table, from: Console.name(of: file), file: output.output, seed: seed,
            toolVersion: Version.current)
        try Console.print(
            result: output.format.format.render(document))
    }

    /// Jobs that have about 200,000 rounds.
    private static func usual(_ laws: WorkloadFile) -> Int {
        max(1, Int(200_000 / max(1, laws.sessions.rounds.mean)))
    }

    private func read() throws(Failure) -> WorkloadFile {
        if let known = WorkloadLibrary.named(file) { return known }
        return try WorkloadFile.laws(in: file)
    }
}
