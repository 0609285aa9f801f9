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
        let refusals = self.refusals(of: target)
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

    // MARK: What cannot be written

    private func refusals(of target: ExportTarget) -> [Finding] {
        var found = planningCase.pairConflicts(on: layout).map {
            Finding(.degreePairs, $0.message)
        }
        if !target.engines.contains(engine.name) {
            let known = target.engines.sorted().joined(separator: " and ")
            found.append(
                Finding(
                    .inexpressible,
                    "target \(target.rawValue) has a form for \(known), and the plan is for "
                        + engine.name))
        }
        found += imageRefusal(target)
        if target.describesWorkers { found += formRefusals(target) }
        return found
    }

    private func imageRefusal(_ target: ExportTarget) -> [Finding] {
        guard target.needsImage else { return [] }
        guard let image else {
            return [
                Finding(
                    .image,
                    "no image of \(engine.name) is known; set engine.image or give --image")
            ]
        }
        return ImageCheck.isPinned(image)
            ? []
            : [
                Finding(
                    .image,
                    "image '\(image.shownInMessage)' is not pinned; give one with a version tag or a "
                        + "digest")
            ]
    }

    private func formRefusals(_ target: ExportTarget) -> [Finding] {
        var problems: [String] = []
        let groups = workers
        let roles = Set(groups.map(\.role))
        let isSingle = roles.allSatisfy { role in groups.count { $0.role == role } == 1 }
        switch target {
        case .llmdValues, .kserve:
            if !isSingle { problems.append("holds workers of one kind for each role") }
        case .disaggregatedSet:
            if !isDisaggregated { problems.append("needs prefill and decode workers") }
            if groups.count > 10 { problems.append("holds at most 10 roles") }
        case .dynamo:
            if groups.count > 24 { problems.append("holds at most 25 components") }
            if engine.name == "vllm", groups.contains(where: { $0.pods > 1 }) {
                problems.append(
                    "runs no data-parallel vLLM worker over several nodes (dynamo#8567)")
            }
        default: break
        }
        for workers in groups where engine.name == "vllm" {
            if workers.expert > 1, workers.expert != workers.gpus {
                problems.append(
                    "runs vLLM, which deals experts out over all \(workers.gpus) GPUs of a worker "
                        + "or over none, not over \(workers.expert)")
            }
        }
        return problems.map { Finding(.inexpressible, "target \(target.rawValue) \($0)") }
    }

    // MARK: What the operator has to know

    private func warnings(of target: ExportTarget) -> [Finding] {
        guard isDisaggregated, target != .bench else { return [] }
        return planningCase.policyConflicts.map {
            Finding(
                .capability, .undecided,
                $0.message + "; the layout is exported, and will serve otherwise than simulated")
        }
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
