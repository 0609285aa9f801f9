import ArgumentParser
import Catalog
import Deploying
import ServingDomain

/// Names in manifests that the plan may leave open.
struct ExportNames: ParsableArguments {
    @Option(help: "Image of the engine. Default: engine.image of the case, else the public one.")
    var image: String?

    @Option(
        name: .customLong("model-id"),
        help: "Model as the engine loads it. Default: the name that the model is published under.")
    var modelID: String?

    @Option(
        help: ArgumentHelp(
            "Image of llm-d's sidecar beside decode workers. Default: "
                + "\(ExportOptions.usualSidecar)."))
    var sidecarImage: String?

    @Option(
        help: ArgumentHelp(
            "Kubernetes secret with the token for the model. Default: "
                + "\(ExportOptions.usualSecret)."))
    var secret: String?

    @Option(
        name: .customLong("api-version"),
        help: "Version of DynamoGraphDeployment. Default: v1beta1.")
    var version: DynamoVersion?

    enum DynamoVersion: String, ExpressibleByArgument, CaseIterable {
        case v1beta1
        case v1alpha1
    }

    var options: ExportOptions {
        ExportOptions(
            usesAlpha: version == .v1alpha1,
            sidecarImage: sidecarImage ?? ExportOptions.usualSidecar,
            secretName: secret ?? ExportOptions.usualSecret)
    }

    /// Refuses what would not reach any file.
    ///
    /// - Parameters:
    ///   - target: of the export.
    ///   - layout: nil before it is known.
    /// - Throws: 64 with the option that has no use.
    func checkUse(for target: ExportTarget, of layout: Deployment? = nil) throws(Failure) {
        func refuse(
            _ option: String, unless isUsed: Bool, _ use: String, of what: String? = nil
        ) throws(Failure) {
            guard !isUsed else { return }
            throw Failure(
                ToolExit.usage,
                "--\(option): \(use), and \(what ?? target.rawValue) has none; leave it out.")
        }
        if version != nil {
            try refuse("api-version", unless: target == .dynamo, "is that of DynamoGraphDeployment")
        }
        if image != nil {
            try refuse("image", unless: target.runsContainers, "is for containers")
        }
        if secret != nil {
            try refuse("secret", unless: target.runsContainers, "is for containers")
        }
        if modelID != nil {
            try refuse("model-id", unless: target != .endpointPicker, "is for engines and clients")
        }
        if sidecarImage != nil {
            let use = "is for the sidecar of decode workers"
            try refuse("sidecar-image", unless: target.hasSidecar, use)
            try refuse(
                "sidecar-image", unless: layout?.prefillGroups.isEmpty != true, use,
                of: "the layout")
        }
    }

    func model(of draft: CaseDraft, _ catalog: Catalog) -> String {
        let name = draft.platform?.model.name ?? draft.name
        return modelID ?? draft.platform?.publishedAs ?? catalog.publishedName(ofModel: name)
            ?? name
    }

    /// What is known of the weights under the name that engines are given.
    func checkpoint(of draft: CaseDraft, _ catalog: Catalog) -> ExportPlan.Checkpoint {
        let served = model(of: draft, catalog)
        if modelID == nil, let platform = draft.platform, platform.modelFile != nil {
            return .stored(platform.model.nativeFormat)
        }
        if let format = ModelNames.format(in: served) { return .stored(format) }
        guard let model = draft.platform?.model else { return .unknown }
        let isPublished = catalog.everyName(ofModel: model.name).holds(served)
        return isPublished ? .stored(model.nativeFormat) : .unknown
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
        guard let images, target.runsContainers else { return nil }
        let found =
            target == .dynamo ? images.dynamo : images.engine(version: engine.version)
        if let found {
            Console.say(
                "note: image \(found), for neither --image nor engine.image is given")
        }
        return found
    }
}
