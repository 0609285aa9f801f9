public import ServingDomain

/// What happened in one run, as far as a `TapeRequest` asks for it.
///
/// Every span that overlaps the window is kept whole, and so is every mark inside it. A session's
/// spans nest: its rounds and tool calls lie inside the session, its phases inside their rounds.
/// What a worker does is complete whatever sessions are followed.
public struct Tape: Hashable, Sendable {
    public let request: TapeRequest
    /// Prefill workers, then serving workers; records name workers by their place here.
    public let workers: [Worker]
    /// From the sampling of a first token until it reaches the client.
    public let firstTokenLatency: FirstTokenLatency

    public internal(set) var sessions: [Session] = []
    /// In order of their ends, as all spans below.
    public internal(set) var rounds: [Round] = []
    public internal(set) var phases: [Phase] = []
    public internal(set) var marks: [Mark] = []
    public internal(set) var steps: [Step] = []
    /// Prompts of the steps; a step knows which are its own.
    public internal(set) var prompts: [Prompt] = []
    public internal(set) var transfers: [Transfer] = []
    public internal(set) var loads: [Load] = []

    /// When the run ended, in nanoseconds.
    public internal(set) var end: Int64 = 0
    /// Nothing that begins after this instant is kept, because there were as many records as
    /// allowed; nil where there was room for everything.
    public internal(set) var filledAt: Int64?

    init(_ request: TapeRequest, workers: [Worker], firstTokenLatency: FirstTokenLatency) {
        self.request = request
        self.workers = workers
        self.firstTokenLatency = firstTokenLatency
    }

    /// Number of records of all kinds.
    public var count: Int {
        sessions.count + rounds.count + phases.count + marks.count + steps.count + prompts.count
            + transfers.count + loads.count
    }
}

extension Tape {
    public struct Worker: Hashable, Sendable {
        public enum Role: Hashable, Sendable {
            case prefill
            case decode
            /// A serving worker of a cluster without prefill workers.
            case colocated
        }

        public let role: Role
        /// Number among the workers of its role, from 0.
        public let number: Int
        public let degree: TensorParallelDegree
        /// The node that it stands on; nil where nodes are not told apart.
        public let node: Int?
    }

    /// A stretch of simulated time, in nanoseconds from the start of the run.
    public struct Span: Hashable, Sendable {
        public let start: Int64
        public let end: Int64
        /// Whether the run was over first; `end` is its end then.
        public var isCut = false
    }

    /// From arrival to the end of the last round.
    public struct Session: Hashable, Sendable {
        /// Number in order of arrival, from 0.
        public let session: Int32
        /// The session that started it; negative where it came from outside.
        public let parent: Int32
        public let span: Span
        /// Whether it counts in the run's figures, or only loads the cluster.
        public let isMeasured: Bool
        /// The serving worker that it was bound to; negative where it was refused.
        public let worker: Int32
    }

    /// From release to last token; where the answer is a single token that the prefill samples, to
    /// the arrival of its KV cache.
    public struct Round: Hashable, Sendable {
        public let session: Int32
        public let round: Int32
        public let span: Span
        /// Tokens of the whole prompt, history included.
        public let promptTokens: Int
        /// Tokens of the prompt that are new in this round.
        public let newTokens: Int
        public let outputTokens: Int
        /// The prefill worker that it was sent to, or its serving worker; negative while unknown.
        public let prefillWorker: Int32
    }

    /// A part of a round, or the tool call after it.
    public struct Phase: Hashable, Sendable {
        public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
            /// Until KV memory for a prompt that is prefilled elsewhere is there.
            case memoryWait
            /// In the queue of the worker that will compute the prompt.
            case queue
            /// Its history is on its way to the prefill worker.
            case readHistory
            /// Selected, while the worker is busy or waits for other histories.
            case workerWait
            /// From the first step that computes some of the prompt to the last.
            case prefill
            /// The increment is on its way to the serving worker.
            case writeBack
            /// Until the next step boundary with a free seat.
            case batchWait
            case decode
            /// The tool call after the round.
            case tool
        }

        public let session: Int32
        public let round: Int32
        public let kind: Kind
        public let span: Span
        /// Where it takes place; negative where at no worker.
        public let worker: Int32
    }

    /// Something in a session's life that takes no time.
    public struct Mark: Hashable, Sendable {
        public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
            /// The first token was sampled.
            case firstToken
            case lastToken
            /// The session's KV cache was evicted for others.
            case eviction
            /// The round had to leave the batch and to give its memory up.
            case preemption
            /// No serving worker can ever hold the session.
            case refusal
        }

        public let session: Int32
        public let round: Int32
        public let kind: Kind
        public let time: Int64
    }
}
