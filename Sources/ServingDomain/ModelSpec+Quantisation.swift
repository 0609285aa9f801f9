/// Which matrices of a model are stored in the format that its weights are said to have.
extension ModelSpec {
    /// Matrices of a layer that checkpoints quantise together; routed experts always are.
    public enum MatrixPart: String, Hashable, Sendable, CaseIterable {
        case attention
        /// Dense feed-forward blocks and shared experts.
        case feedForward = "feed_forward"
    }

    /// The format in which the matrices of a part are stored.
    ///
    /// The published weights say it themselves. Of weights that were converted since: mxfp4 stores
    /// only the routed experts of a mixture in four bits, as gpt-oss is published, and nothing of
    /// a model without; nvfp4 leaves latent attention in bf16, as NVIDIA's checkpoints of DeepSeek-V3 do, and all but
    /// the routed experts of a model with linear attention, as that of Qwen3.5 does; AWQ and
    /// GPTQ (int4) convert everything.
    ///
    /// - Parameters:
    ///   - part: whose matrices are asked for.
    ///   - weights: the format that the weights are said to have.
    /// - Returns: that format, or bf16.
    public func format(of part: MatrixPart, in weights: NumberFormat) -> NumberFormat {
        if weights == nativeFormat, let quantisedParts {
            return quantisedParts.contains(part) ? weights : .bf16
        }
        switch weights {
        case .bf16, .fp8, .fp8Block, .int4: return weights
        case .mxfp4: return .bf16
        case .nvfp4:
            if linearAttention != nil, mixture != nil { return .bf16 }
            guard part == .attention, case .latent = attention else { return .nvfp4 }
            return .bf16
        }
    }
}
