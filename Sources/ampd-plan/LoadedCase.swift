import ArgumentParser
import Catalog
import CostModeling
import Crypto
import Deploying
import Planning
import Scheduling
import ServingDomain

/// A case with its costs, ready to be simulated.
struct LoadedCase: Sendable {
    let draft: CaseDraft
    let question: LayoutQuestion
    /// Nil where costs are stated and no GPU is named.
    let planningCase: Case?
    let costs: CostModel
    /// What the costs are added up from; nil where they are stated.
    let recipe: CostRecipe?
    let origin: CostOrigin
    /// How far predictions are off with most deployments; nil where nobody knows.
    let interval: PredictionInterval?

    var warnings: [String] { draft.warnings }

    /// What was filled in, in the case and in the simulator.
    var assumptions: [(key: String, value: String, source: String)] {
        draft.assumptions.map { ($0.key, $0.value, $0.source) }
            + (simulatorAssumptions + tableAssumption).map { ($0.0, $0.1, "docs/semantics.md") }
    }

    /// Says what a policy decides by whose case names no table.
    private var tableAssumption: [(String, String)] {
        guard draft.policy.definition.usesTable, draft.policy.table == nil else { return [] }
        let rates = PolicyTableSimulation.rates.map { "\($0)" }.joined(separator: ", ")
        return [
            (
                "policy.table",
                "simulated for the proportions of each layout, at \(rates) rounds/s per serving "
                    + "worker"
            )
        ]
    }

    private var simulatorAssumptions: [(String, String)] {
        let prescribed = [
            question.policy.definition.localPrefill.map {
                ("policy.local_prefill", "\($0.rawValue), whatever the engine's")
            },
            question.policy.definition.steps.map { _ in
                ("policy.steps", "prefill batches and first tokens as the policy forms them")
            },
        ].compactMap { $0 }
        return prescribed + [
            (
                "simulator.placement",
                "largest workers first, prefill before decode, each on the first node with room"
            ),
            (
                "simulator.colocated",
                "replicas serve as colocated_v1 does where the policy is made for prefill workers"
            ),
            (
                "simulator.kv_growth",
                "block by block; the newest round gives way where memory runs out"
            ),
        ]
    }

    /// What keeps a layout from running on the GPUs of the case; nothing where none is named.
    ///
    /// A stated KV capacity settles whether there is room for one.
    func obstacles(to layout: Deployment) -> [LayoutObstacle] {
        let obstacles = planningCase?.obstacles(to: layout) ?? []
        return statedRecords(in: layout) + question.engine.behaviour.obstacles(to: layout)
            + (draft.statedCosts?.kvCapacity == nil
                ? obstacles : obstacles.filter { $0.rule != .memory })
    }

    /// Stated costs know one kind of worker, which has no ranks and deals out no experts.
    private func statedRecords(in layout: Deployment) -> [LayoutObstacle] {
        guard draft.statedCosts != nil else { return [] }
        return layout.kinds.filter { $0.parallelism.split != nil }.map {
            LayoutObstacle(
                rule: .ranks,
                message:
                    "cost_model states the costs of one kind of worker, and \($0) has ranks or "
                    + "experts of its own")
        }
    }

    /// What the engine refuses of a layout and of the policy on it; nothing where its rules are ignored.
    func engineRefusals(of layout: Deployment) -> [String] {
        guard let planningCase, !planningCase.planning.ignoresEngineRules else { return [] }
        return planningCase.engineConflicts(with: layout).map(\.message)
    }

    /// The case with its platform, for a search over degrees.
    ///
    /// - Throws: 64 where costs are stated, which know one kind of worker only.
    func searchable(for command: String) throws(Failure) -> Case {
        guard let planningCase, draft.statedCosts == nil else {
            throw Failure(
                ToolExit.usage,
                "\(command): cost_model states the costs of one kind of worker, and a search needs "
                    + "those of every degree; use `simulate` or `check` with a layout, or leave "
                    + "cost_model out.")
        }
        return planningCase
    }
}

/// Where the costs of a case come from.
struct CostOrigin: Sendable {
    /// One line for people.
    var source: String
    /// SHA-256 over curves or file.
    let digest: String
    /// Of each pool; none where costs are stated.
    let profiles: [ProfileFacts]

    init(source: String, digest: String, profiles: [ProfileFacts] = []) {
        self.source = source
        self.digest = digest
        self.profiles = profiles
    }

    init(_ stated: CaseDraft.StatedCosts) {
        let name = stated.file.name.isEmpty ? "" : " (\(stated.file.name))"
        let overhead = stated.includesOverhead ? ", with engine overhead" : ""
        source = "stated by \(stated.reference.written)\(name)\(overhead)"
        digest = "sha256:" + SHA256.hash(data: stated.file.bytes).hexadecimal
        profiles = []
    }
}

extension CaseDraft.StatedCosts {
    /// The stated costs of each kind, with transfers of the file, else of the platform.
    func model(
        of kinds: [WorkerKind], _ platform: CaseDraft.Platform?, _ engine: Engine
    ) -> CostModel {
        let transfer =
            if let platform, file.transfer == nil {
                TransferCosts(platform.pools[0], platform, engine)
            } else {
                TransferCosts(fixed: file.transfer ?? .zero)
            }
        return .explicit(costs, kinds: kinds, transfer: transfer)
    }
}

extension ServedModel {
    init(_ platform: CaseDraft.Platform, _ engine: Engine) {
        self.init(
            model: platform.model, weightFormat: platform.weightFormat,
            kvFormat: platform.kvFormat, behaviour: engine.behaviour)
    }
}

extension TransferCosts {
    init(_ pool: GPUPool, _ platform: CaseDraft.Platform, _ engine: Engine) {
        self.init(
            pool.transfer, of: platform.model, platform.kvFormat, engine: engine,
            networkLanes: pool.hardware.gpusPerNode)
    }
}
