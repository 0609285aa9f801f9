import ServingDomain
import Testing

@testable import Profiling

@Suite("Tables of AIConfigurator")
struct AIConfiguratorTests {
    private let folder = "/data/h100_sxm/vllm-0.24.0/"

    private func samples(_ text: String, at path: String) throws -> [TimingSample] {
        let store = try ProfileStore.inMemory()
        let report = try store.take(text, at: path)
        return try store.samples(
            in: ProfileContext(gpu: report.gpu, engine: report.engine, version: report.version))
    }

    @Test("the folders tell GPU, engine and version")
    func folders() throws {
        let store = try ProfileStore.inMemory()
        let gemm = "gemm_dtype,m,n,k,latency\nfp8_block,3,64,128,0.5\n"
        try store.take(gemm, at: folder + "gemm.csv")
        #expect(try store.contexts().map(\.context) == [h100])
        let wrong = message { () throws(ProfilingError) in
            try store.take(gemm, at: "/data/gemm.csv")
        }
        #expect(wrong.contains("tells the gpu"))
    }

    @Test("a GEMM of m tokens; milliseconds become nanoseconds")
    func gemm() throws {
        let found = try samples(
            "gemm_dtype,m,n,k,latency\nfp8_block,3,64,128,0.00253067\n", at: folder + "gemm.csv")
        let shape = OperatorShape.gemm(n: 64, k: 128, format: .fp8Block)
        #expect(
            found == [TimingSample(shape: shape, point: OperatorPoint(x: 3), nanoseconds: 2530.67)])
    }

    @Test("decode attention counts the new token into the context; prefill has no history")
    func attention() throws {
        let columns =
            "kv_cache_dtype,window_size,head_dim,num_heads,num_key_value_heads,batch_size,"
        let shape = AttentionShape(
            heads: 16, kvHeads: 2, headDimension: 64, window: 128, kvFormat: .fp8)
        let decode = try samples(
            columns + "step,latency\nfp8,128,64,16,2,5,1023,1\n", at: folder + "g")
        let prefill = try samples(
            columns + "isl,latency\nfp8,128,64,16,2,5,700,1\n", at: folder + "c")
        #expect(decode.first?.shape == .decodeAttention(shape))
        #expect(decode.first?.point == OperatorPoint(x: 5, y: 1024))
        #expect(prefill.first?.shape == .prefillAttention(shape, batch: 5))
        #expect(prefill.first?.point == OperatorPoint(x: 700, y: 0))
    }

    @Test("experts keep their router skew and both degrees")
    func experts() throws {
        let found = try samples(
            """
            moe_dtype,distribution,hidden_size,inter_size,topk,num_experts,moe_tp_size,moe_ep_size,\
            num_tokens,latency
            w4a16_mxfp4,power_law_1.2,2880,1440,4,32,2,8,40,1
            """, at: folder + "moe.csv")
        let shape = ExpertShape(
            hidden: 2880, intermediate: 1440, experts: 32, expertsPerToken: 4, tensorDegree: 2,
            expertDegree: 8, distribution: "power_law_1.2", format: .mxfp4)
        #expect(found.map(\.shape) == [.experts(shape)])
        #expect(found.map(\.point.x) == [40])
    }

    @Test("messages are bytes, and NCCL stands under its own name")
    func collectives() throws {
        let own = try samples(
            "backend,allreduce_dtype,num_gpus,message_size,latency\nvllm_graph,bfloat16,4,1000,1\n",
            at: folder + "custom_allreduce.csv")
        let store = try ProfileStore.inMemory()
        let report = try store.take(
            "op_name,nccl_dtype,num_gpus,message_size,latency\nalltoall,half,8,1000,1\n",
            at: "/data/h200_sxm/nccl-2.29.2/nccl.csv")
        let context = ProfileContext(gpu: "h200-sxm", engine: "nccl", version: "2.29.2")
        #expect(own.map(\.shape) == [.collective(.allReduce, gpus: 4, path: "vllm_graph")])
        #expect(own.map(\.point.x) == [2000])
        #expect(report.engine == "nccl" && report.version == "2.29.2")
        #expect(
            try store.samples(in: context).map(\.shape) == [
                .collective(.allToAll, gpus: 8, path: "nccl")
            ])
    }

    @Test("published facts go to every GPU, and a blank one to none")
    func facts() throws {
        let store = try ProfileStore.inMemory()
        let text = "fact,unit,a100_sxm,h100_sxm\ngpu.power,W,400,700\ngpu.fp8,flop/s,,5\n"
        let report = try store.take(text)
        #expect(report.rowsRead == 2 && report.factsAdded == 3 && report.cellsSkipped == 1)
        #expect(report.gpu == "a100-80gb-sxm,h100-sxm" && report.samplesAdded == 0)
        #expect(
            try store.facts(gpu: "h100_sxm") == [
                PublishedFact(gpu: "h100-sxm", name: "gpu.fp8", unit: "flop/s", value: "5"),
                PublishedFact(gpu: "h100-sxm", name: "gpu.power", unit: "W", value: "700"),
            ])
        let only = ImportOptions(gpu: "H100", toolVersion: "test")
        #expect(try store.take(text, options: only).gpu == "h100-sxm")
        let absent = ImportOptions(gpu: "b300", toolVersion: "test")
        #expect(
            message { () throws(ProfilingError) in try store.take(text, options: absent) }
                .contains("no column for \"b300\""))
        let again = try store.take(text.replacing("700", with: "650"))
        #expect(again.factsAdded == 1 && again.duplicates == 2)
        #expect(try store.facts(gpu: "h100-sxm").last?.value == "650")
    }
}
