/// How the numbers of a weight, a KV cache or a matrix product are stored.
public enum NumberFormat: String, Hashable, Sendable, CaseIterable, Codable {
    case bf16
    /// Eight-bit floating point with one scale per tensor.
    case fp8
    /// Eight-bit floating point with one scale per block of 128 rows and columns.
    case fp8Block = "fp8_block"
    /// Four-bit floating point with one eight-bit scale per 32 values.
    case mxfp4
    /// Four-bit floating point with one eight-bit scale per 16 values, as ModelOpt and LLM Compressor write it.
    case nvfp4
    /// Four-bit integers with one 16-bit scale per 32 values; checkpoints of AWQ and GPTQ, with a scale
    /// per 128 values, take 8 % less.
    case int4

    /// Bytes that one stored value takes, its share of the scales included.
    public var bytesPerValue: Double {
        switch self {
        case .bf16: 2
        case .fp8: 1
        case .fp8Block: 1 + 4.0 / (128 * 128)
        case .mxfp4: 0.5 + 1.0 / 32
        case .nvfp4: 0.5 + 1.0 / 16
        case .int4: 0.5 + 2.0 / 32
        }
    }

    /// Rows and columns of the blocks that share a scale; nil where scales are no hindrance to a split.
    public var weightBlock: Int? { self == .fp8Block ? 128 : nil }

    /// The format in which matrix units multiply values stored like this, where a GPU has such units.
    ///
    /// Weights in mxfp4 and int4 are expanded to 16 bit before the product (the W4A16 kernels of today's
    /// engines), so they are bound by the bf16 peak; but for mxfp4 where units take four bits (`ExpertActivations`).
    public var computeFormat: NumberFormat {
        switch self {
        case .bf16, .mxfp4, .int4: .bf16
        case .fp8, .fp8Block: .fp8
        case .nvfp4: .nvfp4
        }
    }

    /// Formats that matrix units may multiply in.
    public static var computeFormats: [NumberFormat] { allCases.filter { $0.computeFormat == $0 } }
}
