/// One planning question with every default resolved.
public struct Case: Hashable, Sendable {
    /// Settings of the search.
    public struct Planning: Hashable, Sendable {
        /// How the load of a phase reaches its replicas when one of them is simulated alone.
        public enum Dispatch: String, Hashable, Sendable, CaseIterable, Codable {
            /// Each replica sees its share as a Poisson stream.
            case thinning
            /// Each replica sees every k-th session.
            case roundRobin = "round_robin"
        }

        /// What the integer program looks for.
        public enum Objective: String, Hashable, Sendable, CaseIterable, Codable {
            /// The least pressure: the larger of both phases' P95 over its target.
            case slo
            /// The smaller worst time in seconds: P95 TTFT, or P95 of the time that a round decodes.
            case seconds
            /// Eq. 5 as printed: one constant in seconds for each degree, whatever its replicas.
            case paper
            /// The fewest GPUs with every target met.
            case minGPUs = "min_gpus"
            /// The least dollars per hour with every target met; with one kind of GPU that is the fewest.
            case minCost = "min_cost"
            /// The highest rate at which every target is met.
            case maxRate = "max_rate"

            /// Whether as little as possible is spent, so that layouts leave GPUs over.
            public var spendsLeast: Bool { self == .minGPUs || self == .minCost }
        }

        public var degrees: [TensorParallelDegree]
        /// What workers may be beside those of tensor parallelism alone at `degrees`.
        public var records: [Parallelism] = []
        /// Whether a phase may have workers of two kinds.
        public var mixesWorkers = false
        public var objective: Objective
        /// Weight of the sum of both ratios beside the larger of them, as the prototype of the paper
        /// study had it; nil for a lexicographic order.
        public var tieWeight: Double?
        /// Most GPUs that a layout may take; nil for all of the cluster.
        public var gpuBudget: GPUs?
        /// Whether layouts take every GPU of the budget.
        public var fillsBudget: Bool
        /// Whether layouts are planned that the engine refuses.
        public var ignoresEngineRules = false
        /// Workers or nodes, 0 or 1, without which a layout still has to meet every target.
        public var survivedLosses = 0
        /// What runs today, to be simulated beside the others; nil where nobody has said.
        public var incumbent: Deployment?
        public var dispatch: Dispatch
        /// Best deployments of the integer program that are simulated whole.
        public var finalists: Int
        /// Independent runs of every simulation.
        public var replications: Int
        /// Most of them of a layout that is not told from the best one yet.
        public var maxReplications: Int
        /// Measured sessions in each run; more are simulated around them to fill the cluster.
        public var sessions: Int
        /// Sessions over which attainment is given where there is no steady state.
        public var horizonSessions: Int
        public var seed: UInt64

        public init(
            degrees: [TensorParallelDegree] = TensorParallelDegree.usual,
            objective: Objective = .slo, tieWeight: Double? = nil, gpuBudget: GPUs? = nil,
            fillsBudget: Bool = false, dispatch: Dispatch = .thinning, finalists: Int = 5,
            replications: Int = 5, maxReplications: Int = 20,
            sessions: Int = 400, horizonSessions: Int = 2000, seed: UInt64 = 1
        ) {
            self.degrees = degrees
            self.objective = objective
            self.tieWeight = tieWeight
            self.gpuBudget = gpuBudget
            self.fillsBudget = fillsBudget
            self.dispatch = dispatch
            self.finalists = finalists
            self.replications = replications
            self.maxReplications = max(replications, maxReplications)
            self.sessions = sessions
            self.horizonSessions = horizonSessions
            self.seed = seed
        }
    }

    public var name: String
    public var model: ModelSpec
    public var weightFormat: NumberFormat
    public var kvFormat: NumberFormat
    /// GPUs that workers may take, at least one pool.
    public var pools: [GPUPool]
    public var engine: Engine
    public var workload: Workload
    public var service: ServiceLevel
    public var policy: ServingPolicy
    public var planning: Planning

    /// A case with one pool.
    public init(
        name: String, model: ModelSpec, weightFormat: NumberFormat, kvFormat: NumberFormat,
        hardware: HardwareSpec, cluster: Cluster, transfer: KVTransfer, engine: Engine,
        workload: Workload, service: ServiceLevel, policy: ServingPolicy, planning: Planning
    ) {
        self.init(
            name: name, model: model, weightFormat: weightFormat, kvFormat: kvFormat,
            pools: [GPUPool(hardware: hardware, cluster: cluster, transfer: transfer)],
            engine: engine, workload: workload, service: service, policy: policy,
            planning: planning)
    }

    public init(
        name: String, model: ModelSpec, weightFormat: NumberFormat, kvFormat: NumberFormat,
        pools: [GPUPool], engine: Engine, workload: Workload, service: ServiceLevel,
        policy: ServingPolicy, planning: Planning
    ) {
        precondition(!pools.isEmpty, "a case has at least one pool of GPUs")
        self.name = name
        self.model = model
        self.weightFormat = weightFormat
        self.kvFormat = kvFormat
        self.pools = pools
        self.engine = engine
        self.workload = workload
        self.service = service
        self.policy = policy
        self.planning = planning
    }

    /// GPU type of the first pool, and of all where there is one.
    public var hardware: HardwareSpec {
        get { pools[0].hardware }
        set { pools[0].hardware = newValue }
    }

    /// GPUs of the first pool, and all where there is one.
    public var cluster: Cluster {
        get { pools[0].cluster }
        set { pools[0].cluster = newValue }
    }

    /// How KV cache moves inside the first pool.
    public var transfer: KVTransfer {
        get { pools[0].transfer }
        set { pools[0].transfer = newValue }
    }
}
