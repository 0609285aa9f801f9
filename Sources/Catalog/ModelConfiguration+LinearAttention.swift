import ServingDomain

/// Layers with linear attention beside others.
extension ModelConfiguration {
    /// All layers but those of `layer_types`, or every so many-th, that keep a KV cache.
    func linearAttention() throws(CatalogError) -> LinearAttention? {
        guard architecture.hybrid else { return nil }
        let linear = try linearLayers()
        guard linear > 0 else { return nil }
        let keyHeads = try fields.integer("linear_num_key_heads", in: 1...1024)
        let valueHeads = try fields.integer("linear_num_value_heads", in: 1...1024)
        guard valueHeads.isMultiple(of: keyHeads) else {
            throw fields.invalid(
                "linear_num_value_heads",
                expected: "a multiple of linear_num_key_heads (\(keyHeads))")
        }
        return LinearAttention(
            layers: linear, keyHeads: keyHeads, valueHeads: valueHeads,
            keyDimension: try fields.integer("linear_key_head_dim", in: 1...1024),
            valueDimension: try fields.integer("linear_value_head_dim", in: 1...1024),
            convolution: try fields.integer("linear_conv_kernel_dim", in: 1...64, default: 4),
            stateFormat: try stateFormat())
    }

    private func stateFormat() throws(CatalogError) -> LinearAttention.StateFormat {
        let word = try fields.text("mamba_ssm_dtype", default: "float32")
        switch word {
        case "float32": return .float32
        case "bfloat16", "float16": return .float16
        default:
            throw fields.invalid("mamba_ssm_dtype", expected: "float32, bfloat16 or float16")
        }
    }

    private func linearLayers() throws(CatalogError) -> Int {
        let types = try fields.texts("layer_types")
        let interval = try fields.integer("full_attention_interval", in: 1...layers, default: 4)
        let linear =
            types.isEmpty ? layers - layers / interval : types.count { $0 == "linear_attention" }
        let known = ["linear_attention", "full_attention"]
        guard types.isEmpty || types.count == layers && types.allSatisfy(known.contains) else {
            throw fields.invalid(
                "layer_types",
                expected:
                    "one entry for each of \(layers) layers, linear_attention or full_attention")
        }
        guard linear < layers else {
            throw fields.invalid(
                types.isEmpty ? "full_attention_interval" : "layer_types",
                expected: "at least one layer with full_attention")
        }
        return linear
    }
}
