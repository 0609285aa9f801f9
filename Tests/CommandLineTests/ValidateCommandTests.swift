import ChildProcesses
import Foundation
import Testing

@Suite("Predictions beside measurements")
struct ValidateCommandTests {
    private static let table = """
        id,model,gpu,engine,isl,osl,concurrency,tp_size,ttft_ms,tpot_ms
        a,llama-3.1-8b,h200_sxm,vllm,1024,128,4,1,40,6
        b,llama-3.1-8b,h200_sxm,vllm,1024,128,4,2,30,4
        c,llama-3.1-8b,h200_sxm,vllm,1024,128,4,3,30,4
        d,unheard-of,h200_sxm,vllm,1024,128,4,1,30,4

        """

    private func answer(
        _ table: String, _ more: String...
    ) async throws -> ChildProcess.Ending {
        let folder = try Folder()
        try folder.add(["runs.csv": .text(table)])
        return try await Tool.run(["validate", "--measured", "runs.csv"] + more, in: folder)
    }

    @Test("a fault of a row is told by its column")
    func columns() async throws {
        let answer = try await answer(
            """
            id,model,gpu,engine,isl,osl,concurrency,tp_size,moe_ep_size,ttft_ms,tpot_ms
            a,qwen3-30b-a3b,h200_sxm,vllm,1024,64,16,4,3,60,9
            b,qwen3-30b-a3b,h200_sxm,vllm,1024,64,16,4,4,60,9

            """, "-o", "json")
        let document = try #require(
            try JSONSerialization.jsonObject(with: answer.output) as? [String: Any])
        let rows = try #require(document["rows"] as? [[String: Any]])
        #expect(
            (rows[0]["refused"] as? String)?.hasPrefix("the row: 'moe_ep_size' is '3'; expected ")
                == true)
        #expect(rows[1]["predicted_tpot_ms"] is Double)
    }

    @Test("data-parallel ranks of a dense model are workers of their own")
    func ranks() async throws {
        let header =
            "id,model,gpu,engine,isl,osl,concurrency,tp_size,num_workers,attention_dp_size,moe_ep_size"
        let answer = try await answer(
            """
            \(header),ttft_ms,tpot_ms
            a,llama-3.1-8b,h200_sxm,vllm,1024,64,16,1,4,1,1,60,9
            b,llama-3.1-8b,h200_sxm,vllm,1024,64,16,1,1,4,4,60,9

            """, "-o", "json")
        let document = try #require(
            try JSONSerialization.jsonObject(with: answer.output) as? [String: Any])
        let rows = try #require(document["rows"] as? [[String: Any]])
        for figure in ["predicted_ttft_ms", "predicted_tpot_ms"] {
            let found = try rows.map { try #require($0[figure] as? Double, "\($0)") }
            #expect(found[0] == found[1])
        }
    }

    @Test("ranks wait for each other's prompts as a row says, or as the scripts of its campaign do")
    func promptBalance() async throws {
        let columns = "collection,prompt_balance_steps,prompt_gathering_steps"
        let row = "gpt-oss-120b,b200_sxm,trtllm,1024,64,16,1,4,4,60,9"
        let answer = try await answer(
            """
            id,model,gpu,engine,isl,osl,concurrency,tp_size,attention_dp_size,moe_ep_size,ttft_ms,tpot_ms,\(columns)
            alone,\(row),,,
            told,\(row),,50,10
            scripted,\(row),inferencex-db,,
            untold,\(row),inferencex-db,0,
            dense,llama-3.1-8b,b200_sxm,trtllm,1024,64,16,1,4,1,60,9,,5,

            """, "-o", "json")
        let document = try #require(
            try JSONSerialization.jsonObject(with: answer.output) as? [String: Any])
        let rows = try #require(document["rows"] as? [[String: Any]])
        let found = try rows.prefix(4).map {
            try #require($0["predicted_ttft_ms"] as? Double, "\($0)")
        }
        let refused = try #require(rows[4]["refused"] as? String)
        #expect(refused.contains("prompt_balance_steps"), "\(refused)")
        #expect(found[1] > found[0])
        #expect(found[2] == found[1])
        #expect(found[3] == found[0])
    }

    @Test("prompts wait for more as a row says, or as the scripts of its campaign do")
    func promptPooling() async throws {
        let columns = "collection,max_num_batched_tokens,prompt_pooling_steps,prompt_pooling_share"
        let row = "llama-3.1-70b,b200_sxm,trtllm,1024,1024,16,2,60,9"
        let answer = try await answer(
            """
            id,model,gpu,engine,isl,osl,concurrency,tp_size,ttft_ms,tpot_ms,\(columns)
            alone,\(row),,16384,,
            told,\(row),,16384,20,0.9
            scripted,\(row),dated-export,,,
            untold,\(row),dated-export,16384,0,
            odd,\(row),,16384,0,0.5

            """, "-o", "json")
        let document = try #require(
            try JSONSerialization.jsonObject(with: answer.output) as? [String: Any])
        let rows = try #require(document["rows"] as? [[String: Any]])
        let found = try rows.prefix(4).map {
            try #require($0["predicted_ttft_ms"] as? Double, "\($0)")
        }
        #expect(found[1] > 1.5 * found[0])
        #expect(found[2] == found[1])
        #expect(found[3] == found[0])
        #expect(rows[2]["token_budget"] as? Int == 16_384)
        #expect(rows[2]["prompt_pooling_steps"] as? Int == 20)
        #expect(rows[3]["prompt_pooling_steps"] == nil)
        let refused = try #require(rows[4]["refused"] as? String)
        #expect(refused.contains("prompt_pooling_share"), "\(refused)")
    }

    @Test(
        "requests are looked for every so many steps as a row says, or as the scripts of its campaign do"
    )
    func receiveInterval() async throws {
        let columns = "collection,gemm_quant_mode,moe_quant_mode,receive_interval_steps"
        let row = "qwen3.5-397b-a17b,b200_sxm,sglang,1024,256,16,8,60,9"
        let answer = try await answer(
            """
            id,model,gpu,engine,isl,osl,concurrency,tp_size,ttft_ms,tpot_ms,\(columns)
            alone,\(row),,fp8,fp8_block,
            told,\(row),,fp8,fp8_block,30
            scripted,\(row),dated-export,fp8,fp8_block,
            untold,\(row),dated-export,fp8,fp8_block,1
            plain,\(row),,fp8,fp8,

            """, "-o", "json")
        let document = try #require(
            try JSONSerialization.jsonObject(with: answer.output) as? [String: Any])
        let rows = try #require(document["rows"] as? [[String: Any]])
        let found = try rows.map {
            try #require($0["predicted_ttft_ms"] as? Double, "\($0)")
        }
        #expect(found[1] > 1.2 * found[0])
        #expect(rows[1]["receive_interval_steps"] as? Int == 30)
        #expect(rows[2]["receive_interval_steps"] as? Int == 30)
        #expect(
            rows[3]["receive_interval_steps"] == nil && rows[0]["receive_interval_steps"] == nil)
        // Scales of blocks cost more than one per tensor.
        #expect(found[4] != found[0])
    }

    @Test("every row has a prediction or a reason, and the figures belong to them")
    func document() async throws {
        let answer = try await answer(Self.table, "-o", "json")
        #expect(answer.code == 0)
        let document = try #require(
            try JSONSerialization.jsonObject(with: answer.output) as? [String: Any])
        #expect(document["kind"] as? String == "Validation")
        let rows = try #require(document["rows"] as? [[String: Any]])
        #expect(rows.map { $0["id"] as? String } == ["a", "b", "c", "d"])
        let predicted = rows.compactMap { $0["predicted_ttft_ms"] as? Double }
        #expect(predicted.count == 2)
        #expect(predicted.allSatisfy { $0 > 5 && $0 < 500 })
        #expect(
            rows[2]["refused"] as? String
                == "tensor-parallel degree 3 is no power of two up to 64")
        #expect(
            (rows[3]["refused"] as? String)?.hasPrefix("No model is called 'unheard-of'") == true)
        let overall = try #require(document["overall"] as? [String: Any])
        #expect(overall["rows"] as? Int == 4)
        #expect(overall["predicted"] as? Int == 2)
        let errors = predicted.enumerated().map { abs($1 / [40, 30][$0] - 1) }
        let median = try #require(overall["ttft_median_abs_error"] as? Double)
        #expect(abs(median - (errors[0] + errors[1]) / 2) < 1e-3)
        let groups = try #require(document["groups"] as? [[String: Any]])
        #expect(
            groups.map { $0["group"] as? String } == [
                "llama-3.1-8b|h200-sxm|vllm", "unheard-of|h200_sxm|vllm",
            ])
        #expect(groups[0]["layout_decisions"] as? Int == 6)
    }

    @Test(
        "rows of a deployment are one group, however they spell it, unless the table names groups")
    func spelling() async throws {
        func groups(_ table: String) async throws -> [String?] {
            let answer = try await answer(table, "--split-by", "group", "-o", "json")
            let document = try JSONSerialization.jsonObject(with: answer.output) as? [String: Any]
            return try #require(document?["groups"] as? [[String: Any]], "\(answer.words)")
                .map { $0["group"] as? String }
        }
        let rows = [
            "a,llama-3.1-8b,h200_sxm,vllm", "b,meta-llama/Llama-3.1-8B,H200-SXM,VLLM",
            "c,Llama-3.1-8B,h200-sxm,vLLM",
        ]
        let (head, load) = ("isl,osl,concurrency,tp_size,ttft_ms,tpot_ms", "1024,128,4,1,40,6")
        let spelled = rows.map { "\($0),\(load)\n" }.joined()
        #expect(
            try await groups("id,model,gpu,engine,\(head)\n\(spelled)")
                == ["llama-3.1-8b|h200-sxm|vllm"])
        let named = rows.enumerated().map { "\($1),g\($0 / 2),\(load)\n" }.joined()
        #expect(try await groups("id,model,gpu,engine,group,\(head)\n\(named)") == ["g0", "g1"])
    }

    @Test("what was measured ran, whatever the rules of its engine say")
    func rules() async throws {
        let table = """
            id,model,gpu,engine,isl,osl,concurrency,tp_size,moe_ep_size,gemm_quant_mode,ttft_ms,tpot_ms
            a,minimax-m2.5,h200_sxm,vllm,1024,64,4,8,1,fp8,70,8
            b,minimax-m2.5,h200_sxm,vllm,1024,64,4,8,8,fp8,70,8

            """
        let answer = try await answer(table, "-o", "json")
        let document = try #require(
            try JSONSerialization.jsonObject(with: answer.output) as? [String: Any])
        let overall = try #require(document["overall"] as? [String: Any])
        #expect(overall["predicted"] as? Int == 2, "\(answer.text)")
    }

    @Test("the same bytes on any number of jobs")
    func determinism() async throws {
        let one = try await answer(Self.table, "-o", "json", "--jobs", "1")
        let many = try await answer(Self.table, "-o", "json", "--jobs", "7")
        #expect(one.output == many.output)
        let other = try await answer(Self.table, "-o", "json", "--seed", "2")
        #expect(one.output != other.output)
    }

    @Test("groups in turn: each says what it was predicted with, on any number of jobs")
    func split() async throws {
        let one = try await answer(Self.table, "--split-by", "group", "-o", "json", "--jobs", "1")
        let many = try await answer(Self.table, "--split-by", "group", "-o", "json", "--jobs", "3")
        #expect(one.code == 0 && one.output == many.output)
        let document = try #require(
            try JSONSerialization.jsonObject(with: one.output) as? [String: Any])
        #expect(document["split_by"] as? String == "group")
        let groups = try #require(document["groups"] as? [[String: Any]])
        for group in groups where group["predicted"] as? Int != 0 {
            let constants = try #require(group["constants"] as? [String: Any])
            #expect(constants["per_layer_us"] is Double)
            let others = try #require(constants["fitted_to"] as? [String])
            #expect(!others.contains(group["group"] as? String ?? ""))
        }
        let engines = try #require(document["engines"] as? [[String: Any]])
        #expect(engines.map { $0["engine"] as? String } == ["vllm"])
        #expect(one.words.contains("vllm: per_layer_us"))
    }

    @Test("revealed rows are named and not predicted; the seed chooses them")
    func reveal() async throws {
        let answer = try await answer(
            Self.table, "--split-by", "group", "--reveal", "1", "-o", "json")
        #expect(answer.code == 0)
        let document = try #require(
            try JSONSerialization.jsonObject(with: answer.output) as? [String: Any])
        let revealed = try #require(document["revealed"] as? [String])
        #expect(revealed == ["a"] || revealed == ["b"])
        let rows = try #require(document["rows"] as? [[String: Any]])
        let others = ["a", "b", "c", "d"].filter { $0 != revealed[0] }
        #expect(rows.compactMap { $0["id"] as? String } == others)
        var seen: Set<String> = []
        for seed in 1...12 {
            let drawn = try await self.answer(
                Self.table, "--split-by", "group", "--reveal", "1", "-o", "json", "--seed",
                "\(seed)")
            let one = try JSONSerialization.jsonObject(with: drawn.output) as? [String: Any]
            seen.formUnion(one?["revealed"] as? [String] ?? [])
        }
        #expect(seen == ["a", "b"])
        let alone = try await self.answer(Self.table, "--reveal", "1")
        #expect(alone.code == 64 && alone.words.contains("--reveal needs --split-by group"))
        let known = Self.table.split(separator: "\n").prefix(3).joined(separator: "\n") + "\n"
        let all = try await self.answer(known, "--split-by", "group", "--reveal", "2")
        #expect(all.code == 65)
        #expect(all.words.contains("no group has a row left to predict beside 2"), "\(all.words)")
    }

    @Test("a table that cannot be read, a missing file and a missing store have their own codes")
    func failures() async throws {
        let bad = try await answer("id,model\na,b\n")
        #expect(bad.code == 65)
        #expect(bad.words.contains("runs.csv: Line 1: found no column system or gpu"))
        let missing = try await Tool.run(
            ["validate", "--measured", "none.csv"], in: try Folder())
        #expect(missing.code == 66)
        let store = try await answer(Self.table, "--store", "none.sqlite")
        #expect(store.code == 66)
        #expect(store.output.isEmpty)
        let facts = try await answer(Self.table, "--hardware", "none")
        #expect(facts.code != 0)
        #expect(facts.output.isEmpty)
    }
}
