import ArgumentParser
import Catalog
import Reporting
import ServingDomain
import Workloads

struct WorkloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workload",
        abstract: "Traces of sessions: what they are like.",
        subcommands: [WorkloadDescribeCommand.self])
}

struct WorkloadDescribeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Tell sessions, rounds, lengths, gaps and arrivals of a trace.",
        discussion: """
            Figures are exact, over the calls as the trace has them (docs/traces.md): percentiles by \
            linear interpolation, gaps within 0.025 %. What the format cannot tell is said, and its \
            figures are missing.
            """)

    @Argument(help: "Trace, or a folder with the files of one.")
    var trace: String

    @Option(
        help: ArgumentHelp(
            "Format of the trace; auto looks at its first line. One of "
                + TraceFormat.allCases.map(\.rawValue).joined(separator: ", ") + "."),
        transform: WorkloadDescribeCommand.format)
    var format: TraceFormat = .auto

    @OptionGroup var output: OutputOptions
    @OptionGroup var common: CommonOptions

    mutating func run() throws {
        let trace = try RecordedTrace.read(trace, format, for: .figures)
        Console.say("format: \(trace.format.rawValue)")
        trace.notes.forEach { Console.say("note: \($0)") }
        let document = WorkloadDescription(trace, toolVersion: Version.current)
        try Console.print(result: output.format.render(document.table, or: document.value))
    }

    private static func format(_ text: String) throws -> TraceFormat {
        guard let format = TraceFormat(rawValue: text.replacing("-", with: "_")) else {
            throw ValidationError("no format is called '\(text)'; see --help for their names.")
        }
        return format
    }
}
