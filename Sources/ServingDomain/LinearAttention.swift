/// Layers whose attention keeps a state of fixed size in place of a KV cache: the gated delta rule of
/// Qwen3-Next and Qwen3.5.
///
/// Every value head has a matrix of `keyDimension` × `valueDimension` that each token decays, corrects and
/// reads; before it a short convolution runs over queries, keys and values.
public struct LinearAttention: Hashable, Sendable {
    public let layers: Int
    /// Heads of queries and of keys alike.
    public let keyHeads: Int
    public let valueHeads: Int
    public let keyDimension: Int
    public let valueDimension: Int
    /// Tokens that the convolution sees, the newest included.
    public let convolution: Int
    public let stateFormat: StateFormat

    /// How states are kept: as the configuration says (`mamba_ssm_dtype`), whatever an engine is told besides.
    public enum StateFormat: Int, Hashable, Sendable {
        case float16 = 2
        case float32 = 4

        public var bytes: Int { rawValue }
    }

    public init(
        layers: Int, keyHeads: Int, valueHeads: Int, keyDimension: Int, valueDimension: Int,
        convolution: Int, stateFormat: StateFormat = .float32
    ) {
        self.stateFormat = stateFormat
        self.layers = layers
        self.keyHeads = keyHeads
        self.valueHeads = valueHeads
        self.keyDimension = keyDimension
        self.valueDimension = valueDimension
        self.convolution = convolution
    }

    /// Values of a token's queries and keys together with its values: what the convolution runs over.
    public var mixedWidth: Int { 2 * keyHeads * keyDimension + valueWidth }

    /// Values of a token's values, which its output gate and its output have as well.
    public var valueWidth: Int { valueHeads * valueDimension }

    /// Bytes of the states of one sequence in all layers, before any sharding.
    ///
    /// The last tokens before the convolution are kept in 16 bits.
    public var stateBytes: Bytes {
        let matrices = valueHeads * keyDimension * valueDimension * stateFormat.bytes
        return Bytes(layers * (matrices + (convolution - 1) * mixedWidth * 2))
    }

    /// Whether every rank of a tensor-parallel group gets the same whole number of heads.
    public func divides(by degree: TensorParallelDegree) -> Bool {
        keyHeads.isMultiple(of: degree.value) && valueHeads.isMultiple(of: degree.value)
    }

    /// Parameters of the matrices of one layer: projections to queries, keys, values and the output gate, and back.
    func matrixParameters(hidden: Int) -> Int {
        hidden * (mixedWidth + valueWidth) + valueWidth * hidden
    }

    /// Other parameters of one layer, which stay in 16 bits: the projections to decays and to rates of correction,
    /// the convolution, two values of each head, and a norm.
    func otherParameters(hidden: Int) -> Int {
        2 * hidden * valueHeads + convolution * mixedWidth + 2 * valueHeads + valueDimension
    }
}

/// Heads of a recurrent attention kernel on one GPU.
public struct RecurrenceShape: Hashable, Sendable {
    public let keyHeads: Int
    public let valueHeads: Int
    public let keyDimension: Int
    public let valueDimension: Int
    /// Bytes of each value of a state.
    public let stateWidth: Int

    public init(
        keyHeads: Int, valueHeads: Int, keyDimension: Int, valueDimension: Int, stateWidth: Int = 4
    ) {
        self.stateWidth = stateWidth
        self.keyHeads = keyHeads
        self.valueHeads = valueHeads
        self.keyDimension = keyDimension
        self.valueDimension = valueDimension
    }

    /// Tokens of a prompt that are computed together, as matrices (flash-linear-attention's chunks).
    public static let chunk = 64.0

    /// Values of the states of one sequence.
    public var stateValues: Double {
        Double(valueHeads) * Double(keyDimension) * Double(valueDimension)
    }

    /// Bytes in and out of the kernel for each token: query, key, value and output in 16 bits.
    private var tokenBytes: Double {
        4 * Double(keyHeads * keyDimension + valueHeads * valueDimension)
    }

    /// One token of each of so many sequences: the state is read, decayed, corrected by what it holds for the
    /// key, read for the query and written.
    func decodeWork(sequences: Double) -> Work {
        let traffic = 2 * Double(stateWidth) * stateValues + tokenBytes
        return Work(flops: sequences * 7 * stateValues, bytes: sequences * traffic)
    }

    /// So many tokens of one sequence, chunk by chunk.
    ///
    /// Within a chunk every token meets every other: keys with keys, queries with keys, and three products with
    /// them; the state is multiplied with keys, with queries and with what corrects it.
    func prefillWork(tokens: Double) -> Work {
        let within =
            Self.chunk * Double(valueHeads) * Double(3 * keyDimension + 2 * valueDimension)
        return Work(
            flops: tokens * 2 * (within + 3 * stateValues),
            bytes: tokens * tokenBytes + 2 * Double(stateWidth) * stateValues)
    }

    /// Bytes that kernels write and read between each other for so many tokens of a prompt.
    ///
    /// The state before each chunk, in 16 bits; keys and values corrected for those before them in their chunk,
    /// and the corrections of the state.
    public func prefillTraffic(tokens: Double) -> Double {
        let states = stateValues / Self.chunk
        let corrected = Double(valueHeads) * Double(keyDimension + 2 * valueDimension)
        return tokens * 4 * (states + corrected)
    }
}
