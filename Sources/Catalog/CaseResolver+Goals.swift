import Scheduling
import ServingDomain

/// Service level, policy and search.
extension CaseResolver {
    mutating func service() throws(CatalogError) -> CaseDraft.Service {
        let goal = number("slo.attainment_goal")
        let headline =
            ServiceLevel.Headline(rawValue: text("slo.headline")) ?? CaseDefaults.service.headline
        let statistic =
            ServiceLevel.ITLStatistic(rawValue: text("slo.itl_stat"))
            ?? CaseDefaults.service.itlStatistic
        if values.has("slo.preset") {
            for path in ["slo.ttft_ms", "slo.itl_ms", "slo.job_ms", "slo.tenants"]
            where values.has(path) {
                throw values.invalid(path, expected: "absent next to `preset`")
            }
            return .paperPreset(
                attainmentGoal: goal, headline: headline, itlStatistic: statistic)
        }
        var level = ServiceLevel(
            ttft: try bound("slo.ttft_ms"), itl: try bound("slo.itl_ms"),
            itlStatistic: statistic,
            job: values.has("slo.job_ms") ? try bound("slo.job_ms") : nil,
            attainmentGoal: goal, headline: headline)
        level.tenants = try tenants(level)
        return .bounds(level)
    }

    /// The tenants that have bounds of their own.
    private func tenants(_ level: ServiceLevel) throws(CatalogError) -> [ServiceLevel.Tenant] {
        var tenants: [ServiceLevel.Tenant] = []
        for section in try values.sections("slo.tenants") {
            try section.refuseKeys(except: CaseFields.tenant.map(\.key))
            for field in CaseFields.tenant {
                guard let given = section.value(field.key) else { continue }
                try field.check(given, as: section.prefix + field.key)
            }
            let name = try section.text("name")
            guard !tenants.contains(where: { $0.name == name }) else {
                throw section.invalid("name", expected: "each tenant once")
            }
            tenants.append(
                ServiceLevel.Tenant(
                    name: name, ttft: Self.bound(section, "ttft_ms") ?? level.ttft,
                    itl: Self.bound(section, "itl_ms") ?? level.itl))
        }
        return tenants
    }

    /// A bound of a tenant, at least a nanosecond.
    private static func bound(_ section: Fields, _ key: String) -> Duration? {
        section.value(key)?.number.map { .nanoseconds(max(1, Int64(($0 * 1e6).rounded()))) }
    }

    private func bound(_ path: String) throws(CatalogError) -> Duration {
        guard let milliseconds = values.number(path) else {
            throw values.missing(path, "a time in milliseconds, or `preset: paper`")
        }
        let nanoseconds = (milliseconds * 1e6).rounded()
        guard nanoseconds >= 1 else {
            throw values.invalid(path, expected: "at least one nanosecond")
        }
        return .nanoseconds(Int64(nanoseconds))
    }

    mutating func policy(_ costs: CaseDraft.StatedCosts?) throws(CatalogError) -> ServingPolicy {
        var policy = ServingPolicy(name: ServingPolicy.Name(rawValue: text("policy.name")))
        policy.dispatch = values.text("policy.dispatch").flatMap { Dispatch(rawValue: $0) }
        let own = PolicyKnob.common + policy.definition.knobs
        for knob in Policies.knobs {
            let path = "policy." + knob.key
            if let stated = costs?.file.settings[knob.key], !values.has(path) {
                policy[knob] = noted(stated, knob, path, costs)
            } else if own.contains(knob) {
                policy[knob] = setting(knob, path)
            } else if values.has(path) {
                throw values.invalid(
                    path,
                    expected: "no such key: the policy \(policy.name.rawValue) has no use for it")
            }
        }
        return policy
    }

    /// The table that the policy decides by, where the case names one.
    func table(of policy: ServingPolicy) throws(CatalogError) -> CaseDraft.FileReference? {
        guard let table = values.text("policy.table") else { return nil }
        guard policy.definition.usesTable else {
            throw values.invalid(
                "policy.table",
                expected: "no such key: the policy \(policy.name.rawValue) has no use for it")
        }
        return CaseDraft.FileReference(written: table, path: CasePath.join(folder, table))
    }

    private mutating func setting(_ knob: PolicyKnob, _ path: String) -> Double {
        switch knob.values {
        case .number: number(path)
        case .whole: Double(integer(path))
        case .choice(let words): Double(words.firstIndex(of: text(path)) ?? 0)
        }
    }

    /// Without a cluster there is nothing to search, and only what belongs to runs is asked for.
    mutating func planning(
        _ platform: CaseDraft.Platform?
    ) throws(CatalogError) -> Case.Planning {
        guard let platform else {
            return Case.Planning(
                replications: integer("planning.replications"),
                sessions: integer("planning.sessions"),
                horizonSessions: integer("planning.horizon_sessions"),
                seed: UInt64(clamping: integer("planning.seed")))
        }
        if let most = values.integer("planning.max_replications"),
            most < integer("planning.replications")
        {
            throw values.invalid(
                "planning.max_replications", expected: "no fewer than `replications`")
        }
        let dispatch = Case.Planning.Dispatch(rawValue: text("planning.dispatch"))
        let objective = Case.Planning.Objective(rawValue: text("planning.objective"))
        let fills = text("planning.gpu_use") == "all"
        if fills, let objective, objective.spendsLeast {
            throw values.invalid(
                "planning.gpu_use", expected: "up_to where `objective` is \(objective.rawValue)")
        }
        let gpus = platform.pools.reduce(GPUs.zero) { $0 + $1.cluster.gpus }
        let place = platform.pools.count > 1 ? "pools'" : "cluster's"
        if let budget = values.integer("planning.gpu_budget"), budget > gpus.value {
            throw values.invalid(
                "planning.gpu_budget", expected: "no more than the \(place) \(gpus) GPUs")
        }
        if objective == .minCost { try refuseMissingPrices(platform.pools) }
        var planning = Case.Planning(
            degrees: try degrees(platform.pools),
            objective: objective ?? CaseDefaults.planning.objective,
            tieWeight: values.number("planning.tie_weight"),
            gpuBudget: values.integer("planning.gpu_budget").map { GPUs($0) }, fillsBudget: fills,
            dispatch: dispatch ?? CaseDefaults.planning.dispatch,
            finalists: integer("planning.finalists"),
            replications: integer("planning.replications"),
            maxReplications: values.integer("planning.max_replications")
                ?? CaseDefaults.planning.maxReplications,
            sessions: integer("planning.sessions"),
            horizonSessions: integer("planning.horizon_sessions"),
            seed: UInt64(clamping: integer("planning.seed")))
        planning.records = try records(platform, beside: planning.degrees)
        planning.mixesWorkers = text("planning.mixed_workers") == "on"
        planning.survivedLosses = integer("planning.survive")
        planning.ignoresEngineRules = text("planning.engine_rules") == "ignore"
        return planning
    }

    /// Dollars are compared between pools, so that each needs a price; GPUs of one pool cost the same.
    private func refuseMissingPrices(_ pools: [GPUPool]) throws(CatalogError) {
        guard pools.count > 1,
            let place = pools.firstIndex(where: { $0.cluster.pricePerGPUHour == nil })
        else { return }
        throw values.invalid(
            CaseFields.section(ofPool: place) + "usd_per_gpu_hour",
            expected: "a price for each pool where `objective` is min_cost")
    }

    /// Workers beside those of tensor parallelism alone.
    private func records(
        _ platform: CaseDraft.Platform, beside degrees: [TensorParallelDegree]
    ) throws(CatalogError) -> [Parallelism] {
        let given = values.parallelisms("planning.parallelism") ?? []
        guard !given.isEmpty else { return [] }
        for key in ["data_parallel_ranks", "prefill_data_parallel_ranks"]
        where values.integer("engine." + key) ?? 1 > 1 {
            throw values.invalid(
                "engine." + key, expected: "1 or absent beside `planning.parallelism`")
        }
        let largest = platform.pools.map(\.cluster.gpus.value).max() ?? 0
        if let large = given.first(where: { $0.gpus.value > largest }) {
            throw values.invalid(
                "planning.parallelism",
                expected: "no worker above \(largest) GPUs, and \(large) takes \(large.gpus)")
        }
        return given.filter { $0.split != nil || !degrees.contains($0.tensor) }
    }

    private mutating func degrees(_ pools: [GPUPool]) throws(CatalogError) -> [TensorParallelDegree]
    {
        let largest = pools.map(\.cluster.gpus.value).max() ?? 0
        if let given = values.degrees("planning.tp") {
            guard given.allSatisfy({ $0.value <= largest }) else {
                throw values.invalid(
                    "planning.tp",
                    expected: "no degree above the "
                        + (pools.count > 1 ? "largest pool's" : "cluster's") + " \(largest) GPUs")
            }
            return given
        }
        let perNode = pools.map(\.cluster.gpusPerNode).max() ?? 0
        let fitting = TensorParallelDegree.usual.filter { $0.value <= perNode }
        let shown = DocumentValue.list(fitting.map { .integer($0.value) })
        return assume("planning.tp", fitting, shown, "usual degrees that fit into one node")
    }
}
