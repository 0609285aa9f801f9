import ChildProcesses
import Foundation
import Testing

@Suite("Rows of public campaigns as launch scripts started them")
struct LaunchedRowsTests {
    private func rows(_ table: String) async throws -> [[String: Any]] {
        let folder = try Folder()
        try folder.add(["runs.csv": .text(table)])
        let answer = try await Tool.run(
            ["validate", "--measured", "runs.csv", "-o", "json"], in: folder)
        let document = try #require(
            try JSONSerialization.jsonObject(with: answer.output) as? [String: Any])
        return try #require(document["rows"] as? [[String: Any]])
    }

    @Test("rows of a public campaign are in the layouts that its launch scripts made")
    func launched() async throws {
        let rows = try await rows(
            """
            id,collection,model,gpu,engine,isl,osl,concurrency,tp_size,attention_dp_size,moe_ep_size,ttft_ms,tpot_ms
            a,,kimi-k2.5,b200,vllm,1024,64,4,4,1,4,90,9
            b,inferencex-db,kimi-k2.5,b200,vllm,1024,64,4,4,4,16,90,9
            c,,kimi-k2.5,b300,vllm,1024,64,4,1,4,4,90,9
            d,inferencex-db,kimi-k2.5,b300,vllm,1024,64,4,4,4,16,90,9
            e,inferencex-db,kimi-k2.5,b300,vllm,1024,64,4,4,4,,90,9
            f,,kimi-k2.5,b300,vllm,1024,64,4,4,4,16,90,9

            """)
        func figure(_ row: Int, _ name: String) throws -> Double {
            try #require(rows[row][name] as? Double)
        }
        #expect(rows.count == 6)
        for (read, same) in [(1, 0), (3, 2), (4, 2)] {
            for name in ["predicted_tpot_ms", "tp_size", "attention_dp_size", "moe_ep_size"] {
                #expect(try figure(read, name) == figure(same, name), "\(read) \(name)")
            }
        }
        #expect(try figure(1, "tp_size") == 4)
        #expect(try figure(3, "attention_dp_size") == 4 && figure(3, "tp_size") == 1)
        #expect(rows[5]["refused"] is String || rows[5]["tp_size"] as? Double == 4)
    }

    @Test("the KV cache has the format of the row, else of its script, else of most benchmarks")
    func formats() async throws {
        let rows = try await rows(
            """
            id,collection,engine_version,kv_cache_dtype,model,gpu,engine,isl,osl,concurrency,tp_size,ttft_ms,tpot_ms
            script,inferencex-db,0.18.0,,minimax-m2.5,h200_sxm,vllm,8192,64,32,4,90,9
            bf16,,0.18.0,bf16,minimax-m2.5,h200_sxm,vllm,8192,64,32,4,90,9
            stated,inferencex-db,0.18.0,fp8,minimax-m2.5,h200_sxm,vllm,8192,64,32,4,90,9
            later,inferencex-db,0.19.0,,minimax-m2.5,h200_sxm,vllm,8192,64,32,4,90,9
            other,,0.18.0,,minimax-m2.5,h200_sxm,vllm,8192,64,32,4,90,9

            """)
        let formats = rows.map { $0["kv_cache_dtype"] as? String }
        #expect(formats == ["bf16", "bf16", "fp8", "fp8", "fp8"])
        let tpots = rows.map { $0["predicted_tpot_ms"] as? Double }
        #expect(tpots[0] == tpots[1] && tpots[2] == tpots[3] && tpots[3] == tpots[4])
        #expect(tpots[0] != tpots[2])
    }

    @Test(
        "experts in mxfp4 are multiplied as the row says, else as its script, else as by the engine itself"
    )
    func activations() async throws {
        let rows = try await rows(
            """
            id,collection,moe_quant_mode,gemm_quant_mode,model,gpu,engine,isl,osl,concurrency,tp_size,ttft_ms,tpot_ms
            script,inferencex-db,nvfp4,nvfp4,gpt-oss-120b,b200_sxm,vllm,8192,8,4,1,90,9
            stated,inferencex-db,w4a16_mxfp4,bf16,gpt-oss-120b,b200_sxm,vllm,8192,8,4,1,90,9
            own,,w4a8_mxfp4_mxfp8,bf16,gpt-oss-120b,b200_sxm,vllm,8192,8,4,1,90,9
            vllm,,,,gpt-oss-120b,b200_sxm,vllm,8192,8,4,1,90,9
            sglang,,,,gpt-oss-120b,b200_sxm,sglang,8192,8,4,1,90,9
            hopper,,,,gpt-oss-120b,h200_sxm,vllm,8192,8,4,1,90,9
            unknown,,w4a8_mxfp4_mxfp8,foo,gpt-oss-120b,b200_sxm,vllm,8192,8,4,1,90,9

            """)
        let formats = rows.map { $0["mxfp4_activations"] as? String }
        #expect(formats == ["fp8", "bf16", "fp8", "bf16", "fp8", nil, nil])
        let ttfts = rows.map { $0["predicted_ttft_ms"] as? Double }
        #expect(try #require(ttfts[0]) < #require(ttfts[1]))
        #expect(try #require(ttfts[2]) < #require(ttfts[3]))
        #expect((rows[6]["refused"] as? String)?.contains("foo") == true)
    }
}
