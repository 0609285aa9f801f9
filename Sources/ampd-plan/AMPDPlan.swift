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
        } catch let failure as Failure {
            Console.sayError(failure.description)
            exit(withError: failure.code)
        } catch {
            exit(withError: error)
        }
    }
}
