internal import ServingDomain

/// Tables of NVIDIA's AIConfigurator performance database; latencies are milliseconds.
extension TableLayout {
    static let gemm = TableLayout(
        "aiconfigurator gemm", .aiconfigurator,
        columns: ["gemm_dtype", "m", "n", "k", "latency"]
    ) { row, samples throws(RowFault) in
        samples.add(
            .gemm(
                n: try row.dimension("n"), k: try row.dimension("k"),
                format: try row.numberFormat("gemm_dtype")),
            x: try row.count("m"), nanoseconds: try row.latency("latency", .milliseconds))
    }

    static let contextAttention = TableLayout(
        "aiconfigurator context_attention", .aiconfigurator,
        columns: [
            "kv_cache_dtype", "window_size", "head_dim", "num_heads", "num_key_value_heads",
            "batch_size", "isl", "latency",
        ]
    ) { row, samples throws(RowFault) in
        samples.add(
            .prefillAttention(try row.attentionShape(), batch: try row.dimension("batch_size")),
            x: try row.count("isl"), nanoseconds: try row.latency("latency", .milliseconds))
    }

    /// The newest token attends to itself too, so the context is one above `step`.
    static let generationAttention = TableLayout(
        "aiconfigurator generation_attention", .aiconfigurator,
        columns: [
            "kv_cache_dtype", "window_size", "head_dim", "num_heads", "num_key_value_heads",
            "batch_size", "step", "latency",
        ]
    ) { row, samples throws(RowFault) in
        samples.add(
            .decodeAttention(try row.attentionShape()), x: try row.count("batch_size"),
            y: try row.count("step", atLeast: 0) + 1,
            nanoseconds: try row.latency("latency", .milliseconds))
    }

    static let moe = TableLayout(
        "aiconfigurator moe", .aiconfigurator,
        columns: [
            "moe_dtype", "distribution", "hidden_size", "inter_size", "topk", "num_experts",
            "moe_tp_size", "moe_ep_size", "num_tokens", "latency",
        ]
    ) { row, samples throws(RowFault) in
        samples.add(
            .experts(try row.expertShape()), x: try row.count("num_tokens"),
            nanoseconds: try row.latency("latency", .milliseconds))
    }

    static let customAllReduce = TableLayout(
        "aiconfigurator custom_allreduce", .aiconfigurator,
        columns: ["backend", "allreduce_dtype", "num_gpus", "message_size", "latency"]
    ) { row, samples throws(RowFault) in
        samples.add(
            .collective(
                .allReduce, gpus: try row.dimension("num_gpus"), path: try row.text("backend")),
            x: try row.messageBytes(elements: "message_size", of: "allreduce_dtype"),
            nanoseconds: try row.latency("latency", .milliseconds))
    }

    static let nccl = TableLayout(
        "aiconfigurator nccl", .aiconfigurator,
        columns: ["op_name", "nccl_dtype", "num_gpus", "message_size", "latency"]
    ) { row, samples throws(RowFault) in
        samples.add(
            .collective(
                try row.collective("op_name"), gpus: try row.dimension("num_gpus"), path: "nccl"),
            x: try row.messageBytes(elements: "message_size", of: "nccl_dtype"),
            nanoseconds: try row.latency("latency", .milliseconds))
    }

    static let systemFacts = TableLayout(
        "aiconfigurator system_facts", .aiconfigurator, columns: ["fact", "unit"], content: .facts)
}

extension TableRow {
    fileprivate func numberFormat(_ name: String) throws(RowFault) -> NumberFormat {
        switch try text(name) {
        case "bfloat16": return .bf16
        case "fp8": return .fp8
        case "fp8_block": return .fp8Block
        case "w4a16_mxfp4": return .mxfp4
        case "nvfp4": return .nvfp4
        case "int4_wo": return .int4
        case let other:
            throw RowFault(
                "\(name) is \(other.quoted), expected bfloat16, fp8, fp8_block, w4a16_mxfp4, "
                    + "nvfp4 or int4_wo")
        }
    }

    fileprivate func attentionShape() throws(RowFault) -> AttentionShape {
        AttentionShape(
            heads: try dimension("num_heads"), kvHeads: try dimension("num_key_value_heads"),
            headDimension: try dimension("head_dim"),
            window: try integer("window_size", in: 0...Self.largestDimension),
            kvFormat: try numberFormat("kv_cache_dtype"))
    }

    fileprivate func expertShape() throws(RowFault) -> ExpertShape {
        ExpertShape(
            hidden: try dimension("hidden_size"), intermediate: try dimension("inter_size"),
            experts: try dimension("num_experts"), expertsPerToken: try dimension("topk"),
            tensorDegree: try dimension("moe_tp_size"), expertDegree: try dimension("moe_ep_size"),
            distribution: try text("distribution"), format: try numberFormat("moe_dtype"))
    }

    fileprivate func collective(_ name: String) throws(RowFault) -> OperatorShape.Collective {
        switch try text(name) {
        case "all_reduce": return .allReduce
        case "all_gather": return .allGather
        case "reduce_scatter": return .reduceScatter
        case "alltoall": return .allToAll
        case let other:
            throw RowFault(
                "\(name) is \(other.quoted), expected all_reduce, all_gather, reduce_scatter "
                    + "or alltoall")
        }
    }

    fileprivate func messageBytes(
        elements: String, of type: String
    ) throws(RowFault) -> Int {
        let name = try text(type)
        guard name == "half" || name == "bfloat16" else {
            throw RowFault("\(type) is \(name.quoted), expected half or bfloat16")
        }
        return try count(elements) * 2
    }
}
