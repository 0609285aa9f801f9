public import ServingDomain

/// The fewest GPUs that serve each of several loads.
public struct RateSweep: Sendable {
    /// The plans of one rate.
    public struct Point: Sendable {
        public let rate: Rate
        /// Those of the smallest budget that is enough, or of the whole one where none is.
        public let result: PlanResult

        public var isFound: Bool { result.search?.isFound == true }
        /// The layout to use at this rate.
        public var layout: Deployment? { isFound ? result.recommended?.deployment : nil }
    }

    /// Workers that the layouts of all rates have, so that they can stay while others come and go.
    public struct Core: Hashable, Sendable {
        public let prefill: [WorkerGroup]
        public let decode: [WorkerGroup]
        public let colocated: [WorkerGroup]

        public var isEmpty: Bool { prefill.isEmpty && decode.isEmpty && colocated.isEmpty }
    }

    /// By increasing rate; fewer than asked for where the sweep was cancelled.
    public let points: [Point]
    /// Of the rates that can be served.
    public let core: Core
    /// Whether the sweep was cancelled.
    public let isInterrupted: Bool

    /// Whether every rate can be served.
    public var isServed: Bool { !isInterrupted && points.allSatisfy(\.isFound) }

    init(_ points: [Point], isInterrupted: Bool) {
        self.points = points
        self.isInterrupted = isInterrupted
        let layouts = points.compactMap(\.layout)
        core = Core(
            prefill: Self.common(layouts.map { $0.groups(of: .prefill) }),
            decode: Self.common(layouts.map { $0.groups(of: .decode) }),
            colocated: Self.common(layouts.map(\.colocatedGroups)))
    }

    /// As many workers of each kind as all of the lists have.
    static func common(_ lists: [[WorkerGroup]]) -> [WorkerGroup] {
        guard let first = lists.first else { return [] }
        return first.compactMap { group in
            let counts = lists.map { list in
                list.filter { $0.pool == group.pool && $0.parallelism == group.parallelism }
                    .reduce(0) { $0 + $1.replicas }
            }
            let least = counts.min() ?? 0
            guard least > 0 else { return nil }
            return WorkerGroup(
                pool: group.pool, parallelism: group.parallelism, replicas: least)
        }
    }
}

extension Deployment {
    fileprivate var colocatedGroups: [WorkerGroup] {
        if case .colocated(let groups) = self { groups } else { [] }
    }
}

extension Planner {
    /// Looks for the fewest GPUs at each rate, or the least dollars where the case asks for those, within the
    /// budget of the case.
    ///
    /// Where the engine refuses what the policy needs, the nearest case that it can run is planned instead.
    ///
    /// - Parameter rates: in any order, each at most once.
    /// - Returns: the plans by increasing rate; those until then where the task is cancelled.
    /// - Throws: where there is no plan at all.
    public func sweep(_ rates: [Rate]) async throws(PlanningError) -> RateSweep {
        var points: [RateSweep.Point] = []
        for rate in rates.sorted() {
            var asked = runnableCase
            asked.workload.rate = rate
            if !asked.planning.objective.spendsLeast { asked.planning.objective = .minGPUs }
            asked.planning.fillsBudget = false
            let planner = Planner(
                planningCase: asked, costs: costs, jobs: jobs, progress: progress)
            do {
                points.append(RateSweep.Point(rate: rate, result: try await planner.plan()))
            } catch .interrupted {
                guard !points.isEmpty else { throw .interrupted }
            }
            if Task.isCancelled { return RateSweep(points, isInterrupted: true) }
        }
        return RateSweep(points, isInterrupted: false)
    }

    private var runnableCase: Case {
        let adapted = planningCase.planning.ignoresEngineRules ? nil : planningCase.adaptation
        return adapted?.planningCase ?? planningCase
    }
}
