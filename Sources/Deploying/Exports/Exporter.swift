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
        case .endpointPicker: []
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
        let found = described.first?.layout.map { normalised($0) }
        guard faults.isEmpty, described.count == 1, found == normalised(layout) else {
            throw ExportRefusal(
                findings: faults + described.flatMap(\.findings) + [
                    Finding(
                        .differsFromPlan,
                        "what was written describes \(found?.description ?? "no layout") and not "
                            + "\(layout); this is a fault of the exporter")
                ])
        }
    }

    /// The layout with the expert degree of the engine's settings left out, as cases write it.
    private func normalised(_ layout: Deployment) -> Deployment {
        layout.leaving(engine.behaviour)
    }
}

extension Deployment {
    /// The same where workers that share the model as the engine's settings say anyway are written by their
    /// tensor-parallel degree alone, and equal kinds are one group, largest first.
    func leaving(_ behaviour: EngineBehaviour) -> Self {
        func plain(_ groups: [WorkerGroup], _ split: ModelSplit) -> [WorkerGroup] {
            var counts: [WorkerKind: Int] = [:]
            for group in groups {
                let own = group.parallelism.split
                let usual = min(split.expertDegree, group.kind.gpus)
                let isUsual = own.map { $0.ranks == 1 && $0.expertDegree == usual } ?? true
                let kind =
                    isUsual ? WorkerKind(pool: group.pool, group.degree) : group.kind
                counts[kind, default: 0] += group.replicas
            }
            return counts.map { WorkerGroup($0.key, $0.value) }.sorted {
                ($1.kind.gpus, $0.kind.description) < ($0.kind.gpus, $1.kind.description)
            }
        }
        return switch self {
        case .disaggregated(let prefill, let decode):
            .disaggregated(
                prefill: plain(prefill, behaviour.prefillSplit),
                decode: plain(decode, behaviour.servingSplit))
        case .colocated(let groups): .colocated(plain(groups, behaviour.servingSplit))
        }
    }
}
