import ServingDomain

/// Service level, policy and search.
extension CaseResolver {
    mutating func service() throws(CatalogError) -> CaseDraft.Service {
        let goal = number("slo.attainment_goal")
        let headline =
            ServiceLevel.Headline(rawValue: text("slo.headline")) ?? CaseDefaults.service.headline
        if values.has("slo.preset") {
            for path in ["slo.ttft_ms", "slo.itl_ms"] where values.has(path) {
                throw values.invalid(path, expected: "absent next to `preset`")
            }
            return .paperPreset(attainmentGoal: goal, headline: headline)
        }
        return .bounds(
            ServiceLevel(
                ttft: try bound("slo.ttft_ms"), itl: try bound("slo.itl_ms"),
                attainmentGoal: goal, headline: headline))
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

    mutating func policy() -> ServingPolicy {
        ServingPolicy(
            name: ServingPolicy.Name(rawValue: text("policy.name")) ?? CaseDefaults.policy.name,
            prefillSlack: number("policy.prefill_slack"),
            decodeSlack: number("policy.decode_slack"),
            window: duration("policy.window_s", scale: 1e9),
            reorderWindow: integer("policy.reorder_window"),
            maxPostponements: integer("policy.max_postponements"),
            stateDelay: duration("policy.state_delay_ms", scale: 1e6))
    }

    mutating func planning(_ cluster: Cluster) throws(CatalogError) -> Case.Planning {
        let dispatch = Case.Planning.Dispatch(rawValue: text("planning.dispatch"))
        return Case.Planning(
            degrees: try degrees(cluster),
            dispatch: dispatch ?? CaseDefaults.planning.dispatch,
            finalists: integer("planning.finalists"),
            replications: integer("planning.replications"),
            sessions: integer("planning.sessions"),
            seed: UInt64(clamping: integer("planning.seed")))
    }

    private mutating func degrees(_ cluster: Cluster) throws(CatalogError) -> [TensorParallelDegree]
    {
        if let given = values.degrees("planning.tp") {
            guard given.allSatisfy({ $0.value <= cluster.gpus.value }) else {
                throw values.invalid(
                    "planning.tp", expected: "no degree above the cluster's \(cluster.gpus) GPUs")
            }
            return given
        }
        let fitting = TensorParallelDegree.usual.filter { $0.value <= cluster.gpusPerNode }
        let shown = DocumentValue.list(fitting.map { .integer($0.value) })
        return assume("planning.tp", fitting, shown, "usual degrees that fit into one node")
    }
}
