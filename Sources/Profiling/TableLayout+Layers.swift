internal import ServingDomain

/// Profiles of LLMServingSim 2: layers of a vLLM engine in microseconds per layer, 16 bit.
///
/// Model and GPU stand in a `meta.yaml`, the tensor-parallel degree in the name of the folder.
extension TableLayout {
    static let layers = [
        TableLayout(
            "llmservingsim dense", .layers, columns: ["layer", "tokens", "time_us"],
            content: .layers { DenseLayers(platform: $0) }),
        TableLayout(
            "llmservingsim per_sequence", .layers, columns: ["layer", "sequences", "time_us"],
            content: .layers { SampledLayers(platform: $0) }),
        TableLayout(
            "llmservingsim attention", .layers,
            columns: ["prefill_chunk", "kv_prefill", "n_decode", "kv_decode", "time_us"],
            content: .layers { AttentionLayers(platform: $0) }),
        TableLayout(
            "llmservingsim moe", .layers, columns: ["tokens", "activated_experts", "time_us"],
            content: .layers { ExpertLayers(platform: $0) }),
        TableLayout(
            "llmservingsim skew", .layers,
            columns: [
                "regime", "n", "nb", "ratio", "skew", "pc", "kp", "kvs", "kv_big", "kv_mean",
                "t_mean_us", "t_max_us", "t_skew_us", "alpha",
            ],
            content: .layers { UnevenLayers(platform: $0) }),
    ]
}

/// Reads a table of layers in two passes: rows of it may need others.
protocol LayerReader {
    /// The first pass.
    mutating func note(_ row: TableRow) throws(RowFault)
    /// The second pass, with what the first one found.
    func read(_ row: TableRow, _ samples: inout RowSamples) throws(RowFault)
}

extension LayerReader {
    mutating func note(_ row: TableRow) throws(RowFault) { try row.check() }
}

/// Layers that compute every token of a step.
private struct DenseLayers: LayerReader {
    let platform: LayerPlatform

    func read(_ row: TableRow, _ samples: inout RowSamples) throws(RowFault) {
        let (layer, tokens) = (try row.text("layer"), try row.count("tokens"))
        let time = try row.latency("time_us", .microseconds)
        guard layer != "final_layernorm" else {
            // The same kernel as the norm of a layer.
            samples.skip()
            return
        }
        guard let shape = shape(layer) else {
            throw RowFault(
                "layer is \(layer.quoted), expected qkv_proj, o_proj, gate_up_proj, down_proj, "
                    + "act_fn, layernorm, qk_norm, rotary_emb, embedding or final_layernorm")
        }
        samples.add(shape, x: tokens, nanoseconds: time)
        if layer == "layernorm" {
            // The kernel adds the residual too; a nanosecond is the least that is not nothing.
            samples.add(
                .elementwise(.residual, width: platform.model.hidden), x: tokens, nanoseconds: 1)
        }
    }

    private func shape(_ layer: String) -> OperatorShape? {
        let (model, attention) = (platform.model, platform.attention)
        let dimension = attention.headDimension
        let rotated = (attention.heads + attention.kvHeads) * dimension
        let width = platform.share(model.intermediate)
        return switch layer {
        case "qkv_proj":
            .gemm(n: rotated + attention.kvHeads * dimension, k: model.hidden, format: .bf16)
        case "o_proj": .gemm(n: model.hidden, k: attention.heads * dimension, format: .bf16)
        case "gate_up_proj": .gemm(n: 2 * width, k: model.hidden, format: .bf16)
        case "down_proj": .gemm(n: model.hidden, k: width, format: .bf16)
        case "act_fn": .elementwise(.activation, width: width)
        case "layernorm": .elementwise(.norm, width: model.hidden)
        case "qk_norm": .elementwise(.norm, width: rotated)
        case "rotary_emb": .elementwise(.rope, width: rotated)
        case "embedding": .elementwise(.embedding, width: model.hidden)
        default: nil
        }
    }
}

/// LM head and sampler, which run once per step for every sequence that gets a token: one operator.
private struct SampledLayers: LayerReader {
    let platform: LayerPlatform
    private var samplers: [Int: Double] = [:]

    init(platform: LayerPlatform) { self.platform = platform }

    mutating func note(_ row: TableRow) throws(RowFault) {
        try row.check()
        guard try row.text("layer") == "sampler" else { return }
        samplers[try row.count("sequences")] = try row.latency("time_us", .microseconds)
    }

    func read(_ row: TableRow, _ samples: inout RowSamples) throws(RowFault) {
        let (layer, sequences) = (try row.text("layer"), try row.count("sequences"))
        let time = try row.latency("time_us", .microseconds)
        switch layer {
        case "sampler": samples.skip()
        case "lm_head":
            let shape = OperatorShape.gemm(
                n: platform.share(platform.model.vocabulary), k: platform.model.hidden,
                format: .bf16)
            samples.add(shape, x: sequences, nanoseconds: time + (samplers[sequences] ?? 0))
        default: throw RowFault("layer is \(layer.quoted), expected lm_head or sampler")
        }
    }
}

/// Attention of one layer in a step of one part of a prompt and decoding sequences.
///
/// Rows with a prompt alone, or a batch alone, are timings of its attention. Of rows with both the
/// prompt's own time is taken off: what is left is what the batch adds, whatever the prompt is.
private struct AttentionLayers: LayerReader {
    private struct Prompt: Hashable {
        let tokens: Int
        let history: Int
    }

    let platform: LayerPlatform
    private var alone: [Prompt: Double] = [:]

    init(platform: LayerPlatform) { self.platform = platform }

    mutating func note(_ row: TableRow) throws(RowFault) {
        try row.check()
        guard try row.count("n_decode", atLeast: 0) == 0 else { return }
        alone[try prompt(row)] = try row.latency("time_us", .microseconds)
    }

    func read(_ row: TableRow, _ samples: inout RowSamples) throws(RowFault) {
        let (prompt, batch) = (try prompt(row), try row.count("n_decode", atLeast: 0))
        let time = try row.latency("time_us", .microseconds)
        guard batch > 0 else {
            guard prompt.tokens > 0 else {
                throw RowFault("prefill_chunk and n_decode are 0, expected one of them above 0")
            }
            samples.add(
                .prefillAttention(platform.attention, batch: 1), x: prompt.tokens,
                y: prompt.history, nanoseconds: time)
            return
        }
        let context = try row.count("kv_decode")
        guard prompt.tokens > 0 else {
            samples.add(
                .decodeAttention(platform.attention), x: batch, y: context, nanoseconds: time)
            return
        }
        let added = alone[prompt].map { time - $0 } ?? 0
        samples.add(
            .mixedDecodeAttention(platform.attention), x: batch, y: context,
            nanoseconds: added > 0 ? added : nil)
    }

    private func prompt(_ row: TableRow) throws(RowFault) -> Prompt {
        Prompt(
            tokens: try row.count("prefill_chunk", atLeast: 0),
            history: try row.count("kv_prefill", atLeast: 0))
    }
}

/// Routed experts of one layer by tokens and by the experts that any of them picks.
///
/// Where experts are dealt out over e GPUs, one of them computes a part 1 / e of what x tokens ask for,
/// over as many of its own experts as x tokens touch if every expert is equally likely.
private struct ExpertLayers: LayerReader {
    /// GPUs that experts are dealt out over.
    private static let degrees = [1, 2, 4, 8]

    let platform: LayerPlatform
    /// Times by tokens, each by experts in order.
    private var times: [Int: [(experts: Double, time: Double)]] = [:]

    init(platform: LayerPlatform) { self.platform = platform }

    mutating func note(_ row: TableRow) throws(RowFault) {
        try row.check()
        let experts = Double(try row.dimension("activated_experts"))
        times[try row.count("tokens"), default: []].append(
            (experts, try row.latency("time_us", .microseconds)))
    }

    func read(_ row: TableRow, _ samples: inout RowSamples) throws(RowFault) {
        guard let mixture = platform.model.mixture else {
            throw RowFault("\(platform.model.name) has no routed experts")
        }
        let (tokens, experts) = (
            try row.count("tokens"), Double(try row.dimension("activated_experts"))
        )
        let known = known(times[tokens] ?? [])
        // Once for the tokens, with the row of fewest experts.
        guard experts == known.first?.experts else { return }
        for degree in Self.degrees where mixture.experts.isMultiple(of: degree) {
            let all = tokens * degree
            let touched = touched(by: all, mixture) / Double(degree)
            samples.add(
                .experts(
                    ExpertShape(
                        hidden: platform.model.hidden, intermediate: mixture.expertIntermediate,
                        experts: mixture.experts, expertsPerToken: mixture.expertsPerToken,
                        tensorDegree: platform.degree, expertDegree: degree,
                        distribution: ExpertShape.insideEngine, format: .bf16)),
                x: all, nanoseconds: interpolated(known, touched))
        }
    }

    /// Times by experts in order, repeats as their median.
    private func known(
        _ times: [(experts: Double, time: Double)]
    ) -> [(experts: Double, time: Double)] {
        Dictionary(grouping: times, by: \.experts).sorted { $0.key < $1.key }.map {
            experts, times in
            let sorted = times.map(\.time).sorted()
            let middle = sorted.count / 2
            let isOdd = sorted.count % 2 == 1
            return (experts, isOdd ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2)
        }
    }

    /// Experts that at least one of so many tokens picks.
    private func touched(by tokens: Int, _ mixture: ModelSpec.Mixture) -> Double {
        let missed = 1 - Double(mixture.expertsPerToken) / Double(mixture.experts)
        var (share, left) = (1.0, min(tokens, 10_000))
        while left > 0 {
            share *= missed
            left -= 1
        }
        return Double(mixture.experts) * (1 - share)
    }

    /// Linear between what was timed, and held beyond it.
    private func interpolated(
        _ known: [(experts: Double, time: Double)], _ experts: Double
    ) -> Double? {
        guard let above = known.firstIndex(where: { $0.experts >= experts }) else {
            return known.last?.time
        }
        guard above > 0 else { return known[0].time }
        let (low, high) = (known[above - 1], known[above])
        return low.time + (high.time - low.time) * (experts - low.experts)
            / (high.experts - low.experts)
    }
}

/// Decode batches of a few long contexts among many short ones, beside equal contexts of their mean.
///
/// Of the ratios that were timed the two smallest are taken, as real batches have few long contexts,
/// and of the regimes those without a prompt. The times of these tables are sums of three runs.
private struct UnevenLayers: LayerReader {
    private static let runs = 3.0
    /// Largest share of long contexts.
    private static let largestRatio = 130

    let platform: LayerPlatform

    func read(_ row: TableRow, _ samples: inout RowSamples) throws(RowFault) {
        let (batch, long) = (try row.count("n"), try row.count("nb"))
        let (short, big) = (try row.count("kvs"), try row.count("kv_big"))
        let mean = try row.count("kv_mean")
        guard long < batch else { throw RowFault("nb is \(long), expected less than n, \(batch)") }
        guard try row.count("pc", atLeast: 0) == 0, 1000 * long <= Self.largestRatio * batch,
            let even = try row.optionalLatency("t_mean_us", .microseconds),
            let uneven = try row.optionalLatency("t_skew_us", .microseconds)
        else {
            samples.skip()
            return
        }
        let share = Double(long) / Double(batch)
        let deviation = (share * (1 - share)).squareRoot() * Double(big - short)
        let variation = Int((100 * deviation / Double(mean)).rounded())
        guard variation > 0 else {
            throw RowFault("kv_big is \(big), expected more than kvs, \(short)")
        }
        for (variation, time) in [(0, even), (variation, uneven)] {
            samples.add(
                .unevenDecodeAttention(platform.attention, variation: variation), x: batch,
                y: mean, nanoseconds: time / Self.runs)
        }
    }
}
