import ServingDomain

/// Keys of the GPUs and of the links between them.
extension CaseFields {
    static let cluster: [CaseField] = [
        CaseField(
            "cluster", .section, .derived("required without `cost_model`"),
            "The GPUs that a plan may use; the first pool of them where there are `pools`."),
        CaseField(
            "cluster.name", .poolName, .derived("the GPU type where there are `pools`"),
            "Name of the pool, which layouts give behind @."),
        CaseField("cluster.gpu", .text, "Name of a known GPU type."),
        CaseField("cluster.nodes", .integer(1...4096), "Servers."),
        CaseField(
            "cluster.gpus_per_node", .integer(1...72), .derived("that of the GPU's usual server"),
            "GPUs of one server."),
        CaseField(
            "cluster.phases", .word(["both", "prefill", "decode"]),
            .fixed(.text("both"), source: "our default: any worker may stand there"),
            "What workers on these GPUs may do."),
        CaseField(
            "cluster.usd_per_gpu_hour", .number(.from(0, to: 1e6)), unit: "USD", .none,
            "What one GPU costs in an hour; `objective: min_cost` counts GPUs without it."),
        CaseField(
            "cluster.intra_node_gbytes_per_s", .number(.from(0.001, to: 1e5)), unit: "GB/s",
            .derived("facts of the GPU"), "Link between GPUs of a node, per GPU and direction."),
        CaseField(
            "cluster.inter_node_gbytes_per_s", .number(.from(0.001, to: 1e5)), unit: "GB/s",
            .derived("facts of the GPU"), "Network between nodes, per GPU and direction."),
        CaseField(
            "cluster.transfer_latency_ms", .number(.from(0, to: 1e5)), unit: "ms",
            .derived("that of the connector"),
            "Fixed time of the software path of one KV transfer."),
        CaseField(
            "cluster.transfer_us_per_block", .number(.from(0, to: 1e6)), unit: "us",
            .fixed(.integer(0), source: "our default: no cost per block descriptor"),
            "Time of the software path for each KV block of a transfer."),
        CaseField(
            "cluster.transfer_gbytes_per_s", .number(.from(0.001, to: 1e5)), unit: "GB/s", .none,
            "Bandwidth of a KV transfer per GPU, inside a node and between nodes alike."),
        CaseField(
            "cluster.transfer_intra_node_gbytes_per_s", .number(.from(0.001, to: 1e5)),
            unit: "GB/s", .derived("`transfer_gbytes_per_s`, else 0.8 of the intra-node link"),
            "Bandwidth of a KV transfer per GPU between workers of one node."),
        CaseField(
            "cluster.transfer_inter_node_gbytes_per_s", .number(.from(0.001, to: 1e5)),
            unit: "GB/s", .derived("`transfer_gbytes_per_s`, else 0.8 of the inter-node link"),
            "Bandwidth of a KV transfer per GPU between workers of two nodes."),
        CaseField(
            "cluster.host_gbytes_per_s", .number(.from(0.001, to: 1e5)), unit: "GB/s",
            .derived("facts of the GPU"),
            "Link between a GPU and its host's memory, per direction; used with `engine.host_kv_gib`."
        ),
        CaseField(
            "cluster.transfer_contention", .word(KVTransfer.Contention.allCases.map(\.rawValue)),
            .fixed(.text("shared"), source: "links have a capacity"),
            "Whether KV transfers over the same links share their bandwidth."),
    ]

    static let pools: [CaseField] = [
        CaseField(
            "pools", .pools, .none,
            "Further GPUs of other types or prices, each with keys of `cluster`.")
    ]

    /// Keys of one of `pools`: those of `cluster` that are not about all transfers.
    static let pool: [CaseField] = cluster.compactMap { field in
        guard field.path != "cluster", !common.contains(field.key) else { return nil }
        return CaseField(field.key, field.kind, unit: field.unit, field.fallback, field.summary)
    }

    private static let common: Set<String> = [
        "transfer_latency_ms", "transfer_us_per_block", "transfer_contention",
    ]

    /// Where the keys of a pool stand, with a dot behind it; that of `cluster` is the first.
    static func section(ofPool place: Int) -> String {
        place == 0 ? "cluster." : "pools[\(place - 1)]."
    }

    /// Most of `pools`.
    static let mostPools = 15
}
