public import CostModeling
import Planning
import Scheduling
public import ServingDomain
import Simulation

/// What a measured row ran on, with everything that a simulation needs.
public struct MeasuredPlatform: Sendable {
    /// Model, formats, GPU, engine and transfers; load, layout and policy are those of the row.
    public private(set) var planningCase: Case
    /// Costs at every degree of the row.
    public private(set) var costs: CostModel
    /// Nil where the costs do not depend on the constants of an engine.
    private let recipe: CostRecipe?
    /// How far predictions on the platform are off; nil where nobody knows.
    public var interval: PredictionInterval?
    /// Whose timings of kernels the costs are made of, in words.
    public var timings = ""
    /// Whether kernels were timed on its GPU; analytic costs err by what is no matter of an engine.
    public var isTimed = true

    /// A platform with costs that are stated.
    public init(planningCase: Case, costs: CostModel) {
        self.planningCase = planningCase
        self.costs = costs
        recipe = nil
    }

    /// A platform with the costs of its operators in its engine.
    public init(planningCase: Case, recipe: CostRecipe) {
        self.planningCase = planningCase
        self.recipe = recipe
        costs = recipe.costs(planningCase.engine.stepOverhead)
    }

    /// The platform with other constants of its engine.
    func with(_ constants: EngineConstants) -> Self {
        guard let recipe else { return self }
        var asked = planningCase
        asked.engine.overhead = constants.overhead(over: asked.engine.overhead)
        return Self(planningCase: asked, recipe: recipe)
    }
}

/// Why a row is not predicted.
public struct Refusal: Error, Hashable, Sendable {
    public let reason: String

    public init(_ reason: String) { self.reason = reason }
}

extension MeasuredRow {
    /// The layout in words of the simulator, every data-parallel rank a worker of its own.
    ///
    /// - Throws: what of it cannot be served.
    public func deployment() throws(Refusal) -> Deployment { try layout.deployment() }
}

extension MeasuredRow.Layout {
    func deployment() throws(Refusal) -> Deployment {
        switch self {
        case .aggregated(let pool): .colocated([try pool.group()])
        case .disaggregated(let prefill, let decode):
            .disaggregated(prefill: [try prefill.group()], decode: [try decode.group()])
        }
    }
}

extension MeasuredRow.Pool {
    /// Most ranks of a pool that are simulated.
    private static let mostRanks = 65_536

    fileprivate func group() throws(Refusal) -> WorkerGroup {
        guard shards.pipeline == 1 else {
            throw Refusal("pipeline parallelism (pp \(shards.pipeline)) is not modelled")
        }
        guard replicas * shards.data <= Self.mostRanks else {
            throw Refusal(
                "\(replicas) workers of \(shards.data) ranks are more than \(Self.mostRanks) ranks")
        }
        guard shards.expert <= shards.gpus.value else {
            throw Refusal(
                "experts over \(shards.expert) GPUs of a worker of \(shards.gpus) cannot be")
        }
        guard let degree = TensorParallelDegree(shards.tensor) else {
            throw Refusal("tensor-parallel degree \(shards.tensor) is no power of two up to 64")
        }
        return WorkerGroup(
            parallelism: Parallelism(tensor: degree), replicas: replicas * shards.data)
    }
}

/// Simulates the benchmark of a row on its platform.
public struct RowPrediction: Sendable {
    public let row: MeasuredRow
    public let platform: MeasuredPlatform
    public var client: BenchmarkClient

    public init(row: MeasuredRow, platform: MeasuredPlatform) {
        self.row = row
        self.platform = platform
        client = BenchmarkClient(row)
    }

    /// Means over all requests of the run, on the calling thread.
    ///
    /// - Throws: where the layout cannot run, or refuses some of the requests.
    public func latencies(seed: UInt64) throws(Refusal) -> MeanLatencies {
        let deployment = try row.deployment()
        let planningCase = planningCase(seed: seed)
        if let obstacle = planningCase.obstacles(to: deployment).first {
            throw Refusal(obstacle.message)
        }
        let simulation = DeploymentSimulation(
            question: LayoutQuestion(planningCase), costs: platform.costs, measure: .all, jobs: 1)
        var (ttft, tpot) = (Mean(), Mean())
        _ = simulation.run(deployment, replication: 0) { outcome in
            ttft.add(Double(outcome.ttft) / 1e6)
            if outcome.outputTokens > 1 { tpot.add(outcome.meanITL / 1e6) }
        }
        let asked = client.requests(row.load)
        guard ttft.count == asked else {
            throw Refusal(
                "the simulated deployment finished \(ttft.count) of \(asked) requests; the KV cache "
                    + "has no room for the others")
        }
        guard tpot.count > 0 else {
            throw Refusal("outputs of one token have no time per output token")
        }
        return MeanLatencies(ttft: ttft.value, tpot: tpot.value)
    }

    /// The engine that is simulated.
    public var engine: Engine { planningCase(seed: 0).engine }

    private func planningCase(seed: UInt64) -> Case {
        var asked = platform.planningCase
        asked.name = row.id
        asked.cluster = cluster
        asked.workload = client.workload(row.load)
        asked.engine.tokenBudget =
            row.limits.batchedTokens ?? client.tokenBudget(row.load) ?? asked.engine.tokenBudget
        // Scripts of public benchmarks let the engine take as many requests as are sent; an engine of
        // one's own has its limit.
        if let stated = row.limits.sequences {
            asked.engine.maxSequences = stated
        } else if row.load.recorded == nil {
            asked.engine.maxSequences = max(asked.engine.maxSequences, row.load.concurrency)
        }
        // No target is asked for; nothing of the means depends on these.
        asked.service = ServiceLevel(ttft: .seconds(3600), itl: .seconds(3600))
        asked.policy = ServingPolicy(name: policy)
        asked.planning = Case.Planning(
            replications: 1, sessions: client.requests(row.load), seed: seed)
        // What was measured did run.
        asked.planning.ignoresEngineRules = true
        return asked
    }

    private var policy: ServingPolicy.Name {
        if case .aggregated = row.layout { .colocatedV1 } else { .alwaysRemote }
    }

    /// As many nodes as the GPUs of the layout fill; a rack that is wired like one is taken for one where a
    /// worker needs it.
    private var cluster: Cluster {
        let hardware = platform.planningCase.hardware
        let widest = max(row.shards.serving.tensor, row.shards.prefill.tensor)
        let isWide = widest > hardware.gpusPerNode
        let perNode = isWide ? hardware.linkedGPUs : hardware.gpusPerNode
        let nodes = (row.layout.gpus.value + perNode - 1) / perNode
        return Cluster(gpu: hardware.name, nodes: nodes, gpusPerNode: perNode)
    }
}

/// A running mean.
private struct Mean {
    private var sum = 0.0
    private(set) var count = 0

    mutating func add(_ value: Double) {
        sum += value
        count += 1
    }

    var value: Double { count > 0 ? sum / Double(count) : 0 }
}
