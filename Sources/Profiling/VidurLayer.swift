internal import ServingDomain

/// Shapes of the operators of one transformer layer on one GPU, as a Vidur profile names them.
struct VidurLayer {
    let byColumn: [(column: String, shape: OperatorShape)]

    init(
        heads: Int, kvHeads: Int, width: Int, expandedWidth: Int, isGated: Bool, degree: Int
    ) throws(RowFault) {
        let headDimension = try quotient(width, heads, "n_embd / n_head")
        let local = try quotient(heads, degree, "n_head / num_tensor_parallel_workers")
        let localKV = try quotient(kvHeads, degree, "n_kv_head / num_tensor_parallel_workers")
        let expanded = try quotient(
            expandedWidth, degree, "n_expanded_embd / num_tensor_parallel_workers")
        let norm = OperatorShape.elementwise(.norm, width: width)
        byColumn = [
            ("emb_ms", .elementwise(.embedding, width: width)),
            ("input_layernorm_ms", norm),
            (
                "attn_pre_proj_ms",
                .gemm(n: (local + 2 * localKV) * headDimension, k: width, format: .bf16)
            ),
            ("attn_rope_ms", .elementwise(.rope, width: (local + localKV) * headDimension)),
            ("attn_post_proj_ms", .gemm(n: width, k: local * headDimension, format: .bf16)),
            ("post_attention_layernorm_ms", norm),
            ("mlp_up_proj_ms", .gemm(n: (isGated ? 2 : 1) * expanded, k: width, format: .bf16)),
            ("mlp_act_ms", .elementwise(.activation, width: expanded)),
            ("mlp_down_proj_ms", .gemm(n: width, k: expanded, format: .bf16)),
            ("add_ms", .elementwise(.residual, width: width)),
        ]
    }
}
