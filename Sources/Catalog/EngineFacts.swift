public import ServingDomain

/// What a serving engine does where the operator does not say otherwise.
public struct EngineFacts: Sendable {
    /// The software path that moves KV cache between workers.
    public struct Connector: Hashable, Sendable {
        public let name: String
        /// Since when sliding-window layers keep their window alone with it; nil where they do not.
        public let slidingWindowKV: EngineHabit?
        /// Fixed latency of one transfer, before any byte moves.
        public let transferLatency: Duration
        public let source: String
        /// What the engine can do with it; nothing where nobody has said.
        public let rules: ConnectorRules
    }

    public let aliases: [String]
    /// Every setting at its default, the default connector included.
    public let defaults: Engine
    public let connectors: [Connector]
    /// Nil where the engine never forms steps ahead by itself.
    public let asynchronousScheduling: EngineHabit?
    /// Since when sliding-window layers keep their window alone on workers without a connector; nil where
    /// they do not.
    public let slidingWindowKV: EngineHabit?
    /// How far predictions are off, by the number of a deployment's measurements that its constants
    /// were calibrated to; the fewest first.
    public let intervals: [(measurements: Int, interval: PredictionInterval)]
    /// The same on GPUs whose kernels nobody timed; none where it is not known apart.
    public let untimedIntervals: [(measurements: Int, interval: PredictionInterval)]
    let benchmarkScripts: [BenchmarkScript]
    /// Kernels of experts that some versions have in place of those that were timed.
    let slowerBuilds: [SlowerExperts]
    private let startRules: StartRules?
    public let source: String
    /// Images that manifests name where the case does not; nil where nobody has said.
    public let images: EngineImages?

    public var name: String { defaults.name }

    /// How far predictions are off after a calibration to so many measurements; nil where nobody knows.
    ///
    /// - Parameters:
    ///   - measurements: deployments.
    ///   - timed: whether kernels were timed on the GPU; others have intervals of their own where somebody told
    ///     them, but no narrower ones.
    /// - Returns: the interval after the most measurements up to those.
    public func interval(after measurements: Int, timed: Bool) -> PredictionInterval? {
        func last(_ own: [(measurements: Int, interval: PredictionInterval)]) -> PredictionInterval?
        {
            own.last { $0.measurements <= measurements }?.interval
        }
        let whole = last(intervals)
        guard !timed, let own = last(untimedIntervals) else { return whole }
        return whole.map { own.noNarrower(than: $0) } ?? own
    }

    /// What the engine does with a model and one of its connectors.
    public func rules(for model: ModelSpec, connector: String?) -> EngineRules {
        var rules =
            connector.flatMap { self.connector(named: $0) }?.rules.rules(for: model)
            ?? EngineRules()
        rules.cutWeightBlocks = startRules?.cutWeightBlocks
        rules.partialExperts = startRules?.partialExperts
        return rules
    }

    /// Kernels of experts that a version has in place of those that were timed; none where it is not known.
    public func slowerExperts(version: String?) -> [SlowerExperts] {
        guard let version = version.flatMap(EngineVersion.init) else { return [] }
        return slowerBuilds.filter { $0.holds(in: version) }
    }

    /// What launch scripts of public benchmarks tell the engine for a run.
    public func benchmarkLaunch(for run: BenchmarkLaunch.Run) -> BenchmarkLaunch {
        BenchmarkScript.launch(by: benchmarkScripts, of: run)
    }

    /// Since when layers with a sliding window keep their window alone on workers with a connector, or
    /// without any; nil where they do not.
    public func slidingWindowKV(connector name: String?) -> EngineHabit? {
        guard let name else { return slidingWindowKV }
        return connector(named: name)?.slidingWindowKV
    }

    /// The connector of that name, in any case of letters.
    public func connector(named name: String) -> Connector? {
        connectors.first { $0.name.lowercased() == name.lowercased() }
    }
}

extension EngineFacts {
    init(_ tree: SourceValue, _ gpus: GPUNames) throws(CatalogError) {
        let fields = try Fields(tree)
        try fields.refuseKeys(
            except: [
                "name", "aliases", "source", "defaults", "overhead", "connectors",
                "async_scheduling", "sliding_window_kv", "prediction_intervals", "images", "rules",
                "public_benchmarks", "slower_experts", "dealt_experts", "mxfp4_activations",
            ])
        source = try fields.text("source")
        aliases = try fields.texts("aliases")
        connectors = try Self.connectors(fields.requiredSection("connectors"))
        asynchronousScheduling = try Self.habit("async_scheduling", fields)
        slidingWindowKV = try Self.habit("sliding_window_kv", fields)
        let told = try fields.section("prediction_intervals")
        intervals =
            try told.map { fields throws(CatalogError) in
                try Self.intervals(fields, besides: ["untimed"])
            } ?? []
        untimedIntervals =
            try told?.section("untimed").map { fields throws(CatalogError) in
                try Self.intervals(fields)
            } ?? []
        images = try fields.section("images").map { images throws(CatalogError) in
            try EngineImages(images)
        }
        benchmarkScripts = try Self.scripts(fields.section("public_benchmarks"), gpus)
        slowerBuilds = try Self.slowerExperts(
            fields.section("slower_experts"), of: fields.text("name"), gpus)
        startRules = try fields.section("rules").map { rules throws(CatalogError) in
            try StartRules(rules)
        }
        let settings = try fields.requiredSection("defaults")
        var overhead = try Self.overhead(fields.requiredSection("overhead"))
        overhead.dealtExperts = try Self.dealtExperts(
            fields.section("dealt_experts"), of: fields.text("name"), gpus)
        var defaults = try Self.engine(fields.text("name"), settings, overhead)
        defaults.expertActivations = try Self.expertActivations(
            fields.section("mxfp4_activations"), gpus)
        defaults.behaviour.formsStepsAhead =
            asynchronousScheduling?.isDefault(version: nil) ?? false
        let usual = connectors.first { $0.name == defaults.connector }
        defaults.behaviour.slidingWindowKV = usual?.slidingWindowKV == nil ? .whole : .window
        self.defaults = defaults
        guard connector(named: defaults.connector ?? "") != nil else {
            throw settings.invalid("connector", expected: "one of the connectors of the file")
        }
    }

    private static func engine(
        _ name: String, _ fields: Fields, _ overhead: EngineOverhead
    ) throws(CatalogError) -> Engine {
        try fields.refuseKeys(
            except: [
                "gpu_memory_utilization", "block_size", "max_sequences", "token_budget",
                "connector",
            ])
        return Engine(
            name: name, connector: try fields.text("connector"),
            memoryUtilization: try fields.number("gpu_memory_utilization", in: 0.01...1),
            blockSize: try fields.integer("block_size", in: 1...65_536),
            maxSequences: try fields.integer("max_sequences", in: 1...65_536),
            tokenBudget: try fields.integer("token_budget", in: 16...10_000_000),
            overhead: overhead)
    }

    private static func overhead(_ fields: Fields) throws(CatalogError) -> EngineOverhead {
        try fields.refuseKeys(except: OverheadFigure.allCases.map(\.rawValue) + ["source"])
        var overhead = EngineOverhead(source: try fields.text("source"))
        for figure in OverheadFigure.allCases {
            let value = try fields.number(figure.rawValue, in: figure.range, default: figure.idle)
            figure.set(value, in: &overhead)
        }
        return overhead
    }

    /// Factors by numbers of measurements, which are keys.
    private static func intervals(
        _ fields: Fields, besides sections: [String] = []
    ) throws(CatalogError) -> [(measurements: Int, interval: PredictionInterval)] {
        let source = try fields.text("source")
        var found: [(measurements: Int, interval: PredictionInterval)] = []
        for name in fields.keys where !(["source"] + sections).contains(name) {
            guard let measurements = Int(name), measurements >= 0 else {
                throw fields.invalid(name, expected: "a number of measurements, 0 or more")
            }
            let factors = try fields.requiredSection(name)
            try factors.refuseKeys(except: ["ttft_factor", "tpot_factor"])
            found.append(
                (
                    measurements,
                    PredictionInterval(
                        ttftFactor: try factors.number("ttft_factor", in: 1...1_000),
                        tpotFactor: try factors.number("tpot_factor", in: 1...1_000),
                        source: source)
                ))
        }
        return found.sorted { $0.measurements < $1.measurements }
    }

    private static func scripts(
        _ fields: Fields?, _ gpus: GPUNames
    ) throws(CatalogError) -> [BenchmarkScript] {
        var scripts: [BenchmarkScript] = []
        for name in fields?.keys ?? [] {
            guard let script = try fields?.section(name) else { continue }
            scripts.append(try BenchmarkScript(script, gpus))
        }
        return scripts
    }

    private static func habit(_ key: String, _ fields: Fields) throws(CatalogError) -> EngineHabit?
    {
        try fields.section(key).map { section throws(CatalogError) in try EngineHabit(section) }
    }

    private static func connectors(_ fields: Fields) throws(CatalogError) -> [Connector] {
        var connectors: [Connector] = []
        for name in fields.keys {
            let one = try fields.requiredSection(name)
            try one.refuseKeys(
                except: ["transfer_latency_ms", "source", "rules", "sliding_window_kv"])
            let latency = try one.number("transfer_latency_ms", in: 0...1e5)
            connectors.append(
                Connector(
                    name: name, slidingWindowKV: try habit("sliding_window_kv", one),
                    transferLatency: .nanoseconds(Int64((latency * 1e6).rounded())),
                    source: try one.text("source"),
                    rules: try one.section("rules").map { fields throws(CatalogError) in
                        try ConnectorRules(fields)
                    } ?? ConnectorRules()))
        }
        return connectors
    }
}
