public import ServingDomain

/// What launch scripts of public benchmarks tell an engine beside its defaults, where a run fits.
///
/// Facts of how others measured, which nobody who plans starts an engine with by itself.
public struct BenchmarkLaunch: Hashable, Sendable {
    /// A run, as far as scripts look at it.
    public struct Run: Hashable, Sendable {
        public let model: String
        public let hardware: String
        /// Nominal tokens of prompts and outputs.
        public let inputTokens: Int
        public let outputTokens: Int
        /// Of a worker.
        public let gpus: Int
        /// Requests in flight over all workers.
        public let concurrency: Int
        /// Format of the weights; nil where that of a row is not modelled.
        public let weights: NumberFormat?
        /// Of the engine, and the day of the run as year-month-day; nil where nobody wrote it down.
        public let version: EngineVersion?
        public let day: String?

        public init(
            model: String, hardware: String, inputTokens: Int, outputTokens: Int, gpus: Int,
            concurrency: Int, weights: NumberFormat? = nil, version: EngineVersion? = nil,
            day: String? = nil
        ) {
            self.model = model
            self.hardware = hardware
            self.inputTokens = inputTokens
            self.outputTokens = outputTokens
            self.gpus = gpus
            self.concurrency = concurrency
            self.weights = weights
            self.version = version
            self.day = day
        }
    }

    /// Most tokens of a step; nil leaves it to the engine.
    public private(set) var tokenBudget: Int?
    /// How ranks wait for each other's prompts; nil where they do not.
    public private(set) var balance: PromptBalance?
    /// How prompts wait on workers without ranks; nil where they do not.
    public private(set) var pooling: PromptPooling?
    /// Steps after which new requests are looked for; nil where they are at each.
    public private(set) var receiveInterval: Int?
    /// Format of the KV cache; nil where that is not known of the scripts.
    public private(set) var kvFormat: NumberFormat?
    /// What weights in mxfp4 are multiplied with where units take four bits; nil leaves it to the engine.
    public private(set) var mxfp4Activations: NumberFormat?
    /// What a script makes of data-parallel ranks; nil where it does as they are written down.
    public private(set) var ranks: Ranks?

    public enum Ranks: String, Hashable, Sendable, CaseIterable {
        /// Each has one GPU, and the GPUs that are written down for each are those of all.
        case oneGPU = "one_gpu_each"
        /// Besides, one worker splits all over these GPUs: the script knows no ranks.
        case joined
    }

    /// Nothing beside the engine's defaults.
    public static let none = Self()

    private init() {}

    init(_ fields: Fields) throws(CatalogError) {
        _ = try fields.text("source")
        if fields.value("token_budget") != nil {
            tokenBudget = try fields.integer("token_budget", in: 16...10_000_000)
        }
        balance = try Self.balance(fields)
        pooling = try Self.pooling(fields)
        if fields.value("receive_interval_steps") != nil {
            receiveInterval = try fields.integer("receive_interval_steps", in: 1...100_000)
        }
        kvFormat = try Self.format("kv_cache", fields)
        mxfp4Activations = try Self.format("mxfp4_activations", fields)
        ranks = try Self.ranks(fields)
        guard self != .none else {
            throw fields.missing(
                "token_budget",
                "or prompt_balance_steps, prompt_pooling_steps, receive_interval_steps, kv_cache, "
                    + "mxfp4_activations or ranks"
            )
        }
    }

    /// Keys that say something of a run.
    static let keys = [
        "token_budget", "prompt_balance_steps", "prompt_gathering_steps", "prompt_pooling_steps",
        "prompt_pooling_share", "receive_interval_steps", "kv_cache", "mxfp4_activations", "ranks",
        "source",
    ]

    private static func balance(_ fields: Fields) throws(CatalogError) -> PromptBalance? {
        let keys = ["prompt_balance_steps", "prompt_gathering_steps"]
        guard keys.contains(where: { fields.value($0) != nil }) else { return nil }
        return PromptBalance(
            patience: try fields.integer(keys[0], in: 1...100_000),
            gathering: try fields.integer(keys[1], in: 0...100_000))
    }

    private static func pooling(_ fields: Fields) throws(CatalogError) -> PromptPooling? {
        let keys = ["prompt_pooling_steps", "prompt_pooling_share"]
        guard keys.contains(where: { fields.value($0) != nil }) else { return nil }
        return PromptPooling(
            steps: try fields.integer(keys[0], in: 1...100_000),
            share: try fields.number(keys[1], in: 0.001...1))
    }

    private static func format(
        _ key: String, _ fields: Fields
    ) throws(CatalogError) -> NumberFormat? {
        guard fields.value(key) != nil else { return nil }
        let text = try fields.text(key)
        guard let format = [NumberFormat.bf16, .fp8].first(where: { $0.rawValue == text }) else {
            throw fields.invalid(key, expected: "bf16 or fp8")
        }
        return format
    }

    private static func ranks(_ fields: Fields) throws(CatalogError) -> Ranks? {
        guard fields.value("ranks") != nil else { return nil }
        guard let ranks = Ranks(rawValue: try fields.text("ranks")) else {
            throw fields.invalid(
                "ranks", expected: Ranks.allCases.map(\.rawValue).joined(separator: " or "))
        }
        return ranks
    }

    /// What this says, and of what an earlier one said all that this does not.
    fileprivate func over(_ earlier: Self) -> Self {
        var whole = earlier
        whole.tokenBudget = tokenBudget ?? earlier.tokenBudget
        whole.balance = balance ?? earlier.balance
        whole.pooling = pooling ?? earlier.pooling
        whole.receiveInterval = receiveInterval ?? earlier.receiveInterval
        whole.kvFormat = kvFormat ?? earlier.kvFormat
        whole.mxfp4Activations = mxfp4Activations ?? earlier.mxfp4Activations
        whole.ranks = ranks ?? earlier.ranks
        return whole
    }
}

/// A launch script of a public benchmark, and the runs that it started.
struct BenchmarkScript: Hashable, Sendable {
    let launch: BenchmarkLaunch
    /// Any where there are none.
    let models: [String]
    let hardware: [String]
    /// Any where they are nil.
    private let inputTokens: Int?
    private let outputTokens: Int?
    private let mostGPUs: Int?
    private let leastConcurrency: Int?
    /// Any where there are none.
    private let weights: [NumberFormat]
    /// Since when this no longer holds; nil where it does to this day.
    private let replaced: EngineHabit?

    init(_ fields: Fields, _ gpus: GPUNames) throws(CatalogError) {
        try fields.refuseKeys(
            except: BenchmarkLaunch.keys
                + [
                    "models", "hardware", "isl", "osl", "most_gpus", "least_concurrency", "weights",
                    "replaced",
                ])
        func count(_ key: String) throws(CatalogError) -> Int? {
            guard fields.value(key) != nil else { return nil }
            return try fields.integer(key, in: 1...10_000_000)
        }
        launch = try BenchmarkLaunch(fields)
        models = fields.value("models") == nil ? [] : try fields.texts("models")
        hardware = fields.value("hardware") == nil ? [] : try fields.gpus("hardware", gpus)
        (inputTokens, outputTokens) = (try count("isl"), try count("osl"))
        mostGPUs = try count("most_gpus")
        leastConcurrency = try count("least_concurrency")
        weights = try fields.formats("weights")
        replaced = try fields.section("replaced").map { section throws(CatalogError) in
            try EngineHabit(section)
        }
    }

    /// Whether the script started a run.
    private func started(_ run: BenchmarkLaunch.Run) -> Bool {
        (models.isEmpty || models.contains(run.model))
            && (hardware.isEmpty || hardware.contains(run.hardware))
            && (inputTokens ?? run.inputTokens) == run.inputTokens
            && (outputTokens ?? run.outputTokens) == run.outputTokens
            && run.gpus <= mostGPUs ?? .max
            && run.concurrency >= leastConcurrency ?? 0
            && (weights.isEmpty || run.weights.map(weights.contains) ?? false)
            && replaced?.isDefault(version: run.version?.description, day: run.day) != true
    }

    /// All that several scripts say of a run; later ones count before earlier ones.
    static func launch(
        by scripts: [Self], of run: BenchmarkLaunch.Run
    ) -> BenchmarkLaunch {
        scripts.filter { $0.started(run) }.reduce(.none) { $1.launch.over($0) }
    }
}
