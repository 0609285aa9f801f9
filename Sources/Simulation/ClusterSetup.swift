public import CostModeling
import Scheduling
public import ServingDomain

/// Everything that a run needs besides the sessions: workers, memory, policy and targets.
public struct ClusterSetup: Sendable {
    /// A decode or co-located worker.
    public struct DecodeSeat: Sendable {
        public let costs: WorkerCosts
        /// KV cache that fits on the worker.
        public let capacity: Tokens

        public init(costs: WorkerCosts, capacity: Tokens) {
            self.costs = costs
            self.capacity = capacity
        }
    }

    /// The prefill side: workers that queue, or an infinite server with unloaded durations.
    public enum PrefillStage: Sendable {
        case workers([WorkerCosts])
        case unlimited(WorkerCosts)
    }

    /// The decode side: workers with batches and memory, or an infinite server.
    public enum DecodeStage: Sendable {
        case workers([DecodeSeat])
        case unlimited(WorkerCosts)
    }

    public var prefill: PrefillStage
    public var decode: DecodeStage
    public var transfer: TransferCosts
    /// What transfers over the same links do to each other.
    public var contention = KVTransfer.Contention.shared
    /// Which links lie between the workers.
    public var placement = WorkerPlacement.alike(.intraNode)
    public var policy: ServingPolicy
    public var service: ServiceLevel
    /// Whether routing looks at every prefill worker where few of them would do; for tests.
    var looksAtEveryWorker = false
    /// Whether the result has the times that rounds decode.
    public var measuresDecodeTimes = false
    /// Tokens in one KV block.
    public var blockSize: Int
    /// Most sequences in one decode batch.
    public var maxSequences: Int
    /// Most tokens of prompts in one step of a serving worker; see `localPrefill`.
    public var tokenBudget: Int
    /// How a serving worker computes the prompts that are prefilled on it.
    public var localPrefill = LocalPrefill.wholePrompts
    /// What a prefill worker computes in one step.
    public var prefillBatch = PrefillBatch.oneTask
    /// Data-parallel ranks of each prefill worker, every one with the whole bound of `prefillBatch`.
    public var prefillRanks = 1
    /// Whether a prefill worker commits to its next tasks while it computes, to read their
    /// histories meanwhile; otherwise it takes tasks when it is free.
    public var prefetchesHistory = true
    /// Most tokens that a decode step attends to, the new ones included; sequences that do not fit
    /// take turns.
    public var decodeTokenCap: Int?
    /// Where the first token of a remote prefill comes from.
    public var firstTokenSite = FirstTokenSite.decode
    /// Where a prefill worker gets the history of a session from.
    public var historySource = HistorySource.readFromDecode
    /// Tokens of a history below which it is not read from the decode worker but prefilled again.
    public var leastHistoryRead = 0
    /// KV cache that fits on each prefill worker, in their order, where they keep prompts for later
    /// rounds; without a limit where it is missing.
    public var prefillMemory: [Tokens] = []
    /// What a sequence on a serving worker holds beside the blocks of its tokens; nil where it is nothing.
    public var keptBeside: KeptBeside?
    /// Whether prompts of different sessions share the KV cache of what they begin with.
    public var prefixCaching = true
    /// Where KV cache goes that the GPUs have no room for; nil where it is lost.
    public var host: HostTier?
    /// What becomes of a session's KV cache while it waits for its tool.
    public var retention = Retention.kept
    /// Consecutive serving workers that are data-parallel ranks of one engine: each has sequences
    /// and memory of its own, and their steps begin together and take as long as the longest.
    ///
    /// The number of serving workers is a multiple of it.
    public var dataParallelRanks = 1
    /// How those ranks wait for each other's prompts; nil where they do not.
    public var promptBalance: PromptBalance?
    /// How prompts wait on serving workers that are no such ranks; nil where they do not.
    public var promptPooling: PromptPooling?
    /// Steps after which serving workers that decode look for new rounds, unless they compute a prompt.
    public var receiveInterval = 1
    /// Whether a serving worker forms each step while the one before it runs.
    public var formsStepsAhead = false
    /// How decode steps are executed; the outcome is the same.
    public var stepping = Stepping.inRuns

    public enum Stepping: Hashable, Sendable {
        /// Steps between two events are added up in closed form.
        case inRuns
        /// Every step is an event: the slow reference.
        case oneByOne
    }

    public init(
        prefill: PrefillStage, decode: DecodeStage, transfer: TransferCosts,
        policy: ServingPolicy, service: ServiceLevel, blockSize: Int = 16, maxSequences: Int = 256,
        tokenBudget: Int = 8192
    ) {
        self.prefill = prefill
        self.decode = decode
        self.transfer = transfer
        self.policy = policy
        self.service = service
        self.blockSize = blockSize
        self.maxSequences = maxSequences
        self.tokenBudget = tokenBudget
        if let rules = policy.definition.steps?(policy) { follow(rules) }
    }
}

extension ClusterSetup {
    /// Lets the engine say how it serves, as far as the policy leaves that open.
    public mutating func follow(_ behaviour: EngineBehaviour) {
        localPrefill = behaviour.localPrefill
        prefillBatch = behaviour.prefillBatch
        firstTokenSite = behaviour.firstTokenSite
        historySource = behaviour.historySource
        leastHistoryRead = behaviour.leastHistoryRead
        retention = behaviour.retention
        formsStepsAhead = behaviour.formsStepsAhead
        dataParallelRanks = behaviour.dataParallelRanks
        promptBalance = behaviour.promptBalance
        promptPooling = behaviour.promptPooling
        receiveInterval = behaviour.receiveInterval
        prefillRanks = behaviour.prefillRanks
        prefixCaching = behaviour.prefixCaching
        followSteps(of: policy)
    }

    /// Forms steps as a policy prescribes it, whichever policy routes.
    public mutating func followSteps(of policy: ServingPolicy) {
        if let prefill = policy.definition.localPrefill { localPrefill = prefill }
        if let rules = policy.definition.steps?(policy) { follow(rules) }
    }

    /// Lets a policy say how steps are formed.
    mutating func follow(_ rules: StepRules) {
        prefillBatch = rules.prefillBatch
        prefetchesHistory = rules.prefetchesHistory
        decodeTokenCap = rules.decodeTokenCap
        firstTokenSite = rules.firstTokenSite
    }

    /// Costs of the prefill workers; none where the stage is unlimited.
    var prefillCosts: [WorkerCosts] {
        if case .workers(let costs) = prefill { costs } else { [] }
    }

    var decodeSeats: [DecodeSeat] {
        if case .workers(let seats) = decode { seats } else { [] }
    }

    /// Different costs among the workers, in order of their first appearance.
    var distinctCosts: [WorkerCosts] {
        (prefillCosts + decodeSeats.map(\.costs)).reduce(into: []) { found, costs in
            if !found.contains(costs) { found.append(costs) }
        }
    }
}

/// Which of a run's sessions count.
public struct MeasuredSessions: Hashable, Sendable {
    /// Sessions before this one only fill the system.
    public let first: Int
    /// Sessions from this one on only keep it busy.
    public let end: Int

    public init(first: Int, end: Int) {
        self.first = first
        self.end = end
    }

    public func contains(_ session: Int) -> Bool { session >= first && session < end }
}
