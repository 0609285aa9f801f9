import ArgumentParser
import Reporting

struct DoctorCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check what the tool needs: solver, database, folders, built-in facts.",
        discussion: """
            Nothing is changed. Exit code 0 when all works, 1 when something is broken; each line says \
            what to do about it.
            """)

    @OptionGroup var format: OutputOptions
    @OptionGroup var runs: CacheOption
    @OptionGroup var common: CommonOptions

    mutating func run() throws {
        let report = HealthReport(
            checks: HealthCheck.program(jobs: common.jobCount) + [.solver(), .database()]
                + HealthCheck.stores(common, cache: runs.path)
                + HealthCheck.folders(store: common.storePath, cache: runs.path)
                + HealthCheck.facts(common))
        try Console.print(result: format.format.render(report))
        throw report.state == .error ? ToolExit.negative : .success
    }
}
