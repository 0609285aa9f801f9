internal import ServingDomain

/// Profiles of microsoft/vidur with one median per operator in milliseconds; all data is 16 bit.
///
/// A cell that is blank, or whose time was rounded to zero, was not measured and is skipped.
extension TableLayout {
    static let mlp = TableLayout(
        "vidur mlp", .vidur,
        columns: [
            "emb_ms", "input_layernorm_ms", "attn_pre_proj_ms", "attn_rope_ms",
            "attn_post_proj_ms", "post_attention_layernorm_ms", "mlp_up_proj_ms", "mlp_act_ms",
            "mlp_down_proj_ms", "add_ms", "n_head", "n_kv_head", "n_embd", "n_expanded_embd",
            "vocab_size", "use_gated_mlp", "num_tokens", "num_tensor_parallel_workers",
        ]
    ) { row, samples throws(RowFault) in
        let tokens = try row.count("num_tokens")
        for (column, shape) in try row.layerShapes().byColumn {
            samples.add(
                shape, x: tokens, nanoseconds: try row.optionalLatency(column, .milliseconds))
        }
    }

    /// The reshapes around the kernel are not taken: engines of today fuse them away.
    static let attention = TableLayout(
        "vidur attention", .vidur,
        columns: [
            "attn_input_reshape_ms", "attn_decode_ms", "attn_output_reshape_ms",
            "attn_prefill_ms", "n_embd", "n_q_head", "n_kv_head", "block_size",
            "num_tensor_parallel_workers", "max_model_len", "batch_size", "prefill_chunk_size",
            "kv_cache_size", "is_prefill",
        ]
    ) { row, samples throws(RowFault) in
        let shape = try row.attentionShape()
        let cached = try row.count("kv_cache_size", atLeast: 0)
        if try row.flag("is_prefill") {
            samples.add(
                .prefillAttention(shape, batch: try row.dimension("batch_size")),
                x: try row.count("prefill_chunk_size"), y: cached,
                nanoseconds: try row.optionalLatency("attn_prefill_ms", .milliseconds))
        } else {
            samples.add(
                .decodeAttention(shape), x: try row.count("batch_size"), y: max(1, cached),
                nanoseconds: try row.optionalLatency("attn_decode_ms", .milliseconds))
        }
    }

    static let allReduce = TableLayout(
        "vidur all_reduce", .vidur, columns: ["all_reduce_ms"] + networkColumns
    ) { row, samples throws(RowFault) in
        try row.require("collective", is: "all_reduce")
        samples.add(
            .collective(
                .allReduce, gpus: try row.dimension("num_workers"), path: try row.networkPath()),
            x: try row.count("size"),
            nanoseconds: try row.optionalLatency("all_reduce_ms", .milliseconds))
    }

    static let sendReceive = TableLayout(
        "vidur send_recv", .vidur, columns: ["send_recv_ms"] + networkColumns
    ) { row, samples throws(RowFault) in
        try row.require("collective", is: "send_recv")
        samples.add(
            .pointToPoint(path: try row.networkPath()), x: try row.count("size"),
            nanoseconds: try row.optionalLatency("send_recv_ms", .milliseconds))
    }

    /// Host activities by their medians; the means are not taken.
    static let hostOverheads = TableLayout(
        "vidur cpu_overheads", .vidur,
        columns: [""] + hostActivities.map { $0 + "_mean" } + hostActivities.map { $0 + "_median" }
            + ["model_name", "batch_size", "tensor_parallel_degree", "ray_comm_time_mean"]
    ) { row, samples throws(RowFault) in
        let model = try row.text("model_name")
        let (degree, batch) = (
            try row.dimension("tensor_parallel_degree"), try row.count("batch_size")
        )
        for activity in hostActivities {
            samples.add(
                .host(component: "\(activity):\(model)", degree: degree), x: batch,
                nanoseconds: try row.optionalLatency(activity + "_median", .milliseconds))
        }
    }

    private static let networkColumns = [
        "rank", "num_workers", "size", "collective", "devices_per_node", "max_devices_per_node",
    ]
    private static let hostActivities = [
        "schedule", "sampler_launch", "sampler_e2e", "prepare_inputs_launch",
        "prepare_inputs_e2e", "model_execution_launch", "model_execution_e2e",
        "process_model_outputs",
    ]
}

extension TableRow {
    fileprivate func layerShapes() throws(RowFault) -> VidurLayer {
        try VidurLayer(
            heads: try dimension("n_head"), kvHeads: try dimension("n_kv_head"),
            width: try dimension("n_embd"), expandedWidth: try dimension("n_expanded_embd"),
            isGated: try flag("use_gated_mlp"),
            degree: try dimension("num_tensor_parallel_workers"))
    }

    fileprivate func attentionShape() throws(RowFault) -> AttentionShape {
        let (width, heads) = (try dimension("n_embd"), try dimension("n_q_head"))
        let degree = try dimension("num_tensor_parallel_workers")
        return AttentionShape(
            heads: try quotient(heads, degree, "n_q_head / num_tensor_parallel_workers"),
            kvHeads: try quotient(
                try dimension("n_kv_head"), degree, "n_kv_head / num_tensor_parallel_workers"),
            headDimension: try quotient(width, heads, "n_embd / n_q_head"), window: 0,
            kvFormat: .bf16)
    }

    /// The library, the wiring where the file names it, and how many GPUs of a node take part.
    fileprivate func networkPath() throws(RowFault) -> String {
        let wiring = fileName.contains("pairwise_nvlink") ? "-pairwise-nvlink" : ""
        return "nccl\(wiring)-\(try dimension("devices_per_node"))-per-node"
    }

    fileprivate func require(_ name: String, is expected: String) throws(RowFault) {
        let found = try text(name)
        guard found == expected else {
            throw RowFault("\(name) is \(found.quoted), expected \(expected)")
        }
    }

    fileprivate func flag(_ name: String) throws(RowFault) -> Bool {
        switch try text(name) {
        case "True": return true
        case "False": return false
        case let other: throw RowFault("\(name) is \(other.quoted), expected True or False")
        }
    }
}

/// A quotient that must be whole.
func quotient(_ dividend: Int, _ divisor: Int, _ name: String) throws(RowFault) -> Int {
    guard divisor > 0, dividend.isMultiple(of: divisor), dividend > 0 else {
        throw RowFault("\(name) is \(dividend) / \(divisor), expected a whole number above 0")
    }
    return dividend / divisor
}
