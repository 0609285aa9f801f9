/// What is asked of one layout: the load, the promise, the policy, and what an engine can hold.
///
/// Everything that a simulation needs of a case besides the costs of its workers.
public struct LayoutQuestion: Hashable, Sendable {
    public var workload: Workload
    public var service: ServiceLevel
    public var policy: ServingPolicy
    public var planning: Case.Planning
    public var engine: Engine
    /// The model and the GPUs; nil where nothing is said of them.
    public var planningCase: Case?
    /// KV cache that fits on one serving worker, where it does not follow from the GPUs.
    public var statedCapacity: Tokens?

    public init(
        workload: Workload, service: ServiceLevel, policy: ServingPolicy, planning: Case.Planning,
        engine: Engine, planningCase: Case? = nil, statedCapacity: Tokens? = nil
    ) {
        self.workload = workload
        self.service = service
        self.policy = policy
        self.planning = planning
        self.engine = engine
        self.planningCase = planningCase
        self.statedCapacity = statedCapacity
    }

    /// The questions that a planning case asks of each of its layouts.
    public init(_ planningCase: Case) {
        self.init(
            workload: planningCase.workload, service: planningCase.service,
            policy: planningCase.policy, planning: planningCase.planning,
            engine: planningCase.engine, planningCase: planningCase)
    }

    /// The same engine, policy and GPUs under the load, the targets and the runs of another question.
    public func asked(like other: Self) -> Self {
        var question = self
        question.workload = other.workload
        question.service = other.service
        question.planning = other.planning
        question.planningCase?.workload = other.workload
        question.planningCase?.service = other.service
        question.planningCase?.planning = other.planning
        return question
    }

    /// KV capacity of one rank of a serving worker: stated, else what weights and reserve leave on the
    /// GPUs, else without limit.
    public func kvCapacity(_ kind: WorkerKind) -> Tokens {
        statedCapacity ?? planningCase.flatMap { $0.kvCapacity(kind)?.tokens } ?? .unlimited
    }

    /// KV capacity of one prefill worker, all its ranks together.
    public func prefillKVCapacity(_ kind: WorkerKind) -> Tokens {
        let ofRank =
            statedCapacity ?? planningCase.flatMap { $0.prefillKVCapacity(kind)?.tokens }
            ?? .unlimited
        return Tokens(ofRank.value * engine.behaviour.prefillRanks(of: kind))
    }
}

extension Count where Unit == TokenUnit {
    /// More than any run can fill: the capacity of workers whose memory nobody stated.
    public static let unlimited = Self(1 << 48)
}
