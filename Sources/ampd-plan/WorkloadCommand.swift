import ArgumentParser
import Catalog
import Foundation
import Reporting
import ServingDomain
import Workloads

struct WorkloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workload",
        abstract: "Traces of sessions: what they are like, parts of them, and laws like them.",
        subcommands: [
            WorkloadDescribeCommand.self, WorkloadImportCommand.self, WorkloadSliceCommand.self,
            WorkloadScaleCommand.self, WorkloadMixCommand.self, WorkloadValidateCommand.self,
            WorkloadFitCommand.self,
            WorkloadSynthCommand.self,
        ])
}

/// Which files are a trace, and in which format.
struct TraceArguments: ParsableArguments {
    @Argument(
        help: "Files of a trace, or folders with them; gzip is unpacked.", completion: .anyFile)
    var files: [String]

    @Option(
        help: ArgumentHelp(
            "Format of the trace; auto looks at its content. One of "
                + TraceFormat.allCases.map(\.rawValue).joined(separator: ", ") + "."),
        completion: .list(TraceFormat.allCases.map(\.rawValue)), transform: TraceArguments.format)
    var format: TraceFormat = .auto

    @Option(
        help:
            "Characters that a token of a text stands for, where a trace has texts and no counts.",
        transform: TraceArguments.characters)
    var charactersPerToken: Double?

    @Option(
        help: ArgumentHelp(
            "tokenizer.json of the model (byte pairs), which counts the tokens of such texts instead.",
            valueName: "file"), completion: .anyFile)
    var tokenizer: String?

    func validate() throws {
        guard tokenizer == nil || charactersPerToken == nil else {
            throw ValidationError(
                "--tokenizer and --characters-per-token: expected one of them, for both count texts."
            )
        }
    }

    /// The trace, with what was assumed told on standard error.
    func read(for purpose: TracePurpose) throws(Failure) -> RecordedTrace {
        let trace = try again(for: purpose)
        Console.say("format: \(trace.format.rawValue)")
        trace.notes.forEach { Console.say("note: \($0)") }
        return trace
    }

    /// The trace, of which everything has been told.
    func again(for purpose: TracePurpose) throws(Failure) -> RecordedTrace {
        let named = try traces()
        return try RecordedTrace.read(
            named.paths, named.format, for: purpose, counting: try counter())
    }

    /// The files, and in place of a workload file the trace that it names.
    private func traces() throws(Failure) -> (paths: [String], format: TraceFormat) {
        var (paths, formats) = ([String](), Set([format]))
        for file in files {
            guard file.hasSuffix(".yaml") || file.hasSuffix(".yml") else {
                paths.append(file)
                continue
            }
            guard let named = try WorkloadFile.namedTrace(in: file) else {
                throw Failure(
                    ToolExit.badData,
                    "\(file): holds laws, expected a trace; `workload synth` draws sessions from it."
                )
            }
            paths.append(named.path)
            formats.insert(named.format)
        }
        formats.remove(.auto)
        return (paths, format == .auto && formats.count == 1 ? formats.first ?? .auto : format)
    }

    private func counter() throws(Failure) -> TokenCounter {
        guard let tokenizer else {
            return TokenCounter(charactersPerToken: charactersPerToken ?? 4)
        }
        let bytes = [UInt8](try Console.read(tokenizer))
        do {
            return try TokenCounter(
                tokenizer: bytes, named: URL(fileURLWithPath: tokenizer).lastPathComponent)
        } catch {
            throw Failure(ToolExit.badData, "\(Console.name(of: tokenizer)): \(error)")
        }
    }

    private static func characters(_ text: String) throws -> Double {
        guard let number = Double(text), (0.1...100).contains(number) else {
            throw ValidationError("expected a number from 0.1 to 100, for example 3.5.")
        }
        return number
    }

    private static func format(_ text: String) throws -> TraceFormat {
        guard let format = TraceFormat(rawValue: text.replacing("-", with: "_")) else {
            throw ValidationError("no format is called '\(text)'; see --help for their names.")
        }
        return format
    }
}

struct WorkloadDescribeCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Tell sessions, rounds, lengths, gaps and arrivals of a trace.",
        discussion: """
            Figures are exact, over the calls as the trace has them (docs/traces.md): percentiles by \
            linear interpolation, gaps within 0.025 %. What the format cannot tell is said, and its \
            figures are missing.
            """)

    @OptionGroup var trace: TraceArguments

    @Option(
        name: [.customShort("o"), .customLong("output-format")],
        help: "Form of the answer on standard output; html has the distributions.")
    var form: PageForm = .table

    @OptionGroup var common: CommonOptions

    mutating func run() throws {
        let trace = try trace.read(for: .figures)
        guard let plain = form.plain else {
            return try Console.print(
                result: WorkloadPage(trace, toolVersion: Version.current).html)
        }
        let document = WorkloadDescription(trace, toolVersion: Version.current)
        try Console.print(result: plain.render(document))
    }
}
