import Catalog
import Planning
import ServingDomain

extension ExportPlan {
    /// Why the plan is not written for a target; empty where it is.
    func refusals(of target: ExportTarget, _ options: ExportOptions) -> [Finding] {
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
        if target == .endpointPicker { found += routingRefusal }
        if target.describesWorkers {
            found += (forms(target) + expertProblems + trayProblems + waitProblems).map {
                Finding(.inexpressible, "target \(target.rawValue) \($0)")
            }
            found += formatRefusal
        }
        found += wirings(target).map {
            Finding(.inexpressible, "target \(target.rawValue) \($0)")
        }
        return found + (target.runsContainers ? containers(options) : [])
    }

    /// A threshold needs workers to choose between.
    private var routingRefusal: [Finding] {
        guard isDisaggregated else {
            return [
                Finding(.inexpressible, "the layout has no prefill workers, so nothing is routed")
            ]
        }
        guard planningCase.engine.rules.localPrefill?.value == false else { return [] }
        return [
            Finding(
                .inexpressible,
                "\(engine.name) does not prefill on decode workers, so there is no threshold")
        ]
    }

    // MARK: Names

    /// What Kubernetes would refuse, or take for another thing tomorrow.
    private func containers(_ options: ExportOptions) -> [Finding] {
        var found: [Finding] = []
        if let image {
            found += pinning(image, "image")
        } else {
            found.append(
                Finding(
                    .image,
                    "no image of \(engine.name) is known; set engine.image or give --image"))
        }
        found += pinning(options.sidecarImage, "image of the sidecar")
        if !NameCheck.isSubdomain(options.secretName) {
            found.append(
                Finding(
                    .names,
                    "secret '\(options.secretName.shownInMessage)' is no name of a Kubernetes object: "
                        + "lower-case letters, digits, hyphens and points, a letter or digit at both "
                        + "ends"))
        }
        return found
    }

    private func pinning(_ image: String, _ what: String) -> [Finding] {
        guard !ImageCheck.isPinned(image) else { return [] }
        return [
            Finding(
                .image,
                "\(what) '\(image.shownInMessage)' is not pinned; give one with a version tag or a "
                    + "digest")
        ]
    }

    // MARK: Forms

    private func forms(_ target: ExportTarget) -> [String] {
        var problems: [String] = []
        let groups = workers
        let isSingle = Set(groups.map(\.role)).count == groups.count
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
        return problems
    }

    private func wirings(_ target: ExportTarget) -> [String] {
        guard isDisaggregated, target.engines.contains(engine.name) else { return [] }
        let name = (engine.connector ?? "").shownInMessage
        guard let wiring else { return ["has no form for the connector \(name)"] }
        return wiring.isKnown(to: target)
            ? [] : ["has no form for \(name) between vLLM workers; vllm and slurm have"]
    }

    /// What is written for an engine says nothing of prompts that wait.
    private var waitProblems: [String] {
        let keys = [
            behaviour.promptBalance.map { _ in "engine.prompt_balance_steps" },
            behaviour.promptPooling.map { _ in "engine.prompt_pooling_steps" },
            behaviour.receiveInterval > 1 && engine.name != "sglang"
                ? "engine.receive_interval_steps" : nil,
        ].compactMap { $0 }
        guard !keys.isEmpty else { return [] }
        return [
            "has no form for prompts of \(engine.name) that wait (\(keys.joined(separator: ", ")))"
        ]
    }

    private var expertProblems: [String] {
        guard engine.name == "vllm" else { return [] }
        return workers.filter { $0.expert > 1 && $0.expert != $0.gpus }.map {
            "runs vLLM, which deals experts out over all \($0.gpus) GPUs of a worker or over none, "
                + "not over \($0.expert)"
        }
    }

    /// Nodes of a plan that are several machines of a rack.
    private var trayProblems: [String] {
        planningCase.pools.filter { pool in
            pool.hardware.linkedGPUs > pool.hardware.gpusPerNode
                && pool.cluster.gpusPerNode > pool.hardware.gpusPerNode
        }.map { pool in
            "puts the GPUs of a node on one machine, and \(pool.cluster.gpusPerNode) of "
                + "\(pool.hardware.name) are several trays of \(pool.hardware.gpusPerNode); plan with "
                + "cluster.gpus_per_node \(pool.hardware.gpusPerNode)"
        }
    }

    // MARK: Formats

    /// Whether weights that are stored in a format can be served as was simulated, with a flag or without.
    func serves(_ stored: NumberFormat) -> Bool {
        let simulated = planningCase.weightFormat
        // Names do not tell one scale for a tensor from one for each block.
        return simulated == stored || EngineFlags.quantises(stored, to: simulated)
            || simulated.computeFormat == .fp8 && stored.computeFormat == .fp8
    }

    private var formatRefusal: [Finding] {
        guard case .stored(let stored) = checkpoint, !serves(stored) else { return [] }
        return [
            Finding(
                .inexpressible,
                "weights in \(planningCase.weightFormat.rawValue) were simulated, \(model.shownInMessage) is "
                    + "published in \(stored.rawValue), and \(engine.name) has no flag "
                    + "between them; name weights in that format with --model-id")
        ]
    }
}
