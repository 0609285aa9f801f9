public import ServingDomain
public import Simulation

/// Something that turns out otherwise than a plan took for granted.
public enum Stress: String, Hashable, Sendable, CaseIterable {
    /// A quarter fewer sessions arrive.
    case lowerRate = "rate_minus_25"
    /// A quarter more.
    case higherRate = "rate_plus_25"
    /// Prompts and outputs vary half as much again.
    case longerTails = "tails_plus_50"
    /// Lengths that count what is new in a round count whole prompts, and others what is new.
    case otherReading = "other_length_reading"
    /// Steps take as much longer as measured times lie above predicted ones with most deployments.
    case slowerSteps = "slower_steps"
    /// A worker of a phase is gone: of several kinds the one that is missed most.
    case prefillWorkerLost = "prefill_worker_lost"
    case decodeWorkerLost = "decode_worker_lost"
    case colocatedWorkerLost = "worker_lost"
    /// All workers of a node are gone: in each pool the one with most of the layout's GPUs, and of several
    /// pools the one that is missed most.
    case nodeLost = "node_lost"
}

/// What a layout does under a stress.
public struct StressOutcome: Hashable, Sendable {
    public let stress: Stress
    /// What is left of the layout; nil where no worker of some phase is.
    public let deployment: Deployment?
    public let report: ServingReport?
    public let checks: [TargetCheck]

    public var verdict: Verdict { report == nil ? .fail : .all(checks.map(\.verdict)) }
}

extension Stress {
    /// Factors on the times of prefill and decode steps.
    public struct Slowness: Hashable, Sendable {
        public let prefill: Double
        public let decode: Double

        /// Where nobody knows how far predictions are off: a tenth.
        public static let assumed = Self(prefill: 1.1, decode: 1.1)

        public init(prefill: Double, decode: Double) {
            (self.prefill, self.decode) = (prefill, decode)
        }

        public init(_ interval: PredictionInterval) {
            self.init(prefill: interval.ttftFactor, decode: interval.tpotFactor)
        }
    }

    /// Those that make a difference to a layout of a case.
    static func all(_ layout: Deployment, _ planningCase: Case) -> [Self] {
        allCases.filter { stress in
            switch stress {
            case .lowerRate, .higherRate: planningCase.workload.rate.sessionsPerSecond.isFinite
            case .longerTails, .otherReading: stress.changed(planningCase) != nil
            case .slowerSteps: true
            case .prefillWorkerLost, .decodeWorkerLost: !layout.groups(of: .prefill).isEmpty
            case .colocatedWorkerLost: layout.groups(of: .prefill).isEmpty
            case .nodeLost: planningCase.pools.reduce(0) { $0 + $1.cluster.nodes } > 1
            }
        }
    }

    /// Whether a part of the layout is gone.
    var isLoss: Bool {
        switch self {
        case .prefillWorkerLost, .decodeWorkerLost, .colocatedWorkerLost, .nodeLost: true
        default: false
        }
    }

    /// The case under the stress; nil where it does not apply to its workload.
    func changed(_ planningCase: Case) -> Case? {
        var changed = planningCase
        switch self {
        case .lowerRate: changed.workload.rate = planningCase.workload.rate.times(0.75)
        case .higherRate: changed.workload.rate = planningCase.workload.rate.times(1.25)
        case .longerTails, .otherReading:
            guard case .synthetic(let laws) = planningCase.workload.sessions,
                let others = self == .longerTails ? laws.withLongerTails : laws.readOtherwise
            else { return nil }
            changed.workload.sessions = .synthetic(others)
        default: break
        }
        return changed
    }

    /// What may be left of a layout, one for each kind of worker or pool that may lose one; nil where no
    /// worker of some phase is left.
    func remaining(_ layout: Deployment, _ planningCase: Case) -> [Deployment?] {
        switch self {
        case .prefillWorkerLost: layout.withoutOne(ofGroups: layout.prefillGroups.indices)
        case .decodeWorkerLost, .colocatedWorkerLost:
            layout.withoutOne(
                ofGroups: layout.prefillGroups.count..<layout.allGroups.count)
        case .nodeLost: layout.losingNodes(of: planningCase)
        default: [layout]
        }
    }
}

extension Rate {
    fileprivate func times(_ factor: Double) -> Self {
        Self(sessionsPerSecond: sessionsPerSecond * factor)
    }
}

extension Workload.Synthetic {
    /// Prompts and outputs that vary half as much again; nil where their laws have no variation to change.
    fileprivate var withLongerTails: Self? {
        let (prefill, decode) = (prefillTokens.varyingMore, decodeTokens.varyingMore)
        guard prefill != nil || decode != nil else { return nil }
        var copy = self
        copy.prefillTokens = prefill ?? prefillTokens
        copy.decodeTokens = decode ?? decodeTokens
        copy.firstPrefillTokens = firstPrefillTokens.map { $0.varyingMore ?? $0 }
        return copy
    }

    /// Lengths that count what is new in a round taken for whole prompts, and others for what is new; nil
    /// where the laws say more than whole prompts can.
    fileprivate var readOtherwise: Self? {
        var copy = self
        switch reading {
        case .perRound:
            guard firstPrefillTokens == nil, compaction == nil else { return nil }
            copy.reading = .fullPrompt
        case .fullPrompt, .perSession: copy.reading = .perRound
        }
        return copy
    }
}

extension Law {
    /// The same mean with 1.5 times the variation; nil for laws without one.
    fileprivate var varyingMore: Self? {
        switch self {
        case .lognormal(let mean, let cv): .lognormal(mean: mean, cv: 1.5 * cv)
        case .gamma(let mean, let cv): .gamma(mean: mean, cv: 1.5 * cv)
        case .weibull(let mean, let cv): .weibull(mean: mean, cv: min(1.5 * cv, 10))
        case .negativeBinomial(let mean, let cv): .negativeBinomial(mean: mean, cv: 1.5 * cv)
        default: nil
        }
    }
}

extension Deployment {
    /// One of each of these groups gone, by places among all groups.
    fileprivate func withoutOne(ofGroups places: Range<Int>) -> [Self?] {
        places.map { place in
            let first = allGroups[..<place].reduce(0) { $0 + $1.replicas }
            return keeping { $0 != first }
        }
    }

    /// The workers of which something holds, by their places: prefill first; nil where none of some phase
    /// is left.
    fileprivate func keeping(_ isKept: (Int) -> Bool) -> Self? {
        var next = 0
        func kept(_ groups: [WorkerGroup]) -> [WorkerGroup] {
            groups.compactMap { group in
                let places = next..<(next + group.replicas)
                next += group.replicas
                let count = places.count(where: isKept)
                guard count > 0 else { return nil }
                return WorkerGroup(
                    pool: group.pool, parallelism: group.parallelism, replicas: count)
            }
        }
        switch self {
        case .colocated(let groups):
            let left = kept(groups)
            return left.isEmpty ? nil : .colocated(left)
        case .disaggregated(let prefill, let decode):
            let (first, second) = (kept(prefill), kept(decode))
            return first.isEmpty || second.isEmpty
                ? nil : .disaggregated(prefill: first, decode: second)
        }
    }

    /// Without the workers on a node: in each pool the one that has most GPUs of the layout, the first of
    /// several.
    fileprivate func losingNodes(of planningCase: Case) -> [Self?] {
        // One entry per tensor-parallel group, with the worker that it is a rank of.
        let ranks = allGroups.flatMap { group in
            Array(repeating: group.kind, count: group.replicas)
        }
        .enumerated().flatMap { worker, kind in
            Array(repeating: (worker: worker, kind: kind), count: kind.parallelism.data)
        }
        let nodes = planningCase.nodes(for: ranks.map(\.kind))
        var gpus = Array(repeating: 0, count: (nodes.max() ?? 0) + 1)
        for (node, rank) in zip(nodes, ranks) { gpus[node] += rank.kind.degree.value }
        return planningCase.pools.compactMap { pool in
            let own = zip(nodes, ranks).filter { $0.1.kind.pool == pool.name }.map(\.0)
            guard let most = own.map({ gpus[$0] }).max(),
                let lost = own.sorted().first(where: { gpus[$0] == most })
            else { return nil }
            // An engine is gone with any of its ranks.
            let gone = Set(zip(nodes, ranks).filter { $0.0 == lost }.map(\.1.worker))
            return .some(keeping { !gone.contains($0) })
        }
    }
}
