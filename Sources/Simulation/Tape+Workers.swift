extension Tape {
    /// A computation of a prefill worker, or consecutive steps of a serving worker in which nobody
    /// joins or leaves its batch.
    public struct Step: Hashable, Sendable {
        public let worker: Int32
        public let span: Span
        /// Steps of the model that were executed.
        public let steps: Int
        /// Sequences that decode.
        public let batch: Int
        /// Tokens that the first step attends to in them.
        public let context: Int
        /// Places of its prompts in the tape, whole ones or chunks.
        public let prompts: Range<Int>
    }

    /// A prompt, or a part of one, that a step computes.
    public struct Prompt: Hashable, Sendable {
        public let session: Int32
        public let round: Int32
        /// Tokens of the sequence whose KV cache exists before the step.
        public let history: Int
        /// Tokens that the step computes.
        public let tokens: Int
    }

    /// KV cache on its way, from when it was asked for until its last byte arrived.
    public struct Transfer: Hashable, Sendable {
        public enum Part: UInt8, Hashable, Sendable {
            case history
            case increment
        }

        /// Place in the order in which the run's transfers were asked for.
        public let number: Int
        public let session: Int32
        public let round: Int32
        public let part: Part
        public let source: Int32
        public let target: Int32
        public let tokens: Int
        public let span: Span
    }

    /// What a worker holds and what waits for it, while nothing of it changes.
    public struct Load: Hashable, Sendable {
        public struct Levels: Hashable, Sendable {
            /// KV blocks of rounds that are served, of sessions in a tool call, and of rounds in a
            /// queue; none on prefill workers.
            public var activeBlocks: Int32 = 0
            public var idleBlocks: Int32 = 0
            public var waitingBlocks: Int32 = 0
            /// Sequences in the decode batch.
            public var batch: Int32 = 0
            /// Prompts in the queue of the worker.
            public var prompts: Int32 = 0
            /// Rounds that wait for KV memory of the worker.
            public var memoryQueue: Int32 = 0
        }

        public let worker: Int32
        public let span: Span
        public let levels: Levels
    }
}
