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
        let folder = try OutputFolder(output, option: "--output")
        let source = try CaseSource(common)
        let plans = try planned.file
        let (layout, planningCase, loaded) = try planned.chosen(
            of: plans, source, for: "export")
        let plan = ExportPlan(
            planningCase: planningCase, layout: layout,
            model: names.model(of: loaded.draft, source.catalog),
            image: try names.image(for: target, planningCase.engine, source.catalog),
            digest: plans.digest, toolVersion: Version.current)
        var options = names.options
        if target == .endpointPicker { options.threshold = try await threshold(plan, loaded) }
        let export = try written(plan, options)
        try folder.write(
            export.files.map { ($0.name, $0.text, $0.isExecutable) }, overwriting: force)
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
    ) async throws(Failure) -> Int? {
        let progress = ProgressLine()
        let found = await Tuner(
            planningCase: plan.planningCase, costs: loaded.costs, jobs: common.jobCount
        ) { progress.show($0) }.threshold(plan.layout)
        progress.clear()
        guard let found else {
            throw Failure(
                ToolExit.negative,
                "the plan is not written for \(target.rawValue): A053: the layout has no prefill "
                    + "workers, or its engine does not prefill on decode workers.")
        }
        let tokens = Int(found.sweep.chosen)
        return tokens > 0 ? tokens : nil
    }
}

/// Names in manifests that the plan may leave open.
struct ExportNames: ParsableArguments {
    @Option(help: "Image of the engine. Default: engine.image of the case, else the public one.")
    var image: String?

    @Option(
        name: .customLong("model-id"),
        help: "Model as the engine loads it. Default: the name that the model is published under.")
    var modelID: String?

    @Option(help: "Image of llm-d's sidecar beside decode workers.")
    var sidecarImage = ExportOptions.usualSidecar

    @Option(help: "Kubernetes secret with the token for the model.")
    var secret = "hf-token-secret"

    @Option(
        name: .customLong("api-version"), help: "Version of DynamoGraphDeployment.")
    var version = DynamoVersion.v1beta1

    enum DynamoVersion: String, ExpressibleByArgument, CaseIterable {
        case v1beta1
        case v1alpha1
    }

    var options: ExportOptions {
        ExportOptions(
            usesAlpha: version == .v1alpha1, sidecarImage: sidecarImage, secretName: secret)
    }

    func model(of draft: CaseDraft, _ catalog: Catalog) -> String {
        let name = draft.platform?.model.name ?? draft.name
        return modelID ?? catalog.publishedName(ofModel: name) ?? name
    }

    func image(
        for target: ExportTarget, _ engine: Engine, _ catalog: Catalog
    ) throws(Failure) -> String? {
        if let known = image ?? engine.image { return known }
        let images: EngineImages?
        do {
            images = try catalog.engine(named: engine.name).images
        } catch {
            throw Failure(error)
        }
        guard let images, target.needsImage else { return nil }
        let found =
            target == .dynamo ? images.dynamo : images.engine(version: engine.version)
        if let found {
            Console.say(
                "note: image \(found), for neither --image nor engine.image is given")
        }
        return found
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
