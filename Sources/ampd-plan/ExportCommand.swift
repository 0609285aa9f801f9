import ArgumentParser
import Catalog
import Deploying
import Foundation
import Planning
import Reporting
import ServingDomain

struct ExportCommand: SimulatingCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a plan as manifests or launch scripts.",
        discussion: """
            Every export but bench and endpoint-picker is read again and has to give the plan's layout \
            back. Exit code 1 when a rule keeps the plan from being written for the target.
            """)

    @OptionGroup var planned: PlannedOptions

    @Option(name: .customLong("target"), help: "What to write for.")
    var wanted: TargetArgument

    @Option(
        help: "Folder for the files; it is created where there is none.", completion: .directory)
    var output: String

    @Flag(help: "Overwrite files that are already there.")
    var force = false

    @OptionGroup var names: ExportNames
    @OptionGroup var format: OutputOptions
    @OptionGroup var runs: CacheOption
    @OptionGroup var common: CommonOptions

    private var target: ExportTarget { wanted.target }

    mutating func run() async throws {
        try names.checkUse(for: target)
        let source = try CaseSource(common)
        let plans = try planned.file
        let (layout, planningCase, loaded) = try planned.chosen(
            of: plans, source, for: "export")
        try names.checkUse(for: target, of: layout)
        let plan = ExportPlan(
            planningCase: planningCase, layout: layout,
            model: names.model(of: loaded.draft, source.catalog),
            checkpoint: names.checkpoint(of: loaded.draft, source.catalog),
            image: try names.image(for: target, planningCase.engine, source.catalog),
            digest: plans.digest, toolVersion: Version.current)
        var options = names.options
        var export = try written(plan, options)
        let folder = try OutputFolder(
            output, option: "--output", for: export.files.map(\.name), overwriting: force)
        if target == .endpointPicker {
            options.threshold = await threshold(plan, loaded)
            export = try written(plan, options)
        }
        try folder.write(
            export.files.map {
                OutputFolder.File(name: $0.name, text: $0.text, isExecutable: $0.isExecutable)
            })
        if plans.plan(rank: planned.rank(in: plans))["verdict"] == "fail" {
            Console.say(
                "warning: \(layout) does not meet the targets of its case; see the plan")
        }
        export.warnings.forEach { Console.say("warning: \($0.rule.id): \($0.message)") }
        let listing = ExportListing(
            folder: output, files: export.files.map { ($0.name, $0.text.utf8.count) },
            target: target,
            layout: layout)
        try Console.print(result: format.format.render(listing))
    }

    private func written(
        _ plan: ExportPlan, _ options: ExportOptions
    ) throws(Failure) -> Export {
        do {
            return try plan.export(for: target, options)
        } catch {
            let reasons = error.findings.map { "\($0.rule.id): \($0.message)" }
            throw Failure(
                ToolExit.negative,
                "the plan is not written for \(target.rawValue): "
                    + reasons.joined(separator: "; ") + ".")
        }
    }

    /// The threshold that served the plan's sessions best, found by simulating; nil for none.
    private func threshold(
        _ plan: ExportPlan, _ loaded: LoadedCase
    ) async -> Int? {
        let progress = ProgressLine()
        let found = await Tuner(
            planningCase: plan.planningCase, costs: loaded.costs, jobs: common.jobCount
        ) { progress.show($0) }.threshold(plan.layout)
        progress.clear()
        return found.map { Int($0.sweep.chosen) }.flatMap { $0 > 0 ? $0 : nil }
    }
}

/// One of the targets of an export.
struct TargetArgument: ExpressibleByArgument {
    let target: ExportTarget

    init?(argument: String) {
        guard let target = ExportTarget(rawValue: argument) else { return nil }
        self.target = target
    }

    static let allValueStrings = ExportTarget.allCases.map(\.rawValue)
    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}
