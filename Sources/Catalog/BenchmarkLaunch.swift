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

        public init(
            model: String, hardware: String, inputTokens: Int, outputTokens: Int, gpus: Int
        ) {
            self.model = model
            self.hardware = hardware
            self.inputTokens = inputTokens
            self.outputTokens = outputTokens
            self.gpus = gpus
        }
    }

    /// Most tokens of a step; nil leaves it to the engine.
    public private(set) var tokenBudget: Int?
    /// How ranks wait for each other's prompts; nil where they do not.
    public private(set) var balance: PromptBalance?
    /// How prompts wait on workers without ranks; nil where they do not.
    public private(set) var pooling: PromptPooling?
    /// Whether the script makes one worker of what is written down as data-parallel ranks.
    public private(set) var joinsRanks = false
    private var models: [String] = []
    private var hardware: [String] = []
    private var inputTokens: Int?
    private var outputTokens: Int?
    private var mostGPUs: Int?

    /// Nothing beside the engine's defaults.
    public static let none = Self()

    private init() {}

    init(_ fields: Fields) throws(CatalogError) {
        try fields.refuseKeys(
            except: [
                "models", "hardware", "isl", "osl", "most_gpus", "token_budget", "source",
                "prompt_balance_steps", "prompt_gathering_steps", "prompt_pooling_steps",
                "prompt_pooling_share", "joins_ranks",
            ])
        _ = try fields.text("source")
        func count(_ key: String, from least: Int = 1) throws(CatalogError) -> Int? {
            guard fields.value(key) != nil else { return nil }
            return try fields.integer(key, in: least...10_000_000)
        }
        func names(_ key: String) throws(CatalogError) -> [String] {
            fields.value(key) == nil ? [] : try fields.texts(key)
        }
        (models, hardware) = (try names("models"), try names("hardware"))
        (inputTokens, outputTokens) = (try count("isl"), try count("osl"))
        mostGPUs = try count("most_gpus")
        tokenBudget = try count("token_budget", from: 16)
        balance = try Self.balance(fields)
        pooling = try Self.pooling(fields)
        joinsRanks = try fields.flag("joins_ranks", default: false)
        guard tokenBudget != nil || balance != nil || pooling != nil || joinsRanks else {
            throw fields.missing(
                "token_budget", "or prompt_balance_steps, or prompt_pooling_steps, or joins_ranks")
        }
    }

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

    /// Whether the script starts the engine so for a run.
    private func isFor(_ run: Run) -> Bool {
        (models.isEmpty || models.contains(run.model))
            && (hardware.isEmpty || hardware.contains(run.hardware))
            && (inputTokens ?? run.inputTokens) == run.inputTokens
            && (outputTokens ?? run.outputTokens) == run.outputTokens
            && run.gpus <= mostGPUs ?? .max
    }

    /// All that several scripts say of a run; later ones count before earlier ones.
    static func all(_ launches: [Self], for run: Run) -> Self {
        launches.filter { $0.isFor(run) }.reduce(into: Self()) { whole, launch in
            whole.tokenBudget = launch.tokenBudget ?? whole.tokenBudget
            whole.balance = launch.balance ?? whole.balance
            whole.pooling = launch.pooling ?? whole.pooling
            whole.joinsRanks = launch.joinsRanks || whole.joinsRanks
        }
    }
}
