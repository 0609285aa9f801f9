import Catalog
import Scheduling
import ServingDomain

/// Random cases for the round trip, from a seed.
struct CaseLottery {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func draft(_ catalog: Catalog) throws(CatalogError) -> CaseDraft {
        let start = try CaseFile.parse(
            text: CaseSample.minimal, fileName: "any.yaml", catalog: catalog)
        var draft = start.withoutNotes
        draft.name = pick(["a", "x y", "007", "no", "ünï"])
        let cluster = Cluster(
            gpu: start.platform?.cluster.gpu ?? "", nodes: integer(1...4096),
            gpusPerNode: integer(1...72))
        draft.platform?.model = try catalog.model(named: pick(catalog.modelNames))
        draft.platform?.weightFormat = pick(NumberFormat.allCases)
        draft.platform?.kvFormat = pick([.bf16, .fp8])
        draft.platform?.pools[0].cluster = cluster
        draft.platform?.pools[0].transfer = transfer()
        if integer(0...2) == 0 { try addPools(to: &draft, catalog) }
        draft.layout = pick(["P:4x2,D:8x1", "C:1x7", ""].map(Deployment.init(notation:)))
        draft.engine = engine(draft.engine)
        for figure in OverheadFigure.allCases where fraction() < 0.3 {
            // Times are whole nanoseconds.
            draft.ownOverhead[figure] =
                figure.rawValue.hasSuffix("factor")
                ? 0.1 + fraction() * 9 : Double(integer(0...1_000_000_000)) / 1000
        }
        draft.engine.overhead = draft.ownOverhead.over(draft.engine.overhead)
        // They follow from connector and model.
        draft.engine.rules = try catalog.rules(of: draft)
        if draft.platform?.model.mixesWindows != true {
            draft.engine.behaviour.slidingWindowKV = .whole
        }
        let stated: NumberFormat? = draft.platform.flatMap { platform in
            let isChoice = platform.pools.contains {
                platform.model.leavesActivations(of: platform.weightFormat, to: $0.hardware)
            }
            return isChoice ? pick([nil, .bf16, .fp8]) : nil
        }
        draft.engine.expertActivations = draft.engine.expertActivations.stating(stated)
        if draft.platform?.model.mixture != nil {
            draft.engine.behaviour.expertDegree = pick([1, 2, 8])
        }
        draft.workload = load()
        draft.concurrency = pick([nil, integer(1...1_000_000)])
        draft.arrivals = pick([
            .poisson, .gamma(cv: 0.01 + fraction() * 99), .weibull(cv: 0.01 + fraction() * 99),
            .markovModulated(.init(ratio: 1 + fraction(), share: 0.3, duration: 1 + fraction())),
            .profile(.init(rates: [0, fraction(), 2], period: 1 + fraction() * 1e6)),
            .deterministic,
        ])
        if integer(0...3) == 0 { closeLoop(of: &draft) }
        draft.service = service()
        draft.policy = policy()
        if draft.policy.name == .ppd, integer(0...1) == 1 {
            draft.policyTable = .init(written: "t/a.json", path: "t/a.json")
        }
        draft.planning = planning(cluster)
        draft.planning.survivedLosses = integer(0...1)
        draft.planning.mixesWorkers = pick([true, false])
        if integer(0...3) == 0 {
            draft.engine.behaviour.dataParallelRanks = 1
            draft.planning.records = pick([["1dp2"], ["1ep4", "2dp1024ep8"]]).compactMap {
                Parallelism(notation: $0)
            }.filter { $0.gpus.value <= cluster.gpus.value }
        }
        draft.planning.ignoresEngineRules = pick([true, false])
        return draft
    }

    /// Prices are those of every pool or of none; what holds for all transfers is that of the first.
    private mutating func addPools(to draft: inout CaseDraft, _ catalog: Catalog)
        throws(CatalogError)
    {
        guard var pools = draft.platform?.pools, let first = pools.first else { return }
        pools[0].name = pick(["h20", "a.b-c", "default", "0"])
        for name in ["spare", "1.x"].prefix(integer(1...2)) {
            var pool = first
            pool.name = name
            pool.hardware = try catalog.hardware(named: pick(["h100-sxm", "h20"]))
            pool.cluster = Cluster(
                gpu: pool.hardware.name, nodes: integer(1...4096), gpusPerNode: integer(1...72))
            pool.transfer.intraNode = bandwidth()
            pool.transfer.interNode = bandwidth()
            pool.phases = pick([[.prefill], [.decode], [.prefill, .decode]])
            pools.append(pool)
        }
        let isPriced = pick([true, false])
        for place in pools.indices where isPriced {
            let cluster = pools[place].cluster
            pools[place].cluster = Cluster(
                gpu: cluster.gpu, nodes: cluster.nodes, gpusPerNode: cluster.gpusPerNode,
                pricePerGPUHour: fraction() * 100)
        }
        draft.platform?.pools = pools
    }

    private mutating func transfer() -> KVTransfer {
        KVTransfer(
            latency: .nanoseconds(integer(0...100_000_000_000)),
            perBlock: .nanoseconds(integer(0...1_000_000_000)), intraNode: bandwidth(),
            interNode: bandwidth(), contention: pick(KVTransfer.Contention.allCases))
    }

    private mutating func bandwidth() -> Bandwidth {
        Bandwidth(bytesPerSecond: Double(integer(1_000_000...1_000_000_000_000)))
    }

    private mutating func closeLoop(of draft: inout CaseDraft) {
        draft.arrivals = .closed
        draft.concurrency = integer(1...1_000_000)
        switch draft.workload {
        case .synthetic(let sessions, _):
            draft.workload = .synthetic(sessions, rate: .unlimited)
        case .trace(let file, let format, _):
            draft.workload = .trace(file, format: format, rate: nil)
        }
    }

    private mutating func engine(_ usual: Engine) -> Engine {
        var engine = usual
        engine.version = pick([nil, "0.10", "1.2.3"])
        engine.image = pick([nil, "registry:5000/a/b@sha256:00"])
        engine.connector = pick(["NixlConnector", "MooncakeConnector"])
        engine.memoryUtilization = max(0.01, fraction())
        engine.blockSize = integer(1...4096)
        engine.maxSequences = integer(1...65_536)
        engine.tokenBudget = integer(16...10_000_000)
        engine.behaviour.localPrefill = pick(LocalPrefill.allCases)
        engine.behaviour.prefillBatch = pick([.oneTask, .tokens(integer(1...10_000_000))])
        engine.behaviour.firstTokenSite = pick(FirstTokenSite.allCases)
        engine.behaviour.historySource = pick(HistorySource.allCases)
        engine.behaviour.leastHistoryRead = integer(0...10_000_000)
        engine.behaviour.retention = pick(Retention.allCases)
        engine.behaviour.prefixCaching = pick([true, false])
        engine.behaviour.formsStepsAhead = pick([true, false])
        engine.behaviour.slidingWindowKV = pick(SlidingWindowKV.allCases)
        engine.behaviour.dataParallelRanks = integer(1...1024)
        engine.behaviour.promptBalance = pick([
            nil, PromptBalance(patience: integer(1...100_000), gathering: integer(0...100_000)),
        ])
        engine.behaviour.promptPooling = pick([
            nil, PromptPooling(steps: integer(1...100_000), share: 0.5 + fraction() / 2),
        ])
        let behaviour = engine.behaviour
        if behaviour.promptBalance == nil, behaviour.promptPooling == nil {
            engine.behaviour.receiveInterval = integer(1...100_000)
        }
        return engine
    }

    private mutating func load() -> CaseDraft.Load {
        let rate = Rate(sessionsPerSecond: 1e-6 + fraction() * 1000)
        if integer(0...3) == 0 {
            return .trace(
                CaseDraft.FileReference(written: "t/a.csv", path: "t/a.csv"),
                format: pick(TraceFormat.allCases), rate: pick([nil, rate]))
        }
        let reading = pick(Workload.LengthReading.allCases)
        let first = law()
        let fanout = pick([nil, Workload.Fanout(children: law(), depth: integer(1...8))])
        let compaction = Workload.Compaction(limit: law(), history: law(), newTokens: law())
        let groups = pick([
            nil,
            Workload.PrefixGroups(
                count: integer(1...100_000), tokens: law(), popularity: pick([.uniform, .zipf])),
        ])
        return .synthetic(
            Workload.Synthetic(
                rounds: law(), reading: reading, prefillTokens: law(),
                firstPrefillTokens: reading == .perRound ? pick([nil, first]) : nil,
                decodeTokens: law(), environmentDelay: law(), prefixGroups: groups,
                fanout: fanout, compaction: reading == .perRound ? pick([nil, compaction]) : nil),
            rate: rate)
    }

    private mutating func law() -> Law {
        let (first, second) = (simpleLaw(), simpleLaw())
        return pick([
            first, first, first,
            .mixture([
                .init(weight: 0.001 + fraction(), law: first), .init(weight: 7, law: second),
            ]),
        ])
    }

    private mutating func simpleLaw() -> Law {
        let (low, high) = (1 + fraction() * 10, 12 + fraction() * 900)
        return pick([
            .constant(low), .uniform(low: low, high: high), .exponential(mean: high),
            .lognormal(mean: high, cv: low), .geometric(mean: low), .empirical([low, high, 3]),
            .gamma(mean: high, cv: low), .weibull(mean: high, cv: low),
            .negativeBinomial(mean: high, cv: low),
            .pareto(low: low, high: high, index: 0.05 + fraction()),
            .quantiles(probabilities: [0, fraction(), 1], values: [low, low, high]),
        ])
    }

    private mutating func service() -> CaseDraft.Service {
        let goal = fraction()
        let headline = pick(ServiceLevel.Headline.allCases)
        let statistic = pick(ServiceLevel.ITLStatistic.allCases)
        if integer(0...2) == 0 {
            return .paperPreset(
                attainmentGoal: goal, headline: headline, itlStatistic: statistic)
        }
        var level = ServiceLevel(
            ttft: .nanoseconds(integer(1...10_000_000_000)),
            itl: .nanoseconds(integer(1...1_000_000_000)), itlStatistic: statistic,
            job: pick([nil, .nanoseconds(integer(1...100_000_000_000))]), attainmentGoal: goal,
            headline: headline)
        level.tenants = ["chat", "a: b", "007"].prefix(integer(0...3)).map {
            ServiceLevel.Tenant(
                name: $0, ttft: .nanoseconds(integer(1...10_000_000_000)),
                itl: .nanoseconds(integer(1...1_000_000_000)))
        }
        return .bounds(level)
    }

    private mutating func policy() -> ServingPolicy {
        var policy = ServingPolicy(name: pick(Policies.names))
        policy.window = .nanoseconds(integer(1_000_000...3_600_000_000_000))
        policy.stateDelay = .nanoseconds(integer(0...1_000_000_000))
        if integer(0...1) == 1 { policy.dispatch = pick(Dispatch.allCases) }
        for knob in policy.definition.knobs { policy[knob] = value(knob) }
        return policy
    }

    private mutating func value(_ knob: PolicyKnob) -> Double {
        switch knob.values {
        case .number(let range, _): range.upperBound * fraction()
        case .whole(let range): Double(integer(range))
        case .choice(let words): Double(integer(0...words.count - 1))
        }
    }

    private mutating func planning(_ cluster: Cluster) -> Case.Planning {
        let degrees = [1, 2, 4, 8, 16, 32, 64].filter { $0 <= cluster.gpus.value }
            .compactMap { TensorParallelDegree($0) }
        return Case.Planning(
            degrees: Array(degrees.prefix(integer(1...7))),
            objective: pick([.slo, .seconds, .paper, .maxRate]),
            tieWeight: pick([nil, 0.3, 7]),
            gpuBudget: pick([nil, GPUs(cluster.gpus.value / 2 + 1)]),
            fillsBudget: pick([true, false]),
            dispatch: pick(Case.Planning.Dispatch.allCases), finalists: integer(1...100),
            replications: integer(1...1000), maxReplications: integer(1...1000),
            sessions: integer(10...1_000_000),
            seed: UInt64(integer(0...9_007_199_254_740_991)))
    }

    private mutating func bits() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 11
    }

    private mutating func integer(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(bits() % UInt64(range.upperBound - range.lowerBound + 1))
    }

    /// Above 0 and at most 1.
    private mutating func fraction() -> Double { Double(bits() + 1) * 0x1p-53 }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[integer(0...elements.count - 1)]
    }
}

extension Catalog {
    /// What the engine of a draft can do.
    fileprivate func rules(of draft: CaseDraft) throws(CatalogError) -> EngineRules {
        let facts = try engine(named: draft.engine.name)
        guard let model = draft.platform?.model else { return EngineRules() }
        return facts.rules(for: model, connector: draft.engine.connector)
    }
}
