import ServingDomain
import Testing

@testable import Profiling

@Suite("Profiles of layers")
struct LayerTableTests {
    private static let dense = ModelSpec(
        name: "small", architecture: "LlamaForCausalLM", layers: 4, hidden: 512,
        attention: .grouped(heads: 8, kvHeads: 2, headDimension: 64), intermediate: 1024,
        vocabulary: 1000, maxContext: 4096)
    private static let mixture = ModelSpec(
        name: "mixture", architecture: "Qwen3MoeForCausalLM", layers: 4, hidden: 512,
        attention: .grouped(heads: 8, kvHeads: 2, headDimension: 64), intermediate: 0,
        mixture: .init(experts: 4, expertsPerToken: 2, expertIntermediate: 256),
        vocabulary: 1000, maxContext: 4096)

    private func importing(_ model: String? = "small") -> ImportOptions {
        var options = options
        (options.gpu, options.engine, options.version) = ("g", "vllm", "1")
        options.model = model
        options.findModel = { name in
            [Self.dense, Self.mixture].first { $0.name == name }
        }
        return options
    }

    private func samples(
        _ text: String, at path: String = "/p/tp2/t.csv", model: String = "small"
    ) throws -> [TimingSample] {
        let store = try ProfileStore.inMemory()
        try store.take(text, at: path, options: importing(model))
        return try store.samples(in: ProfileContext(gpu: "g", engine: "vllm", version: "1"))
    }

    private let attention = AttentionShape(
        heads: 4, kvHeads: 1, headDimension: 64, window: 0, kvFormat: .bf16)

    @Test("dense layers have the shapes of one of the GPUs; microseconds become nanoseconds")
    func dense() throws {
        let found = try samples(
            """
            layer,tokens,time_us
            qkv_proj,8,1.5
            o_proj,8,2
            gate_up_proj,8,3
            down_proj,8,4
            act_fn,8,5
            layernorm,8,6
            rotary_emb,8,7
            embedding,8,8
            final_layernorm,8,9
            """)
        let times = Dictionary(uniqueKeysWithValues: found.map { ($0.shape, $0.nanoseconds) })
        #expect(
            times == [
                .gemm(n: 6 * 64, k: 512, format: .bf16): 1500,
                .gemm(n: 512, k: 256, format: .bf16): 2000,
                .gemm(n: 1024, k: 512, format: .bf16): 3000,
                .gemm(n: 512, k: 512, format: .bf16): 4000,
                .elementwise(.activation, width: 512): 5000,
                .elementwise(.norm, width: 512): 6000, .elementwise(.residual, width: 512): 1,
                .elementwise(.rope, width: 5 * 64): 7000,
                .elementwise(.embedding, width: 512): 8000,
            ])
        #expect(found.allSatisfy { $0.point == OperatorPoint(x: 8) })
    }

    @Test("LM head and sampler are one operator of the sequences")
    func sampled() throws {
        let found = try samples(
            "layer,sequences,time_us\nlm_head,3,10\nsampler,3,2\nlm_head,4,11\n")
        let shape = OperatorShape.gemm(n: 500, k: 512, format: .bf16)
        #expect(
            found == [
                TimingSample(shape: shape, point: OperatorPoint(x: 3), nanoseconds: 12_000),
                TimingSample(shape: shape, point: OperatorPoint(x: 4), nanoseconds: 11_000),
            ])
    }

    @Test("of a step with a prompt and a batch, the batch's is what the prompt alone leaves")
    func mixedSteps() throws {
        let found = try samples(
            """
            prefill_chunk,kv_prefill,n_decode,kv_decode,time_us
            16,64,0,0,10
            0,0,4,128,5
            16,64,4,128,17
            16,64,2,128,9
            """)
        #expect(
            Set(found) == [
                TimingSample(
                    shape: .prefillAttention(attention, batch: 1),
                    point: OperatorPoint(x: 16, y: 64), nanoseconds: 10_000),
                TimingSample(
                    shape: .decodeAttention(attention), point: OperatorPoint(x: 4, y: 128),
                    nanoseconds: 5000),
                TimingSample(
                    shape: .mixedDecodeAttention(attention), point: OperatorPoint(x: 4, y: 128),
                    nanoseconds: 7000),
            ])
    }

    @Test("experts that are dealt out: a part of the tokens, and of the experts they touch")
    func experts() throws {
        // One token touches 2 of 4 experts; over 2 GPUs two tokens touch 3 of 4, 1.5 on each.
        let found = try samples(
            "tokens,activated_experts,time_us\n1,1,10\n1,2,20\n", at: "/p/tp1/moe.csv",
            model: "mixture")
        func sample(_ degree: Int, _ tokens: Int, _ time: Double) -> TimingSample {
            TimingSample(
                shape: .experts(
                    ExpertShape(
                        hidden: 512, intermediate: 256, experts: 4, expertsPerToken: 2,
                        tensorDegree: 1, expertDegree: degree,
                        distribution: ExpertShape.insideEngine, format: .bf16)),
                point: OperatorPoint(x: tokens), nanoseconds: time)
        }
        // Repeats count as their median, here 10 and 20 for one expert and 20 for two.
        let repeated = try samples(
            "tokens,activated_experts,time_us\n1,1,10\n1,1,20\n1,2,20\n", at: "/p/tp1/moe.csv",
            model: "mixture")
        #expect(
            Set(repeated) == [sample(1, 1, 20_000), sample(2, 2, 17_500), sample(4, 4, 15_000)])
        // Over 4 GPUs four tokens touch 3.75 of 4: less than the one expert that was timed.
        #expect(Set(found) == [sample(1, 1, 20_000), sample(2, 2, 15_000), sample(4, 4, 10_000)])
    }

    @Test("uneven batches stand beside even ones of their mean; three runs are added up")
    func uneven() throws {
        let columns =
            "regime,n,nb,ratio,skew,pc,kp,kvs,kv_big,kv_mean,t_mean_us,t_max_us,t_skew_us,alpha\n"
        let found = try samples(
            columns + "pure,16,1,0.0625,4.0,0,0,1024,4096,1216,30,60,33,0.1\n"
                + "mixed,16,1,0.0625,4.0,64,0,1024,4096,1216,30,60,33,0.1\n"
                + "pure,16,8,0.5,4.0,0,0,1024,4096,2560,30,60,33,0.1\n")
        // The deviation is sqrt(15) / 16 · 3,072 = 743.6 tokens, 61 % of the mean.
        let point = OperatorPoint(x: 16, y: 1216)
        #expect(
            found == [
                TimingSample(
                    shape: .unevenDecodeAttention(attention, variation: 0), point: point,
                    nanoseconds: 10_000),
                TimingSample(
                    shape: .unevenDecodeAttention(attention, variation: 61), point: point,
                    nanoseconds: 11_000),
            ])
    }

    @Test("a table whose model or degree nobody tells is refused, and says what is missing")
    func unknown() {
        let text = "layer,tokens,time_us\nqkv_proj,8,1.5\n"
        func refusal(_ path: String, _ model: String?, _ text: String = text) -> String {
            message { () throws(ProfilingError) in
                try ProfileStore.inMemory().take(text, at: path, options: importing(model))
            }
        }
        #expect(refusal("/p/tp2/dense.csv", nil).contains("no model is named"))
        #expect(refusal("/p/tp2/dense.csv", "other").contains("no model is called \"other\""))
        #expect(refusal("/p/dense.csv", "small").contains("folder tp1, tp2"))
        #expect(
            refusal("/p/tp2/dense.csv", "small", "layer,tokens,time_us\nlogits,8,1\n")
                .contains("layer is \"logits\""))
        #expect(
            refusal("/p/tp2/moe.csv", "small", "tokens,activated_experts,time_us\n1,1,1\n")
                .contains("small has no routed experts"))
    }

    @Test("a meta.yaml above the table tells model, GPU and version")
    func meta() throws {
        let folder = try TemporaryFolder()
        let above = try folder.write("model: small\n", to: "meta.yaml")
        let path = try folder.write("layer,tokens,time_us\nqkv_proj,8,1.5\n", to: "tp2/dense.csv")
        var options = importing(nil)
        (options.gpu, options.engine, options.version) = (nil, nil, nil)
        options.readMeta = { path in
            guard path == above else { throw RowFault("another file, \(path)") }
            return LayerMeta(model: "small", gpu: "RTXPRO6000", version: "0.19.0")
        }
        let report = try ProfileStore.inMemory().importTimings(from: path, options: options)
        #expect(report.gpu == "rtx-pro-6000" && report.engine == "vllm")
        #expect(report.version == "0.19.0" && report.samplesAdded == 1)
        options.readMeta = { _ in LayerMeta(model: "small", version: "1", variant: "fp8") }
        let variant = message { () throws(ProfilingError) in
            try ProfileStore.inMemory().importTimings(from: path, options: options)
        }
        #expect(variant.contains("is \"fp8\", and only bf16 is read"))
        struct Unreadable: Error {}
        options.readMeta = { _ in throw Unreadable() }
        let refusal = message { () throws(ProfilingError) in
            try ProfileStore.inMemory().importTimings(from: path, options: options)
        }
        #expect(refusal.contains("Unreadable"))
    }
}
