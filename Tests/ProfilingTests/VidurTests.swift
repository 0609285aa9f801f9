import ServingDomain
import Testing

@testable import Profiling

@Suite("Profiles of Vidur")
struct VidurTests {
    private let mlpHeader = """
        emb_ms,input_layernorm_ms,attn_pre_proj_ms,attn_rope_ms,attn_post_proj_ms,\
        post_attention_layernorm_ms,mlp_up_proj_ms,mlp_act_ms,mlp_down_proj_ms,add_ms,n_head,\
        n_kv_head,n_embd,n_expanded_embd,vocab_size,use_gated_mlp,num_tokens,\
        num_tensor_parallel_workers

        """
    private let a100 = ProfileContext(
        gpu: "a100-80gb-sxm", engine: "vidur-sarathi", version: "unknown")

    @Test("a wide row yields the shapes of one layer after sharding")
    func layer() throws {
        let store = try ProfileStore.inMemory()
        let row = "1,2,3,4,5,6,7,8,9,10,32,8,4096,11008,32000,True,77,4\n"
        let report = try store.take(mlpHeader + row, at: "mlp_a100_some-model.csv")
        let times = Dictionary(
            grouping: try store.samples(in: a100), by: \.shape
        ).mapValues { $0.map { $0.nanoseconds / 1e6 } }
        #expect(report.samplesAdded == 10 && report.rowsRead == 1)
        #expect(
            times == [
                .elementwise(.embedding, width: 4096): [1],
                .elementwise(.norm, width: 4096): [2, 6],
                .gemm(n: (32 + 16) * 128 / 4, k: 4096, format: .bf16): [3],
                .elementwise(.rope, width: 40 * 128 / 4): [4],
                .gemm(n: 4096, k: 1024, format: .bf16): [5],
                .gemm(n: 2 * 2752, k: 4096, format: .bf16): [7],
                .elementwise(.activation, width: 2752): [8],
                .gemm(n: 4096, k: 2752, format: .bf16): [9],
                .elementwise(.residual, width: 4096): [10],
            ])
        #expect(try store.samples(in: a100).allSatisfy { $0.point == OperatorPoint(x: 77) })
    }

    @Test("blank and zero cells were not measured; a negative one refuses the whole row")
    func cells() throws {
        let store = try ProfileStore.inMemory()
        let shape = "32,8,4096,11008,32000,False,77,4\n"
        let text = mlpHeader + "1,,3,0.0,5,6,7,8,9,10," + shape + "1,2,3,4,5,6,7,8,9,-1," + shape
        let report = try store.take(text, at: "mlp_a100_m.csv", options: skipping)
        #expect(report.samplesAdded == 8 && report.cellsSkipped == 2 && report.refused == 1)
        #expect(report.refusedRows.first?.reason.contains("add_ms is \"-1\"") == true)
    }

    @Test("a degree that does not divide the heads is refused")
    func uneven() throws {
        let store = try ProfileStore.inMemory()
        let row = "1,2,3,4,5,6,7,8,9,10,32,8,4096,11008,32000,True,77,3\n"
        let error = message { () throws(ProfilingError) in
            try store.take(mlpHeader + row, at: "mlp_a100_m.csv")
        }
        #expect(error.contains("n_head / num_tensor_parallel_workers is 32 / 3"))
    }

    @Test("prefill rows have a history, decode rows a context of at least one")
    func attention() throws {
        let store = try ProfileStore.inMemory()
        try store.take(
            """
            attn_input_reshape_ms,attn_decode_ms,attn_output_reshape_ms,attn_prefill_ms,n_embd,\
            n_q_head,n_kv_head,block_size,num_tensor_parallel_workers,max_model_len,batch_size,\
            prefill_chunk_size,kv_cache_size,is_prefill
            0.0,,0.1,2,8192,64,8,16,2,4096,1,512,128,True
            0.0,3,0.1,,8192,64,8,16,2,4096,6,0,0,False
            """, at: "attention_a100_x.csv")
        let shape = AttentionShape(
            heads: 32, kvHeads: 4, headDimension: 128, window: 0, kvFormat: .bf16)
        #expect(
            try store.samples(in: a100) == [
                TimingSample(
                    shape: .decodeAttention(shape), point: OperatorPoint(x: 6, y: 1),
                    nanoseconds: 3e6),
                TimingSample(
                    shape: .prefillAttention(shape, batch: 1), point: OperatorPoint(x: 512, y: 128),
                    nanoseconds: 2e6),
            ])
    }

    @Test("host times are the medians, by activity and model")
    func host() throws {
        let store = try ProfileStore.inMemory()
        let activities = [
            "schedule", "sampler_launch", "sampler_e2e", "prepare_inputs_launch",
            "prepare_inputs_e2e", "model_execution_launch", "model_execution_e2e",
            "process_model_outputs",
        ]
        let columns = activities.map { $0 + "_mean" } + activities.map { $0 + "_median" }
        let header =
            "," + columns.joined(separator: ",")
            + ",model_name,batch_size,tensor_parallel_degree,ray_comm_time_mean\n"
        let row = "0,9,9,9,9,9,9,9,9,1,2,3,4,5,6,7,8,org/model,16,2,9\n"
        let report = try store.take(header + row, at: "cpu_overheads_a100.csv")
        let samples = try store.samples(in: a100)
        #expect(report.samplesAdded == 8 && samples.count == 8)
        #expect(samples.map(\.nanoseconds).reduce(0, +) == 36e6)
        #expect(
            samples.contains(
                TimingSample(
                    shape: .host(component: "sampler_e2e:org/model", degree: 2),
                    point: OperatorPoint(x: 16), nanoseconds: 3e6)))
    }

    @Test("the wiring of a network table is a part of the path")
    func network() throws {
        let store = try ProfileStore.inMemory()
        let columns = ",rank,num_workers,size,collective,devices_per_node,max_devices_per_node\n"
        let reduce = "all_reduce_ms" + columns + "0.5,0,16,4096,all_reduce,8,8\n"
        let send = "send_recv_ms" + columns + "0.5,0,2,4096,send_recv,1,4\n"
        try store.take(reduce, at: "all_reduce_a100_dgx.csv")
        try store.take(send, at: "send_recv_a100_pairwise_nvlink.csv")
        #expect(
            try store.samples(in: a100).map(\.shape) == [
                .collective(.allReduce, gpus: 16, path: "nccl-8-per-node"),
                .pointToPoint(path: "nccl-pairwise-nvlink-1-per-node"),
            ])
        #expect(try store.take(send, at: "send_recv_a40_x.csv").gpu == "a40")
        #expect(try store.take(send, at: "send_recv_h100_dgx.csv").gpu == "h100-sxm")
    }
}
