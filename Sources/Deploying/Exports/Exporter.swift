import Catalog
import Planning
import ServingDomain

extension ExportPlan {
    /// Writes the plan for a target: the same files for the same plan.
    ///
    /// - Parameters:
    ///   - target: whom it is for.
    ///   - options: choices that some targets offer.
    /// - Returns: the files, and what the operator has to know of them.
    /// - Throws: the rules that keep the plan from being written for this target.
    public func export(
        for target: ExportTarget, _ options: ExportOptions = ExportOptions()
    ) throws(ExportRefusal) -> Export {
        let refusals = self.refusals(of: target, options)
        guard refusals.isEmpty else { throw ExportRefusal(findings: refusals) }
        let files = files(for: target, options)
        try confirm(files, of: target)
        return Export(files: files, warnings: warnings(of: target))
    }

    private func files(for target: ExportTarget, _ options: ExportOptions) -> [ExportedFile] {
        switch target {
        case .dynamo: DynamoWriting(plan: self, options: options).files
        case .llmdValues: ModelServiceWriting(plan: self, options: options).files
        case .disaggregatedSet: GroupWriting(plan: self, options: options).disaggregatedSet
        case .leaderWorkerSet: GroupWriting(plan: self, options: options).leaderWorkerSets
        case .kserve: InferenceServiceWriting(plan: self, options: options).files
        case .vllm, .sglang: LaunchScripts(plan: self).files
        case .slurm: SlurmScript(plan: self).files
        case .bench: BenchScript(plan: self).files
        case .endpointPicker: EndpointPickerWriting(threshold: options.threshold).files
        }
    }

    // MARK: What the operator has to know

    private func warnings(of target: ExportTarget) -> [Finding] {
        guard target != .bench else { return [] }
        return (isDisaggregated ? planningCase.policyConflicts : []).map {
            Finding(
                .capability, .undecided,
                $0.message + "; the layout is exported, and will serve otherwise than simulated")
        } + (target.describesWorkers ? formatWarning : [])
    }

    private var formatWarning: [Finding] {
        let format = planningCase.weightFormat
        guard checkpoint == .unknown, !serves(planningCase.model.nativeFormat) else { return [] }
        return [
            Finding(
                .inexpressible, .undecided,
                "\(model.shownInMessage) has to hold weights in \(format.rawValue), as was simulated: "
                    + "no flag turns others into these")
        ]
    }

    /// Reads what was written and compares its layout with the plan's.
    private func confirm(
        _ files: [ExportedFile], of target: ExportTarget
    ) throws(ExportRefusal) {
        guard target.describesWorkers else { return }
        let read = files.compactMap { file in
            try? ManifestFile(bytes: Array(file.text.utf8), path: file.name)
        }
        let faults = read.flatMap(\.findings).filter { $0.rule <= .unknownField }
        let described = DescribedDeployment.all(in: read)
        let found = described.first?.layout?.normalised(to: engine.behaviour)
        guard faults.isEmpty, described.count == 1, found == layout.normalised(to: engine.behaviour)
        else {
            throw ExportRefusal(
                findings: faults + described.flatMap(\.findings) + [
                    Finding(
                        .differsFromPlan,
                        "what was written describes \(found?.description ?? "no layout") and not "
                            + "\(layout); this is a fault of the exporter")
                ])
        }
    }
}
