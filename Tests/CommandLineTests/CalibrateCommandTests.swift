import ChildProcesses
import Foundation
import Testing

@Suite("Calibration of an engine to measurements")
struct CalibrateCommandTests {
    private static let table = """
        id,model,gpu,engine,isl,osl,concurrency,tp_size,ttft_ms,tpot_ms
        a,llama-3.1-8b,h200_sxm,vllm,1024,128,4,1,60,9
        b,llama-3.1-8b,h200_sxm,vllm,1024,128,8,1,80,11
        c,llama-3.1-8b,h200_sxm,vllm,1024,128,16,1,120,14
        d,llama-3.1-70b,h200_sxm,vllm,1024,128,4,4,130,14
        e,unheard-of,h200_sxm,vllm,1024,128,4,1,30,4

        """
    private static let question = """
        apiVersion: ampd-plan/v1
        kind: Case
        name: c
        model: llama-3.1-8b
        cluster: {gpu: h200-sxm, nodes: 1}
        workload: {template: chat, rate_per_s: 1}
        slo: {ttft_ms: 2000, itl_ms: 50}
        planning: {replications: 2, sessions: 20}

        """

    private func object(_ data: Data) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    @Test("measurements that no constant reaches are told, and the interval holds them")
    func unreached() async throws {
        func calibrated(_ rows: String) async throws -> (words: String, interval: [String: Any]) {
            let folder = try Folder()
            try folder.add([
                "runs.csv": .text(
                    "id,model,gpu,engine,isl,osl,concurrency,tp_size,ttft_ms,tpot_ms\n" + rows)
            ])
            let answer = try await Tool.run(
                ["calibrate", "--measured", "runs.csv", "--store", "s.sqlite", "-o", "json"],
                in: folder)
            let found = try #require(try object(answer.output)["calibrations"] as? [[String: Any]])
            return (
                answer.words, try #require(found[0]["prediction_interval"] as? [String: Any])
            )
        }
        func row(_ id: String, _ latencies: String) -> String {
            "\(id),llama-3.1-8b,h200_sxm,vllm,1024,128,4,1,\(latencies)\n"
        }
        let near = try await calibrated(row("a", "52,5.4") + row("b", "55,5.5"))
        #expect(!near.words.contains("warning"), "\(near.words)")
        #expect((near.interval["source"] as? String)?.contains("widened") == false)
        let rows = (0..<6).map { row("\($0)", "\(400 + $0),\(40 + $0)") }
        let far = try await calibrated(rows.joined())
        #expect(far.words.contains("decode_factor ended at the limit"), "\(far.words)")
        #expect(far.words.contains("may be off by factors of"), "\(far.words)")
        #expect(try #require(far.interval["tpot_factor"] as? Double) > 2)
        #expect((far.interval["source"] as? String)?.contains("widened to the deployments") == true)
    }

    @Test("a case that names a version of the engine is answered with the constants of that build")
    func builds() async throws {
        let folder = try Folder()
        try folder.add([
            "runs.csv": .text(
                """
                id,model,gpu,engine,engine_version,isl,osl,concurrency,tp_size,ttft_ms,tpot_ms
                a,llama-3.1-8b,h200_sxm,vllm,0.16.0,1024,128,4,1,60,9
                b,llama-3.1-8b,h200_sxm,vllm,0.16.0,1024,128,16,1,120,14
                c,llama-3.1-8b,h200_sxm,vllm,v0.18.0,1024,128,4,1,50,6
                d,llama-3.1-8b,h200_sxm,vllm,v0.18.0,1024,128,16,1,100,9

                """)
        ])
        let store = ["--store", "mine.sqlite"]
        let answer = try await Tool.run(
            ["calibrate", "--measured", "runs.csv", "-o", "json"] + store, in: folder)
        let found = try #require(
            try object(answer.output)["calibrations"] as? [[String: Any]])
        #expect(found.map { $0["engine_version"] as? String } == [nil, "0.16.0", "0.18.0"])
        #expect(found.map { $0["rows"] as? Int } == [4, 2, 2])
        let name = "constants of vllm calibrated to"
        var times: [Double] = []
        for (version, expected) in [
            ("v0.16.0", "2 measured deployments of llama-3.1-8b on h200-sxm with version 0.16.0"),
            ("0.18.0", "2 measured deployments of llama-3.1-8b on h200-sxm with version 0.18.0"),
            (
                "0.19.0",
                "4 measured deployments of llama-3.1-8b on h200-sxm (with 0.16.0 and 0.18.0, not 0.19.0)"
            ),
        ] {
            let question = Self.question + "engine: {name: vllm, version: \"\(version)\"}\n"
            try folder.add(["case.yaml": .text(question)])
            let simulated = try await Tool.run(
                ["simulate", "case.yaml", "--layout", "C:1x1", "-o", "json"] + store, in: folder)
            #expect(
                simulated.words.contains("; \(name) \(expected)\n"),
                "\(simulated.words.suffix(400))")
            let tpot = try object(simulated.output)["tpot_ms"] as? [String: Any]
            times.append(try #require(tpot?["p50"] as? Double))
        }
        // What all four say together may follow either build, but neither slower nor faster than both by much.
        #expect(times[1] < times[0] && times[2] < times[0], "\(times)")
        #expect(times[2] != times[1] && times[2] > 0.9 * times[1], "\(times)")
    }

    @Test("constants that were fitted beside other timings are said to be, and tell no interval")
    func otherTimings() async throws {
        let folder = try Folder()
        let timings = """
            kind,format,variant,d1,d2,d3,d4,d5,d6,x,y,latency_us
            gemm,bf16,,4096,4096,,,,,1,,10
            gemm,bf16,,4096,4096,,,,,1024,,60

            """
        try folder.add([
            "runs.csv": .text(Self.table), "case.yaml": .text(Self.question),
            "timings.csv": .text(timings),
        ])
        let store = ["--store", "mine.sqlite"]
        _ = try await Tool.run(["calibrate", "--measured", "runs.csv"] + store, in: folder)
        let imported = try await Tool.run(
            [
                "profile", "import", "timings.csv", "--gpu", "h200-sxm", "--engine", "vllm",
                "--engine-version", "9",
            ] + store, in: folder)
        try #require(imported.code == 0, "\(imported.words)")
        let simulated = try await Tool.run(
            ["simulate", "case.yaml", "--layout", "C:1x1", "-o", "json"] + store, in: folder)
        #expect(
            simulated.words.contains("(beside timings of vllm 0.24.0 of "),
            "\(simulated.words.suffix(600))")
        #expect(
            simulated.words.contains(", not of vllm 9 in the store)"),
            "\(simulated.words.suffix(600))")
        let profile = try #require(try object(simulated.output)["profile"] as? [String: Any])
        #expect(profile["prediction_interval"] is NSNull)
    }

    @Test("what two rows or more tell is kept, and named by every later answer")
    func flow() async throws {
        let folder = try Folder()
        try folder.add(["runs.csv": .text(Self.table), "case.yaml": .text(Self.question)])
        let store = ["--store", "mine.sqlite"]
        let first = try await Tool.run(
            ["calibrate", "--measured", "runs.csv", "-o", "json"] + store, in: folder)
        #expect(first.code == 0)
        let document = try object(first.output)
        let calibrations = try #require(document["calibrations"] as? [[String: Any]])
        #expect(calibrations.map { $0["model"] as? String } == ["llama-3.1-8b"])
        #expect(calibrations[0]["rows"] as? Int == 3)
        let refused = try #require(document["refused"] as? [[String: Any]])
        #expect(refused.map { $0["model"] as? String } == ["llama-3.1-70b"])
        #expect(first.words.contains("runs.csv: line 6 (e): No model is called 'unheard-of'"))
        let interval = try #require(
            calibrations[0]["prediction_interval"] as? [String: Any])
        #expect((interval["source"] as? String)?.isEmpty == false)

        let listed = try await Tool.run(["calibrate", "-o", "json"] + store, in: folder)
        let known = try #require(try object(listed.output)["calibrations"] as? [[String: Any]])
        #expect(known.count == 1)
        #expect(known[0]["source"] as? String == calibrations[0]["source"] as? String)

        let arguments = ["simulate", "case.yaml", "--layout", "C:1x1", "-o", "json"]
        let plain = try object(try await Tool.run(arguments, in: folder).output)
        let simulated = try await Tool.run(arguments + store, in: folder)
        let own = try object(simulated.output)
        let name =
            "constants of vllm calibrated to 3 measured deployments of llama-3.1-8b on h200-sxm"
        #expect(simulated.words.contains("; \(name)\n"), "\(simulated.words)")
        let assumptions = try #require(own["assumptions"] as? [[String: Any]])
        let overheads = assumptions.filter {
            ($0["key"] as? String)?.hasPrefix("overhead.per_layer") == true
        }
        #expect(overheads.count == 1)
        #expect(
            (overheads[0]["source"] as? String)?.hasPrefix(
                "calibrated to 3 measured deployments of llama-3.1-8b on h200-sxm: runs.csv")
                == true)
        let (p50, ownP50) = (
            try #require((plain["tpot_ms"] as? [String: Any])?["p50"] as? Double),
            try #require((own["tpot_ms"] as? [String: Any])?["p50"] as? Double)
        )
        #expect(ownP50 > 1.15 * p50)
        let profile = try #require(own["profile"] as? [String: Any])
        let plainProfile = try #require(plain["profile"] as? [String: Any])
        #expect(profile["digest"] as? String != plainProfile["digest"] as? String)
        #expect((profile["source"] as? String)?.hasSuffix("; \(name)") == true)
        let held = try #require(profile["prediction_interval"] as? [String: Any])
        #expect(held["ttft_factor"] as? Double == interval["ttft_factor"] as? Double)

        let cost = [
            "profile", "cost", "--model", "llama-3.1-8b", "--gpu", "h200-sxm", "--tp", "1",
            "--decode",
            "8x1000", "-o", "json",
        ]
        func step(_ more: [String]) async throws -> Double {
            let answer = try await Tool.run(cost + more, in: folder)
            #expect(answer.words.contains(name) == !more.isEmpty, "\(answer.words)")
            let rows = try JSONSerialization.jsonObject(with: answer.output) as? [[String: Any]]
            return try #require(rows?.first?["step_ms"] as? Double)
        }
        #expect(try await step(store) > 1.15 * step([]))

        // What the case says itself stays, whatever was calibrated.
        let stated = "engine: {overhead: {per_layer_us: 0, decode_factor: 3}}\n"
        try folder.add(["stated.yaml": .text(Self.question + stated)])
        let changed = try object(
            try await Tool.run(
                ["simulate", "stated.yaml"] + arguments.dropFirst(2) + store, in: folder
            ).output)
        let keys = try #require(changed["assumptions"] as? [[String: Any]]).compactMap {
            $0["key"] as? String
        }
        #expect(!keys.contains("overhead.per_layer_us") && !keys.contains("overhead.decode_factor"))
        #expect(keys.contains("overhead.per_sequence_us"))
        let slowP50 = try #require((changed["tpot_ms"] as? [String: Any])?["p50"] as? Double)
        #expect(slowP50 > 1.5 * ownP50)

        let validated = try object(
            try await Tool.run(
                ["validate", "--measured", "runs.csv", "-o", "json"] + store, in: folder
            ).output)
        let overall = try #require(validated["overall"] as? [String: Any])
        #expect(overall["tpot_interval_coverage"] is Double)
    }

    @Test("rows that tell nothing change nothing that is kept")
    func refusals() async throws {
        let folder = try Folder()
        let lines = Self.table.split(separator: "\n")
        try folder.add(["one.csv": .text("\(lines[0])\n\(lines[1])\n")])
        let one = try await Tool.run(
            ["calibrate", "--measured", "one.csv", "--store", "mine.sqlite"], in: folder)
        #expect(one.code == 65)
        #expect(one.words.contains("needs 2 measured deployments that can be predicted, found 1"))
        #expect(one.words.contains("nothing was kept"))
        let none = try await Tool.run(
            ["calibrate", "--measured", "no.csv", "--store", "other.sqlite"], in: folder)
        #expect(none.code == 66)
        let missing = try await Tool.run(["calibrate", "--store", "other.sqlite"], in: folder)
        #expect(missing.code == 66)
    }

    private static func result(_ concurrency: Int, _ ttft: Double, _ tpot: Double) -> String {
        """
        {"backend": "vllm", "model_id": "llama-3.1-8b", "completed": \(10 * concurrency),
         "total_input_tokens": \(9216 * concurrency), "total_output_tokens": \(1152 * concurrency),
         "request_rate": "inf", "max_concurrency": \(concurrency),
         "mean_ttft_ms": \(ttft), "mean_tpot_ms": \(tpot)}
        """
    }

    @Test("logs of runs serve as well as a table, alone or named by one")
    func logs() async throws {
        let folder = try Folder()
        try folder.add([
            "c4.json": .text(Self.result(4, 60, 9)), "c8.json": .text(Self.result(8, 80, 11)),
            "runs.csv": .text(
                "id,gpu,tp_size,log\na,h200-sxm,1,c4.json\nb,h200-sxm,1,c8.json\n"),
            "lost.csv": .text("id,gpu,tp_size,log\na,h200-sxm,1,c5.json\n"),
        ])
        func calibrations(_ arguments: [String]) async throws -> [[String: Any]] {
            let answer = try await Tool.run(["calibrate", "-o", "json"] + arguments, in: folder)
            #expect(answer.code == 0, "\(answer.words)")
            return try #require(try object(answer.output)["calibrations"] as? [[String: Any]])
        }
        let named = ["--gpu", "h200-sxm", "--layout", "C:1x1"]
        let alone = try await calibrations(
            ["--measured", "c4.json", "c8.json", "--store", "a.sqlite"] + named)
        let listed = try await calibrations(["--measured", "runs.csv", "--store", "b.sqlite"])
        #expect(alone[0]["rows"] as? Int == 2 && listed[0]["rows"] as? Int == 2)
        #expect(
            (alone[0]["constants"] as? [String: Double])
                == (listed[0]["constants"] as? [String: Double]))
        #expect((alone[0]["source"] as? String)?.hasPrefix("c4.json c8.json, sha256:") == true)

    }

    @Test("a log that is lost, twice, no text or not enough is told by its name")
    func badLogs() async throws {
        let folder = try Folder()
        try folder.add([
            "c4.json": .text(Self.result(4, 60, 9)), "again.json": .text(Self.result(4, 60, 9)),
            "wide.json": .text(Self.result(8, 80, 11).replacing("}", with: #", "tp": "wide"}"#)),
            "empty.json": .text("\n"), "zipped.json": .bytes([0x1F, 0x8B, 8, 0]),
            "runs.csv": .text("id,gpu,tp_size,log\na,h200-sxm,1,c4.json\n"),
            "lost.csv": .text("id,gpu,tp_size,log\na,h200-sxm,1,c5.json\n"),
            "skipped.csv": .text("id,gpu,complete,log\na,h200-sxm,False,c5.json\n"),
        ])
        let platform = ["--gpu", "h200-sxm", "--layout", "C:1x1"]
        let cases: [([String], code: Int32, words: String)] = [
            (["calibrate", "--measured", "lost.csv"], 66, "lost.csv: Line 2, log c5.json:"),
            (["calibrate", "--measured", "c4.json", "--layout", "C:1x1"], 65, "gives GPU"),
            (["validate", "--measured", "runs.csv", "--gpu", "h200-sxm"], 64, "options of logs"),
            (["calibrate", "--gpu", "h200-sxm"], 64, "need --measured"),
            (
                ["calibrate", "--measured", "c4.json", "again.json"] + platform, 65,
                "again.json: found the run of c4.json again"
            ),
            (
                ["calibrate", "--measured", "wide.json", "--gpu", "h200-sxm"], 65,
                "wide.json: tp_size: found wide"
            ),
            (
                ["calibrate", "--measured", "empty.json"] + platform, 65,
                "empty.json: found nothing"
            ),
            (["calibrate", "--measured", "zipped.json"] + platform, 65, "found gzip"),
            (["validate", "--measured", "skipped.csv"], 65, "no row that can be predicted"),
        ]
        for (arguments, code, words) in cases {
            let answer = try await Tool.run(arguments, in: folder)
            #expect(answer.code == code, "\(arguments): \(answer.words)")
            #expect(answer.words.contains(words), "\(arguments): \(answer.words)")
        }
    }
}
