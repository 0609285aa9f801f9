import ArgumentParser
import Catalog
import CostModeling
import Foundation
import Planning
import Reporting
import ServingDomain

struct TuneCommand: SimulatingCommand {
    static let configuration = CommandConfiguration(
        commandName: "tune",
        abstract: "Try settings of policy and engine on a plan's layout and say what they gain.",
        discussion: """
            One setting after the other is swept over the same sessions; what looks best is compared \
            with the plan's own settings on other sessions. Exit code 0.
            """)

    @OptionGroup var planned: PlannedOptions

    @OptionGroup var format: OutputOptions
    @OptionGroup var runs: CacheOption
    @OptionGroup var common: CommonOptions

    mutating func run() async throws {
        let source = try CaseSource(common)
        let plans = try planned.file
        let (layout, planningCase, loaded) = try planned.chosen(
            of: plans, source, for: "tune")
        loaded.engineRefusals(of: layout).forEach { Console.say("warning: \($0)") }
        let progress = ProgressLine()
        let tuning = await Tuner(
            planningCase: planningCase, costs: loaded.costs, jobs: common.jobCount
        ) { progress.show($0) }.tune(layout)
        progress.clear()
        let document = TuningDocument(tuning: tuning, toolVersion: Version.current)
        try Console.print(result: format.format.render(document))
    }
}
