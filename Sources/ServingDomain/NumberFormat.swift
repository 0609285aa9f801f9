/// How the numbers of a weight, a KV cache or a matrix product are stored.
public enum NumberFormat: String, Hashable, Sendable, CaseIterable, Codable {
    case bf16
    /// Eight-bit floating point with one scale per tensor.
    case fp8
    /// Eight-bit floating point with one scale per block of 128 rows and columns.
    case fp8Block = "fp8_block"
    /// Four-bit floating point with one eight-bit scale per 32 values.
    case mxfp4

    /// Bytes that one stored value takes, its share of the scales included.
    public var bytesPerValue: Double {
        switch self {
        case .bf16: 2
        case .fp8: 1
        case .fp8Block: 1 + 4.0 / (128 * 128)
        case .mxfp4: 0.5 + 1.0 / 32
        }
    }

    /// Rows and columns of the blocks that share a scale; nil where scales are no hindrance to a split.
    public var weightBlock: Int? { self == .fp8Block ? 128 : nil }

    /// The format in which matrix units multiply values stored like this.
    ///
    /// Four-bit weights are expanded to 16 bit before the product (the W4A16 kernels of today's
    /// engines), so they are bound by the bf16 peak.
    public var computeFormat: NumberFormat {
        switch self {
        case .bf16, .mxfp4: .bf16
        case .fp8, .fp8Block: .fp8
        }
    }
}
