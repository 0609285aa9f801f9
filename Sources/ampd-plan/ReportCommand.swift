import ArgumentParser
import Catalog
import CostModeling
import Foundation
import Planning
import Reporting
import ServingDomain

struct ReportCommand: SimulatingCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Show a plan from every side: a page, Markdown or text with figures.",
        discussion: """
            The plan's own case is simulated again: frontier of the plans, attainment against rate, \
            P95 of each split of the GPUs, where the time to the first token goes, distributions, \
            cost functions, utilisation and robustness (docs/report.md). Exit code 0 where the report \
            is written, whatever it says.
            """)

    @OptionGroup var planned: PlannedOptions

    @Option(help: "Write the report to this file: .html, .md or .txt.", completion: .anyFile)
    var output: String?

    @Option(
        name: .customLong("as"),
        help: "html, md or text. Default: by the name of --output, else text.")
    var form: ReportForm?

    @Option(
        help: ArgumentHelp(
            "Write each figure as NAME.csv and, where it is drawn, NAME.svg into this folder.",
            valueName: "folder"), completion: .anyFile)
    var figures: String?

    @Flag(help: "Let --figures replace files that are there.")
    var force = false

    @Flag(help: "Draw text and Markdown with ASCII alone.")
    var ascii = false

    @OptionGroup var runs: CacheOption
    @OptionGroup var common: CommonOptions

    mutating func run() async throws {
        guard figures != nil || !force else {
            throw Failure(
                ToolExit.usage, "--force: lets --figures replace files; give both or neither.")
        }
        let form = try chosenForm()
        let file = try output.map { path throws(Failure) in
            try OutputFile(path, option: "--output")
        }
        let folder = try figures.map { path throws(Failure) in
            try OutputFolder(
                path, option: "--figures",
                for: PlanFigures.ids.flatMap { ["\($0).csv", "\($0).svg"] }, overwriting: force)
        }
        let report = try await made()
        try folder?.write(report.figures.flatMap(\.files))
        let text =
            switch form {
            case .html: report.html
            case .md: report.markdown(isASCII: ascii)
            case .text: report.text(isASCII: ascii)
            }
        if let file { try file.write(Data(text.utf8)) } else { try Console.print(result: text) }
    }

    /// The form that is asked for, else that of the file.
    private func chosenForm() throws(Failure) -> ReportForm {
        let told = output.map(ReportForm.init(path:)) ?? .text
        guard let form = form ?? told else {
            throw Failure(
                ToolExit.usage,
                "--output \(output ?? ""): the name does not tell the form; expected .html, .md or "
                    + ".txt, or --as.")
        }
        guard form != .html || !ascii else {
            throw Failure(
                ToolExit.usage,
                "--ascii: draws text and Markdown, and the report is html; leave it out."
            )
        }
        return form
    }

    private func made() async throws -> PlanReport {
        let source = try CaseSource(common)
        let plans = try planned.file
        let rank = planned.rank(in: plans)
        let asked = try plans.deployment(rank: rank)
        let draft = try planned.draft(of: plans, .upToThePlan, source)
        let engines = draft.engine.behaviour
        let chosen = engines.countingEngines(asked)
        let others = try plans.deployments.map(engines.countingEngines)
        let loaded = try source.load(
            draft, kinds: draft.searchedKinds(and: [chosen] + others),
            runnable: planned.place.runnable)
        let planningCase = try loaded.searchable(for: "report")
        planned.warn(of: loaded, plans)
        try loaded.refuse(chosen)
        let study = await study(chosen, others, loaded, planningCase, try samples(loaded))
        return PlanReport(
            study: study, costs: loaded.costs, provenance: try loaded.provenance,
            notes: plans.notes(on: loaded))
    }

    private func study(
        _ chosen: Deployment, _ others: [Deployment], _ loaded: LoadedCase,
        _ planningCase: Case, _ samples: OperatorSamples
    ) async -> PlanStudy {
        let progress = ProgressLine()
        let study = await StudyRuns(
            planningCase: planningCase, costs: loaded.costs, samples: samples,
            slowness: loaded.interval.map(Stress.Slowness.init) ?? .assumed, jobs: common.jobCount
        ) { progress.show($0) }.study(
            chosen, among: others.filter { loaded.obstacles(to: $0).isEmpty })
        progress.clear()
        return study
    }

    /// Timings of the operators of the case, where the store keeps some of its first pool.
    private func samples(_ loaded: LoadedCase) throws(Failure) -> OperatorSamples {
        guard let recipe = loaded.recipe, let planningCase = loaded.planningCase else {
            return OperatorSamples()
        }
        let fit = recipe.resolver.fit
        let stored = try StoredProfile(
            gpu: planningCase.hardware.name, engine: planningCase.engine, common: common)
        // What nobody took is not shown, for the costs do not rest on it.
        guard let stored, stored.isMeasured || fit.trust == .analytic else {
            return OperatorSamples(fit: fit)
        }
        return OperatorSamples(fit: fit, try stored.samples(of: Set(fit.shapes)))
    }
}

extension Figure {
    /// Its table, and its drawing where it has one.
    fileprivate var files: [OutputFolder.File] {
        let table = OutputFolder.File(name: "\(id).csv", text: table.csv)
        return [table] + (svg.map { [OutputFolder.File(name: "\(id).svg", text: $0)] } ?? [])
    }
}

/// Forms that a report is written in.
enum ReportForm: String, ExpressibleByArgument, CaseIterable {
    case html
    case md
    case text

    /// By the ending of a file's name; nil for others.
    init?(path: String) {
        switch path.split(separator: ".").last?.lowercased() {
        case "html", "htm": self = .html
        case "md", "markdown": self = .md
        case "txt": self = .text
        default: return nil
        }
    }
}
