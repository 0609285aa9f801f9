/// What an engine with one of its connectors can do today, as its publishers or users say.
///
/// What nobody has said is nil and forbids nothing.
public struct EngineRules: Hashable, Sendable {
    /// Which degrees of a prefill and a decode worker may exchange KV cache.
    public enum DegreePairs: String, Hashable, Sendable, CaseIterable {
        case any
        case equal
        /// Workers hand nothing to each other.
        case never = "none"
        case decodeAtLeastPrefill = "decode_at_least_prefill"

        public func allows(
            prefill: TensorParallelDegree, decode: TensorParallelDegree
        ) -> Bool {
            switch self {
            case .any: true
            case .equal: prefill == decode
            case .never: false
            case .decodeAtLeastPrefill: decode >= prefill
            }
        }
    }

    /// A statement with its origin.
    public struct Rule<Value: Hashable & Sendable>: Hashable, Sendable {
        public let value: Value
        /// What has to be set for it; nil where nothing has.
        public let setting: String?
        public let source: String
        /// When the source was read.
        public let date: String

        public init(_ value: Value, setting: String? = nil, source: String, date: String) {
            self.value = value
            self.setting = setting
            self.source = source
            self.date = date
        }

        /// Source and date, to stand in parentheses.
        public var origin: String { "\(source), read \(date)" }
    }

    /// Degrees with which workers of models like this one may exchange KV cache.
    public var degreePairs: Rule<DegreePairs>?
    /// Whether a decode worker may prefill a prompt itself.
    public var localPrefill: Rule<Bool>?
    /// Whether a prefill worker may read a session's history from its decode worker.
    public var historyReadBack: Rule<Bool>?
    /// Whether the engine starts where GPUs do not get whole blocks of weights (`CutBlocks`).
    public var cutWeightBlocks: Rule<Bool>?
    /// Whether routed experts may be dealt out over some GPUs of a worker, with each shared by the others.
    public var partialExperts: Rule<Bool>?

    public init(
        degreePairs: Rule<DegreePairs>? = nil, localPrefill: Rule<Bool>? = nil,
        historyReadBack: Rule<Bool>? = nil, cutWeightBlocks: Rule<Bool>? = nil,
        partialExperts: Rule<Bool>? = nil
    ) {
        self.degreePairs = degreePairs
        self.localPrefill = localPrefill
        self.historyReadBack = historyReadBack
        self.cutWeightBlocks = cutWeightBlocks
        self.partialExperts = partialExperts
    }
}
