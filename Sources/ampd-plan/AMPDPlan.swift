import ArgumentParser

/// The front door: parses, reads, calls one function, writes, chooses the exit code.
@main
struct AMPDPlan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ampd-plan",
        abstract: "Plans prefill/decode deployments for multi-round LLM sessions, offline.",
        discussion: """
            Exit codes: 0 done; 1 negative verdict (check failed, or no plan meets the targets); \
            3 undecided; 64 usage; 65 bad data; 66 input missing; 70 internal fault; 74 read or \
            write error; 130 interrupted.
            """,
        version: Version.text,
        subcommands: [
            InitCommand.self, PlanCommand.self, ExplainCommand.self, ReportCommand.self,
            TuneCommand.self, SimulateCommand.self, CheckCommand.self, ExportCommand.self,
            CompareCommand.self,
            ProfileCommand.self,
            PolicyTableCommand.self, ValidateCommand.self, CalibrateCommand.self,
            WorkloadCommand.self,
            ListCommand.self, SchemaCommand.self, DoctorCommand.self, ManualCommand.self,
        ])

    /// One label for the parser's messages and our own.
    static var _errorLabel: String { "error" }

    static func main() async {
        do {
            var command = try parseAsRoot()
            if let command = command as? any ToolCommand { Console.speak(command.common.voice) }
            try Console.checkInputs(of: CommandLine.arguments)
            if var command = command as? any SimulatingCommand {
                try await command.runKnowingRuns()
            } else if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            guard let failure = failure(behind: error) else { exit(withError: error) }
            Console.sayError(failure.description)
            exit(withError: failure.code)
        }
    }

    /// What an error ends the tool with: one that nobody foresaw is a fault of the tool.
    ///
    /// - Parameter error: of a command.
    /// - Returns: nil for verdicts, and for errors that the parser of arguments has words for.
    static func failure(behind error: any Error) -> Failure? {
        if let failure = error as? Failure { return failure }
        guard !(error is ExitCode), exitCode(for: error) == .failure else { return nil }
        return Failure(
            ToolExit.internalFault,
            "a fault of ampd-plan itself: \(error). Please report it with the command line.")
    }
}
