import Foundation
import ServingDomain
import Testing

@testable import Validating

@Suite("Tables of measured deployments")
struct MeasuredTableTests {
    private static let header =
        "id,group,backend,model_path,system,mode,isl,osl,concurrency,tp_size,batch_size,"
        + "attention_dp_size,prefill_num_workers,prefill_tp_size,decode_num_workers,decode_tp_size,"
        + "ttft_ms,tpot_ms,complete"

    private func table(_ lines: String...) throws -> MeasuredTable {
        try MeasuredTable(Data(([Self.header] + lines).joined(separator: "\n").utf8))
    }

    private func message(_ text: String) -> String {
        do {
            _ = try MeasuredTable(Data(text.utf8))
            return "accepted"
        } catch {
            return error.description
        }
    }

    @Test("a row on the same workers, and one with two pools")
    func layouts() throws {
        let table = try table(
            "a,g,vllm,m,h200_sxm,agg,1024,128,16,2,,,,,,,120.5,9.5,True",
            "b,g,vllm,m,h200_sxm,disagg,1024,128,32,,,,2,4,1,8,80,7,True")
        #expect(table.unusable.isEmpty)
        #expect(
            table.rows[0]
                == MeasuredRow(
                    id: "a", line: 2, group: "g", model: "m", system: "h200_sxm", engine: "vllm",
                    layout: .aggregated(
                        MeasuredRow.Pool(replicas: 1, shards: MeasuredRow.Shards(tensor: 2))),
                    load: MeasuredRow.Load(inputTokens: 1024, outputTokens: 128, concurrency: 16),
                    measured: MeanLatencies(ttft: 120.5, tpot: 9.5)))
        #expect(
            table.rows[1].layout
                == .disaggregated(
                    prefill: MeasuredRow.Pool(replicas: 2, shards: MeasuredRow.Shards(tensor: 4)),
                    decode: MeasuredRow.Pool(replicas: 1, shards: MeasuredRow.Shards(tensor: 8))))
        #expect(table.rows[1].layout.gpus.value == 16)
    }

    @Test("without a concurrency, the batch of a rank times its ranks")
    func batch() throws {
        let table = try table(
            "a,g,vllm,m,s,agg,1024,128,,1,8.0,4,,,,,120,9,",
            "b,g,vllm,m,s,agg,1024,128,,1,8,0,,,,,120,9,")
        #expect(table.rows.map(\.load.concurrency) == [32, 8])
        guard case .aggregated(let pool) = table.rows[0].layout else {
            Issue.record("one pool expected")
            return
        }
        #expect(pool.gpus.value == 4)
    }

    @Test("exports that name the square of a worker are read as what ran, others as they are")
    func squares() throws {
        let header =
            "id,backend,model,system,isl,osl,concurrency,ttft_ms,tpot_ms,collection,tp_size,"
            + "attention_dp_size,moe_tp_size,moe_ep_size"
        func shards(_ columns: String) throws -> MeasuredRow.Shards? {
            let table = try MeasuredTable(Data("\(header)\na,e,m,s,9,9,1,1,1,\(columns)".utf8))
            return table.rows.first?.shards.serving
        }
        let eight = MeasuredRow.Shards(tensor: 8, expert: 8)
        #expect(try shards("dated-export,64,1,8,8") == eight)
        #expect(try shards("inferencex-db,64,0,8,8") == eight)
        #expect(
            try shards("dated-export,1,64,8,8")
                == MeasuredRow.Shards(tensor: 1, data: 8, expert: 8))
        #expect(try shards("dated-export,8,1,1,8") == eight)
        #expect(
            try shards("dated-export,1,8,1,8") == MeasuredRow.Shards(tensor: 1, data: 8, expert: 8))
        #expect(
            try shards("vendor-gap-analysis,4,1,2,2") == MeasuredRow.Shards(tensor: 4, expert: 2))
        #expect(try shards(",4,1,2,2") == MeasuredRow.Shards(tensor: 4, expert: 2))
    }

    @Test("a run of public scripts that the vendor's comparison repeats is read as one of these")
    func copies() throws {
        let run = "vllm,m,s,agg,1024,128,16,2"
        let text = """
            id,backend,model_path,system,mode,isl,osl,concurrency,tp_size,ttft_ms,tpot_ms,collection
            rounded,\(run),314.17,20.06,vendor-gap-analysis
            own,\(run),312,20.06,vendor-gap-analysis
            lengths,vllm,m,s,agg,1000,128,16,2,314.17,20.06,vendor-gap-analysis
            alias,vLLM,owner/M,S,agg,1024,128,16,2,314.17,20.06,vendor-gap-analysis
            first,\(run),314.174,20.0594,dated-export
            mine,\(run),314.174,20.0594,
            """
        let rows = try MeasuredTable(Data(text.utf8)).rows
        let isCopy = Dictionary(
            uniqueKeysWithValues: rows.map { ($0.id, $0.campaign == "dated-export") })
        #expect(
            isCopy == [
                "rounded": true, "own": false, "lengths": false, "alias": true,
                "first": true, "mine": false,
            ])
        #expect(BenchmarkClient(rows[0]) == BenchmarkClient())
        #expect(BenchmarkClient(rows[1]) == .vendor)
    }

    @Test("what a row lacks is said, and the others are read")
    func unusable() throws {
        let table = try table(
            "a,g,vllm,m,s,agg,1024,128,16,2,,,,,,,120,9,False",
            "b,g,vllm,m,s,agg,1024,128,,2,,,,,,,120,9,",
            "c,g,vllm,m,s,disagg,1024,128,16,,,,,4,1,8,80,7,",
            "d,g,vllm,m,s,agg,1024,128,16,2,,,,,,,,9,",
            "e,g,vllm,m,s,agg,1024,128,16,2,,,,,,,120,9,yes")
        #expect(table.rows.map(\.id) == ["e"])
        #expect(
            table.unusable.map { "\($0.id) \($0.line) \($0.reason)" } == [
                "a 2 the table marks the row as incomplete", "b 3 the table gives no concurrency",
                "c 4 the table gives no workers of both pools",
                "d 5 the table gives no TTFT and TPOT",
            ])
    }

    @Test("without a column of groups, model, GPU and engine make one")
    func ownGroup() throws {
        let text =
            "id,model,gpu,engine,isl,osl,concurrency,tp_size,ttft_ms,tpot_ms\na,m,h,vllm,9,8,1,1,5,6\n"
        #expect(try MeasuredTable(Data(text.utf8)).rows[0].group == "m|h|vllm")
    }

    @Test("a 0 says the same as a blank of degrees and workers")
    func zeros() throws {
        let header =
            "id,mode,model,gpu,engine,isl,osl,concurrency,tp_size,num_workers,moe_ep_size,"
            + "prefill_tp_size,prefill_num_workers,decode_tp_size,decode_num_workers,ttft_ms,tpot_ms"
        let table = try MeasuredTable(
            Data(
                """
                \(header)
                a,agg,m,h,vllm,9,8,1,2,0,0,,,,,5,6
                b,agg,m,h,vllm,9,8,1,0,1,1,,,,,5,6
                c,,m,h,vllm,9,8,1,,1,1,,,,,5,6
                d,disagg,m,h,vllm,9,8,1,,,,1,0,1,1,5,6

                """.utf8))
        #expect(
            table.rows.map(\.layout) == [.aggregated(.init(replicas: 1, shards: .init(tensor: 2)))])
        #expect(
            table.unusable.map { "\($0.id) \($0.reason)" } == [
                "b the table gives no tp_size", "c the table gives no tp_size",
                "d the table gives no workers of both pools",
            ])
    }

    @Test("days are days of the calendar, behind which a time may stand")
    func days() throws {
        let header = "id,model,gpu,engine,isl,osl,concurrency,tp_size,ttft_ms,tpot_ms,measured_on"
        func table(_ day: String) -> String { header + "\na,m,h,vllm,9,8,1,1,5,6,\(day)\n" }
        for day in ["2026-02-28", "2026-02-28T10:00:00Z", "2026-02-28 10:00"] {
            #expect(try MeasuredTable(Data(table(day).utf8)).rows.map(\.day) == ["2026-02-28"])
        }
        #expect(try MeasuredTable(Data(table("").utf8)).rows.map(\.day) == [nil])
        for day in ["2026-02-30", "28.2.2026", "2026-02", "2026-02-281"] {
            let said = message(table(day))
            #expect(
                said
                    == "Line 2, measured_on: found \(day), expected a day as year-month-day, 2026-01-31; "
                    + "correct the line.")
        }
    }

    @Test("a line that means nothing ends the reading, with its place")
    func badLines() {
        let header = "id,model,gpu,engine,isl,osl,concurrency,tp_size,ttft_ms,tpot_ms"
        #expect(message("").hasPrefix("The table holds no rows"))
        #expect(message("id,model\n").hasPrefix("Line 1: found no column system or gpu;"))
        #expect(message("id,id\n").hasPrefix("Line 1: found two columns id"))
        #expect(
            message(header + "\na,m,h\n")
                == "Line 2: found 3 fields, expected 10, as in the header; correct the line.")
        #expect(
            message(header + "\na,m,h,vllm,9.5,8,1,1,5,6\n")
                == "Line 2, isl: found 9.5, expected a whole number from 1 to 100000000; correct the line."
        )
        #expect(
            message(header + "\n\n# words\na,m,h,vllm,9,8,1,1,-5,6\n")
                == "Line 4, ttft_ms: found -5, expected milliseconds above 0 and below 1e9; correct the line."
        )
        #expect(
            message(header + "\na,m,h,vllm,9,8,1,1,5,6\na,m,h,vllm,9,8,1,1,5,6\n")
                .hasPrefix("Line 3: found the id a, which line 2 has too"))
        #expect(
            message(header + "\n,m,h,vllm,9,8,1,1,5,6\n").hasPrefix("Line 2, id: found nothing"))
        #expect(
            message(header + "\na,m\u{1B}[31m,h,vllm,9,8,1,1,5,6\n")
                == "Line 2: found the control character \\u{1B}, expected text; correct the line.")
        #expect(
            message(header + ",silicon_ttft_ms\na,m,h,vllm,9,8,1,1,5,6,7\n")
                == "Line 2, ttft_ms: found 5, expected 7, as in silicon_ttft_ms, or nothing; correct the line."
        )
        #expect(
            message(header + "\na,\"m,h,vllm,9,8,1,1,5,6\n").hasPrefix(
                "Line 2: found an open quote"))
    }
}
