import ServingDomain

/// Cluster, engine and transfers.
extension CaseResolver {
    /// Share of a link that a transfer achieves (InferSim, NVLink and RDMA alike).
    private static let linkEfficiency = 0.8

    /// GPUs of a pool, before anything is known of transfers.
    struct PoolGPUs {
        let name: String
        let hardware: HardwareSpec
        let cluster: Cluster
        let phases: Set<Phase>
    }

    /// The pool of `cluster` and those of `pools`.
    mutating func poolGPUs(beside costs: CaseDraft.StatedCosts?) throws(CatalogError) -> [PoolGPUs]
    {
        if let costs, values.count("pools") > 0 {
            throw values.invalid(
                "pools",
                expected:
                    "absent: \(costs.reference.written) states the costs of one kind of worker"
            )
        }
        var pools: [PoolGPUs] = []
        for place in 0...values.count("pools") {
            let pool = try poolGPUs(place)
            guard !pools.contains(where: { $0.name == pool.name }) else {
                throw values.invalid(
                    CaseFields.section(ofPool: place) + "name",
                    expected: "a name of its own: another pool is called '\(pool.name)'")
            }
            pools.append(pool)
        }
        for phase in Phase.allCases where !pools.contains(where: { $0.phases.contains(phase) }) {
            throw values.invalid(
                "cluster.phases", expected: "both, or a further pool for \(phase.rawValue) workers")
        }
        return pools
    }

    private mutating func poolGPUs(_ place: Int) throws(CatalogError) -> PoolGPUs {
        let section = CaseFields.section(ofPool: place)
        let facts = try gpu(section + "gpu")
        let source = "\(facts.name): \(facts.source)"
        let hasPools = values.count("pools") > 0
        if !hasPools, values.has("cluster.name") {
            throw values.invalid("cluster.name", expected: "absent without `pools`")
        }
        if hasPools, !values.has(section + "name"), !GPUPool.isName(facts.name) {
            throw values.missing(
                section + "name",
                "a name for the pool: layouts cannot write '\(facts.name)'")
        }
        let name =
            hasPools
            ? text(section + "name", default: facts.name, source: "the GPU type")
            : GPUPool.onlyName
        let phases =
            hasPools ? Phase(rawValue: text(section + "phases")) : try onlyPhases()
        let gpus = integer(section + "gpus_per_node", default: facts.gpusPerNode, source: source)
        let intra = bandwidth(
            section + "intra_node_gbytes_per_s", default: facts.intraNode.bandwidth, source: source)
        let inter = bandwidth(
            section + "inter_node_gbytes_per_s", default: facts.interNode.bandwidth, source: source)
        // Prefill workers keep nothing in host memory.
        let isUnused = phases == .prefill && !values.has(section + "host_gbytes_per_s")
        let hardware = facts.linked(
            intraNode: intra, interNode: inter,
            host: isUnused ? nil : try hostLink(facts, section, source))
        return PoolGPUs(
            name: name, hardware: hardware,
            cluster: Cluster(
                gpu: facts.name, nodes: values.integer(section + "nodes") ?? 1, gpusPerNode: gpus,
                pricePerGPUHour: values.number(section + "usd_per_gpu_hour")),
            phases: phases.map { [$0] } ?? Set(Phase.allCases))
    }

    /// The GPUs of the only pool are for both phases.
    private func onlyPhases() throws(CatalogError) -> Phase? {
        guard values.text("cluster.phases") ?? "both" == "both" else {
            throw values.invalid("cluster.phases", expected: "both, or absent, without `pools`")
        }
        return nil
    }

    /// The way to host memory; asked for only where it is used.
    private mutating func hostLink(
        _ facts: HardwareSpec, _ section: String, _ source: String
    ) throws(CatalogError) -> Bandwidth? {
        let path = section + "host_gbytes_per_s"
        guard values.number("engine.host_kv_gib") ?? 0 > 0 || values.has(path) else { return nil }
        let given = values.has(path) ? Bandwidth(bytesPerSecond: 0) : nil
        guard let usual = facts.hostBandwidth ?? given else {
            throw values.invalid(
                "engine.host_kv_gib",
                expected: "`\(path)` beside it, for the facts of \(facts.name) name none")
        }
        let copy = EngineBehaviour.hostCopyLatency
        if section == CaseFields.section(ofPool: 0) {
            _ = assume(
                "overhead.host_copy_us", copy, .decimal(Double(copy.inNanoseconds) / 1e3),
                "our default: the wire latency of a link")
        }
        return bandwidth(path, default: usual, source: source)
    }

    private func gpu(_ path: String) throws(CatalogError) -> HardwareSpec {
        do {
            return try catalog.hardware(named: values.text(path) ?? "")
        } catch .unknownName(_, _, let nearest, let known) {
            throw unknown(path, nearest, known)
        }
    }

    mutating func engineFacts() throws(CatalogError) -> EngineFacts {
        do {
            return try catalog.engine(named: text("engine.name"))
        } catch .unknownName(_, _, let nearest, let known) {
            throw unknown("engine.name", nearest, known)
        }
    }

    /// Stated costs include host time, and no limit of the engine is behind them.
    mutating func engine(
        _ facts: EngineFacts, isStated: Bool
    ) throws(CatalogError) -> Engine {
        let usual = facts.defaults
        let source = "\(facts.name): \(facts.source)"
        let connector = text(
            "engine.connector", default: usual.connector ?? "", source: source)
        let overhead = try overhead(of: usual, isStated: isStated)
        var engine = Engine(
            name: facts.name, version: values.text("engine.version"),
            connector: facts.connector(named: connector)?.name ?? connector,
            image: values.text("engine.image"),
            memoryUtilization: number(
                "engine.gpu_memory_utilization", default: usual.memoryUtilization, source: source),
            blockSize: integer("engine.block_size", default: usual.blockSize, source: source),
            maxSequences: isStated
                ? statedSequences()
                : integer("engine.max_sequences", default: usual.maxSequences, source: source),
            tokenBudget: integer("engine.token_budget", default: usual.tokenBudget, source: source),
            overhead: overhead)
        engine.behaviour = try behaviour(of: isStated ? nil : facts)
        engine.behaviour.hostMemory = Bytes(
            Int((number("engine.host_kv_gib") * 0x1p30).rounded()))
        return engine
    }

    /// How the engine serves, without the second tier of memory, which only a platform has.
    ///
    /// Steps are formed ahead where `facts` say that the engine does so.
    mutating func behaviour(
        of facts: EngineFacts? = nil
    ) throws(CatalogError) -> EngineBehaviour {
        var behaviour = EngineBehaviour()
        let batch = integer("engine.prefill_batch_tokens")
        behaviour.prefillBatch = batch > 0 ? .tokens(batch) : .oneTask
        behaviour.localPrefill = word("engine.local_prefill") ?? behaviour.localPrefill
        behaviour.firstTokenSite = word("engine.first_token_site") ?? behaviour.firstTokenSite
        behaviour.historySource = word("engine.history_source") ?? behaviour.historySource
        behaviour.leastHistoryRead = integer("engine.history_recompute_tokens")
        behaviour.retention = word("engine.retention") ?? behaviour.retention
        behaviour.prefixCaching = text("engine.prefix_caching") == "on"
        behaviour.formsStepsAhead = formsStepsAhead(facts)
        behaviour.dataParallelRanks = integer("engine.data_parallel_ranks")
        try waitForPrompts(&behaviour)
        behaviour.expertDegree = integer("engine.expert_parallel")
        behaviour.prefillRanks = integer("engine.prefill_data_parallel_ranks")
        let prefillExperts = integer(
            "engine.prefill_expert_parallel", default: behaviour.expertDegree,
            source: "as engine.expert_parallel")
        if prefillExperts != behaviour.expertDegree {
            behaviour.prefillExpertDegree = prefillExperts
        }
        return behaviour
    }

    private mutating func formsStepsAhead(_ facts: EngineFacts?) -> Bool {
        let scheduling = facts?.asynchronousScheduling
        let isDefault = scheduling?.isDefault(version: values.text("engine.version")) ?? false
        let source = scheduling.map { "\(facts?.name ?? "") since \($0.since): \($0.source)" }
        return text(
            "engine.async_scheduling", default: isDefault ? "on" : "off",
            source: source ?? "our default where no engine is known to do so") == "on"
    }

    private mutating func word<Word: RawRepresentable<String>>(_ path: String) -> Word? {
        Word(rawValue: text(path))
    }

    /// The pools with the links that KV cache moves over.
    mutating func pools(
        _ gpus: [PoolGPUs], _ facts: EngineFacts, _ engine: Engine,
        _ costs: CaseDraft.StatedCosts?
    ) throws(CatalogError) -> [GPUPool] {
        if let costs, let time = costs.file.transfer {
            try refuseTransferKeys(beside: costs)
            let fixed = KVTransfer(
                latency: time, bandwidth: Bandwidth(bytesPerSecond: .infinity))
            return gpus.map { pool($0, fixed) }
        }
        let connector = engine.connector.flatMap { facts.connector(named: $0) }
        if connector == nil {
            try refuseUnknownConnector(facts, engine)
        }
        let latency = duration(
            "cluster.transfer_latency_ms", scale: 1e6,
            default: connector?.transferLatency ?? .zero, source: connector?.source ?? "")
        let perBlock = duration("cluster.transfer_us_per_block", scale: 1e3)
        var links: [(intra: Bandwidth, inter: Bandwidth)] = []
        for (place, pool) in gpus.enumerated() {
            let section = CaseFields.section(ofPool: place)
            let intra = transferBandwidth(section, "intra", pool.hardware.intraNode)
            links.append(
                (intra, transferBandwidth(section, "inter", pool.hardware.interNode)))
        }
        let contention =
            KVTransfer.Contention(rawValue: text("cluster.transfer_contention")) ?? .shared
        return zip(gpus, links).map { gpus, links in
            pool(
                gpus,
                KVTransfer(
                    latency: latency, perBlock: perBlock, intraNode: links.intra,
                    interNode: links.inter, contention: contention))
        }
    }

    private func pool(_ gpus: PoolGPUs, _ transfer: KVTransfer) -> GPUPool {
        GPUPool(
            name: gpus.name, hardware: gpus.hardware, cluster: gpus.cluster, transfer: transfer,
            phases: gpus.phases)
    }

    /// A file that states the time of a transfer leaves nothing to say of links.
    private func refuseTransferKeys(
        beside costs: CaseDraft.StatedCosts
    ) throws(CatalogError) {
        for field in CaseFields.all
        where field.path.hasPrefix("cluster.transfer_") && values.has(field.path) {
            throw values.invalid(
                field.path,
                expected: "absent: \(costs.reference.written) states kv_transfer_ms")
        }
    }

    private mutating func transferBandwidth(
        _ section: String, _ name: String, _ link: HardwareSpec.Link
    ) -> Bandwidth {
        let path = section + "transfer_\(name)_node_gbytes_per_s"
        if !values.has(path), let both = values.number(section + "transfer_gbytes_per_s") {
            return Bandwidth(bytesPerSecond: (both * 1e9).rounded())
        }
        return bandwidth(
            path, default: link.bandwidth * Self.linkEfficiency,
            source: "\(Self.linkEfficiency) of the \(name)-node link, a rule of thumb (InferSim)")
    }

    /// An unknown connector is fine as soon as its latency is given.
    private mutating func refuseUnknownConnector(
        _ facts: EngineFacts, _ engine: Engine
    ) throws(CatalogError) {
        let known = facts.connectors.map(\.name)
        guard values.has("cluster.transfer_latency_ms") else {
            let nearest = NearestName.suggestions(for: engine.connector ?? "", among: known)
            throw unknown("engine.connector", nearest, known)
        }
        warnings.append(
            "\(engine.name) has no connector '\(engine.connector ?? "")' in the catalog; the"
                + " given transfer latency is used.")
    }
}
