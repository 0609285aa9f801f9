/// What an engine does where a policy does not say: how prompts are computed, where first tokens come
/// from, and what is kept of KV cache.
public struct EngineBehaviour: Hashable, Sendable {
    public var localPrefill = LocalPrefill.wholePrompts
    public var prefillBatch = PrefillBatch.oneTask
    public var firstTokenSite = FirstTokenSite.decode
    public var historySource = HistorySource.readFromDecode
    /// Tokens of a history below which it is not read but prefilled again.
    public var leastHistoryRead = 0
    public var retention = Retention.kept
    /// Whether prompts of different sessions share the KV cache of what they begin with.
    public var prefixCaching = true
    /// Whether a step is formed while the one before it runs (asynchronous scheduling), so that who
    /// comes meanwhile is not in it.
    public var formsStepsAhead = false
    /// What layers with a sliding window keep of a sequence.
    public var slidingWindowKV = SlidingWindowKV.whole
    /// Data-parallel ranks of one engine: so many serving workers form their steps together, each as
    /// long as the longest.
    public var dataParallelRanks = 1
    /// How those ranks wait for each other's prompts; nil where they do not.
    public var promptBalance: PromptBalance?
    /// How prompts wait on workers that are no such ranks; nil where they do not.
    public var promptPooling: PromptPooling?
    /// Steps after which an engine whose sequences decode looks for new rounds, unless it computes a
    /// prompt (`scheduler-recv-interval` of SGLang); at least 1.
    public var receiveInterval = 1
    /// GPUs of an engine that routed experts are dealt out over whole, a power of two.
    ///
    /// The others split them; an engine of fewer GPUs deals them out over all it has.
    public var expertDegree = 1
    /// Data-parallel ranks of one prefill worker, which take prompts from one queue and compute them
    /// in steps that begin together, each as long as the longest.
    public var prefillRanks = 1
    /// As `expertDegree`, for prefill workers; nil where it is the same.
    public var prefillExpertDegree: Int?
    /// Host memory beside each worker for KV cache that its GPUs have no room for.
    public var hostMemory = Bytes.zero

    /// Time to begin a copy from host memory: that of one message over a link of the GPU.
    public static let hostCopyLatency = Duration.microseconds(10)

    public init() {}

    /// How the engines of decode or co-located workers share the model.
    public var servingSplit: ModelSplit {
        ModelSplit(ranks: dataParallelRanks, expertDegree: expertDegree)
    }

    /// How prefill workers share the model.
    public var prefillSplit: ModelSplit {
        ModelSplit(ranks: prefillRanks, expertDegree: prefillExpertDegree ?? expertDegree)
    }

    /// Ranks that share the queue of a prefill worker: those of its own record, else the engine's.
    public func prefillRanks(of kind: WorkerKind) -> Int {
        kind.parallelism.split?.ranks ?? prefillRanks
    }

    /// The same layout where ranks of the engine's settings are counted as engines, as a search does.
    ///
    /// Groups that are no whole number of engines stay as they are (`obstacles(to:)`).
    public func countingEngines(_ deployment: Deployment) -> Deployment {
        func engines(_ groups: [WorkerGroup], _ split: ModelSplit) -> [WorkerGroup] {
            groups.map { group in
                guard split.ranks > 1, group.parallelism.split == nil,
                    group.replicas.isMultiple(of: split.ranks)
                else { return group }
                let engine = Parallelism(
                    tensor: group.degree, data: split.ranks,
                    expert: min(split.expertDegree, split.gpus(group.degree)))
                return WorkerGroup(
                    WorkerKind(pool: group.pool, engine), group.replicas / split.ranks)
            }
        }
        return switch deployment {
        case .disaggregated(let prefill, let decode):
            .disaggregated(
                prefill: engines(prefill, prefillSplit), decode: engines(decode, servingSplit))
        case .colocated(let groups): .colocated(engines(groups, servingSplit))
        }
    }

    /// The same with the ranks that the workers of a layout have by their own records.
    ///
    /// All workers of a phase have as many (`obstacles(to:)`).
    public func following(_ deployment: Deployment) -> Self {
        var own = self
        if let split = deployment.servingGroups.first?.parallelism.split {
            own.dataParallelRanks = split.ranks
        }
        if let split = deployment.prefillGroups.first?.parallelism.split {
            own.prefillRanks = split.ranks
        }
        return own
    }
}

/// How a serving worker computes the prompts that are prefilled on it.
public enum LocalPrefill: String, Hashable, Sendable, CaseIterable, Codable {
    /// Whole prompts, several in one step as long as their tokens stay within the budget, before
    /// any decode step (vLLM v0).
    case wholePrompts = "whole_prompts"
    /// Chunks of prompts in the same step as the decoding sequences, which come first (vLLM V1).
    case chunked
}

/// What a prefill worker computes in one step.
public enum PrefillBatch: Hashable, Sendable {
    case oneTask
    /// Tasks in order of the queue as long as their tokens stay within the budget.
    case tokens(Int)
    /// At most so many tasks.
    case tasks(Int)
}

/// Where the first token of a remote prefill comes from.
public enum FirstTokenSite: String, Hashable, Sendable, CaseIterable, Codable {
    /// The serving worker's first step recomputes the last prompt position.
    case decode
    /// Sampled by the prefill worker, shown when the KV cache has arrived.
    case prefillShipped = "prefill_shipped"
    /// Sampled and shown by the prefill worker.
    case prefillDirect = "prefill_direct"
}

/// Where a prefill worker gets the history of a session from.
public enum HistorySource: String, Hashable, Sendable, CaseIterable, Codable {
    case readFromDecode = "read_from_decode"
    /// Prefilled again by the prefill worker.
    case recompute
    /// What the prefill worker itself has kept of the session's earlier prompts; the rest is
    /// prefilled again, the answers in any case, for they were generated elsewhere.
    case prefillCache = "prefill_cache"
}

/// What layers with a sliding window keep of a sequence's KV cache.
public enum SlidingWindowKV: String, Hashable, Sendable, CaseIterable, Codable {
    /// The whole context, as layers without a window do.
    case whole
    /// What their window sees (hybrid KV-cache manager of vLLM).
    case window
}

/// What becomes of a session's KV cache while it waits for its tool.
public enum Retention: String, Hashable, Sendable, CaseIterable, Codable {
    /// Kept until others need the memory.
    case kept
    /// Kept until nothing else could go on.
    case pinned
    /// Given back at the end of every round.
    case discarded
}
