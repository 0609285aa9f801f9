public import ServingDomain

/// A deployment that somebody measured: what ran, under which load, and the latencies that came out.
public struct MeasuredRow: Hashable, Sendable {
    /// Equal workers.
    public struct Pool: Hashable, Sendable {
        public let replicas: Int
        public let shards: Shards

        public init(replicas: Int, shards: Shards) {
            self.replicas = replicas
            self.shards = shards
        }

        public var gpus: GPUs { shards.gpus * replicas }
    }

    /// How one worker was spread over GPUs, as it was written down: degrees that this tool cannot
    /// serve included.
    public struct Shards: Hashable, Sendable {
        public let tensor: Int
        public let pipeline: Int
        /// Ranks of attention data parallelism.
        public let data: Int
        public let expert: Int

        public init(tensor: Int, pipeline: Int = 1, data: Int = 1, expert: Int = 1) {
            self.tensor = tensor
            self.pipeline = pipeline
            self.data = data
            self.expert = expert
        }

        public var gpus: GPUs { GPUs(tensor * pipeline * data) }
    }

    /// How workers that decode were spread, and workers that only prefill.
    public var shards: (serving: Shards, prefill: Shards) {
        switch layout {
        case .aggregated(let pool): (pool.shards, pool.shards)
        case .disaggregated(let prefill, let decode): (decode.shards, prefill.shards)
        }
    }

    public enum Layout: Hashable, Sendable {
        /// Prefill and decode on the same workers.
        case aggregated(Pool)
        case disaggregated(prefill: Pool, decode: Pool)

        public var gpus: GPUs {
            switch self {
            case .aggregated(let pool): pool.gpus
            case .disaggregated(let prefill, let decode): prefill.gpus + decode.gpus
            }
        }
    }

    /// Number formats in the words of the table; nil where it says nothing.
    public struct Precisions: Hashable, Sendable {
        public let model: String?
        public let gemm: String?
        public let experts: String?
        public let kvCache: String?

        public init(
            model: String? = nil, gemm: String? = nil, experts: String? = nil,
            kvCache: String? = nil
        ) {
            self.model = model
            self.gemm = gemm
            self.experts = experts
            self.kvCache = kvCache
        }
    }

    /// The load: single requests, in a closed loop where no log has them one by one.
    public struct Load: Hashable, Sendable {
        /// Nominal prompt tokens; the mean of a log.
        public let inputTokens: Int
        /// Nominal output tokens; the mean of a log.
        public let outputTokens: Int
        /// Requests in flight over the whole deployment, on average where they are not limited.
        public let concurrency: Int
        /// The requests of a log; nil where the client of the campaign draws them.
        public let recorded: Workload?

        public init(
            inputTokens: Int, outputTokens: Int, concurrency: Int, recorded: Workload? = nil
        ) {
            self.inputTokens = inputTokens
            self.outputTokens = outputTokens
            self.concurrency = concurrency
            self.recorded = recorded
        }
    }

    /// What an engine takes into a step at most; nil where its usual limits hold.
    public struct Limits: Hashable, Sendable {
        /// Requests (`max_num_seqs`).
        public let sequences: Int?
        /// Tokens (`max_num_batched_tokens`).
        public let batchedTokens: Int?
        /// Steps within which prompts wait for those of other data-parallel ranks (`prompt_balance_steps`;
        /// 0 where they do not), and for more where each rank has some (`prompt_gathering_steps`).
        public let balanceSteps: Int?
        public let gatheringSteps: Int?
        /// Steps for which prompts wait for more on workers that are no ranks (`prompt_pooling_steps`; 0
        /// where they do not), unless they are this share of a step's tokens (`prompt_pooling_share`).
        public let poolingSteps: Int?
        public let poolingShare: Double?
        /// Steps after which new requests were looked for (`receive_interval_steps`).
        public let receiveInterval: Int?

        public init(
            sequences: Int? = nil, batchedTokens: Int? = nil, balanceSteps: Int? = nil,
            gatheringSteps: Int? = nil, poolingSteps: Int? = nil, poolingShare: Double? = nil,
            receiveInterval: Int? = nil
        ) {
            self.sequences = sequences
            self.batchedTokens = batchedTokens
            self.balanceSteps = balanceSteps
            self.gatheringSteps = gatheringSteps
            self.poolingSteps = poolingSteps
            self.poolingShare = poolingShare
            self.receiveInterval = receiveInterval
        }
    }

    public let id: String
    /// Line of the file, from 1.
    public let line: Int
    /// Rows of a group share model, GPU and engine.
    public private(set) var group: String
    /// Model, GPU and engine by the names that the program knows; nil where it does not know them.
    private(set) var platform: PlatformKey?
    /// Whether the table names the group; else it is made of names as the row spells them.
    let namesGroup: Bool
    public let model: String
    /// GPU, as the table names it.
    public let system: String
    public let engine: String
    /// Nil where the table does not say.
    public let engineVersion: String?
    /// Day of the measurement, as year-month-day; nil where the table does not say.
    public let day: String?
    /// Who measured, in the words of the table (`collection`); decides which client is simulated.
    public private(set) var campaign: String?
    /// Whether the row is of NVIDIA's own comparisons.
    var isOfVendor: Bool { campaign == "vendor-gap-analysis" }
    /// Whether an engine was started by the scripts of InferenceX, whose public exports are these.
    public var isOfPublicScripts: Bool { Self.isOfPublicScripts(campaign) }
    public let precisions: Precisions
    public private(set) var layout: Layout
    public let load: Load
    public let limits: Limits
    public let measured: MeanLatencies

    /// Whether engines of a campaign were started by the scripts of InferenceX.
    static func isOfPublicScripts(_ campaign: String?) -> Bool {
        ["dated-export", "inferencex-db"].contains(campaign?.lowercased())
    }

    public init(
        id: String, line: Int, group: String, namesGroup: Bool = true, model: String,
        system: String, engine: String, engineVersion: String? = nil, day: String? = nil,
        campaign: String? = nil, precisions: Precisions = Precisions(),
        layout: Layout,
        load: Load, limits: Limits = Limits(), measured: MeanLatencies
    ) {
        self.id = id
        self.line = line
        self.group = group
        self.namesGroup = namesGroup
        self.model = model
        self.system = system
        self.engine = engine
        self.engineVersion = engineVersion
        self.day = day
        self.campaign = campaign
        self.precisions = precisions
        self.layout = layout
        self.load = load
        self.limits = limits
        self.measured = measured
    }

    /// The engine's version as others are compared with it; nil where the table does not say.
    public var build: EngineVersion? { engineVersion.flatMap(EngineVersion.init) }

    /// The row with every rank of its workers on a GPU of its own, if it names as many GPUs for each
    /// rank as there are ranks: n times n for n.
    ///
    /// Experts are dealt out over the GPUs of all then.
    public func onGPUsOfRanks() -> Self { resharding { $0.onGPUsOfRanks } }

    /// The row as one of workers without ranks, which split all over the GPUs of these.
    public func joiningRanks() -> Self { resharding { $0.joiningRanks } }

    private func resharding(_ change: (Shards) -> Shards) -> Self {
        func changed(_ pool: Pool) -> Pool {
            Pool(replicas: pool.replicas, shards: change(pool.shards))
        }
        var copy = self
        switch layout {
        case .aggregated(let pool): copy.layout = .aggregated(changed(pool))
        case .disaggregated(let prefill, let decode):
            copy.layout = .disaggregated(prefill: changed(prefill), decode: changed(decode))
        }
        return copy
    }

    /// The row as one of another campaign.
    func told(by campaign: String?) -> Self {
        var copy = self
        copy.campaign = campaign
        return copy
    }

    /// The row on the platform that its names stand for.
    ///
    /// It is in the group of the platform, unless the table names another: however a row spells model, GPU
    /// and engine, those of one deployment belong together.
    func placed(on platform: PlatformKey) -> Self {
        var copy = self
        copy.platform = platform
        guard !namesGroup else { return copy }
        copy.group = "\(platform.model)|\(platform.gpu)|\(platform.engine)"
        return copy
    }
}

extension MeasuredRow.Shards {
    fileprivate var onGPUsOfRanks: Self {
        guard data > 1, tensor == data else { return self }
        return Self(tensor: 1, pipeline: pipeline, data: data, expert: data)
    }

    fileprivate var joiningRanks: Self {
        Self(tensor: tensor * data, pipeline: pipeline, expert: expert)
    }
}

/// Means over all requests of a run, in milliseconds.
public struct MeanLatencies: Hashable, Sendable {
    /// Time to first token, queueing included.
    public let ttft: Double
    /// Time per output token after the first.
    public let tpot: Double

    public init(ttft: Double, tpot: Double) {
        self.ttft = ttft
        self.tpot = tpot
    }
}
