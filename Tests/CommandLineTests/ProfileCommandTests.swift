import ChildProcesses
import Foundation
import Testing

@Suite("The profile store from the command line")
struct ProfileCommandTests {
    /// A linear GEMM curve and an attention curve, as a user would have measured them.
    private let timings: String = {
        let header = """
            # gpu: h20-96gb
            # engine: vllm
            # engine_version: 9.9.9
            kind,format,variant,d1,d2,d3,d4,d5,d6,x,y,latency_us

            """
        let gemm = (0...12).map { "gemm,bf16,,6144,4096,,,,,\(1 << $0),0,\(10 + 3 * (1 << $0))\n" }
        let attention = (0...12).map {
            "prefill_attention,bf16,,32,8,128,0,1,,\(1 << $0),0,\(20 + (1 << $0))\n"
        }
        return header + (gemm + attention).joined()
    }()

    private func folder(_ items: [String: Folder.Item] = [:]) throws -> Folder {
        let folder = try Folder()
        try folder.add(["timings.csv": .text(timings)].merging(items) { $1 })
        return folder
    }

    private func run(_ arguments: [String], in folder: Folder) async throws -> Tool.Answer {
        try await Tool.run(["profile"] + arguments + ["--store", "store.sqlite"], in: folder)
    }

    private func rows(_ answer: Tool.Answer) throws -> [[String: Any]] {
        try #require(
            try JSONSerialization.jsonObject(with: answer.output) as? [[String: Any]])
    }

    @Test("an import reports its rows; the same file again adds nothing")
    func importTwice() async throws {
        let folder = try folder()
        let first = try await run(["import", "timings.csv", "-o", "json"], in: folder)
        #expect(first.code == 0)
        let report = try rows(first)[0]
        #expect(report["rows_read"] as? Int == 26)
        #expect(report["samples_added"] as? Int == 26)
        let second = try rows(try await run(["import", "timings.csv", "-o", "json"], in: folder))[0]
        #expect(second["samples_added"] as? Int == 0)
        #expect(second["duplicates"] as? Int == 26)
    }

    @Test("imported timings are used before the roofline, and the answer says so")
    func used() async throws {
        let folder = try folder()
        let question = [
            "coverage", "--model", "llama-3.1-8b", "--gpu", "h20-96gb", "--tp", "1", "-o", "json",
        ]
        _ = try await run(["import", "timings.csv"], in: folder)
        let answer = try await run(question, in: folder)
        #expect(
            answer.words.contains("store, h20-96gb: vllm 9.9.9; analytic decode_attention"),
            "\(answer.words)")
        let trusts = try rows(answer).reduce(into: [:]) { trusts, row in
            trusts[row["operator"] as? String ?? ""] = row["trust"] as? String
        }
        #expect(trusts["qkv_projection"] == "measured")
        #expect(trusts["output_projection"] == "neighbour")
        #expect(trusts["norms"] == "analytic")
    }

    @Test("an exported context comes back without loss")
    func roundTrip() async throws {
        let folder = try folder()
        _ = try await run(["import", "timings.csv"], in: folder)
        let context = ["--gpu", "h20-96gb", "--engine", "vllm", "--engine-version", "9.9.9"]
        let exported = try await run(["export"] + context + ["--output", "out.csv"], in: folder)
        #expect(exported.code == 0)
        let again = try rows(try await run(["import", "out.csv", "-o", "json"], in: folder))[0]
        #expect(again["duplicates"] as? Int == 26)
        #expect(again["samples_added"] as? Int == 0)
    }

    @Test("a fit finds a line exactly, and its file has the shape of the shipped ones")
    func fit() async throws {
        let folder = try folder()
        _ = try await run(["import", "timings.csv"], in: folder)
        let answer = try await run(
            ["fit", "--gpu", "h20-96gb", "--output", "fit.json", "-o", "json"], in: folder)
        #expect(answer.code == 0)
        let report = try #require(
            try JSONSerialization.jsonObject(with: answer.output) as? [String: Any])
        let kinds = try #require(report["kinds"] as? [[String: Any]])
        let gemm = try #require(kinds.first { $0["kind"] as? String == "gemm" })
        #expect(gemm["knots"] as? Int == 2)
        #expect(gemm["median_error"] as? Double == 0)
        #expect(try folder.text("fit.json").contains("\"kind\":\"ProfileFit\""))
    }

    @Test("synthetic timings carry trust analytic and are added once")
    func synth() async throws {
        let folder = try folder()
        let synth = [
            "synth", "--model", "llama-3.1-8b", "--gpu", "l40s", "--tp", "1", "-o", "json",
        ]
        let first = try rows(try await run(synth, in: folder))[0]
        #expect(first["trust"] as? String == "analytic")
        #expect(first["samples_added"] as? Int ?? 0 > 100)
        #expect(try rows(try await run(synth, in: folder))[0]["samples_added"] as? Int == 0)
    }

    @Test("deleting a GPU leaves nothing of it")
    func delete() async throws {
        let folder = try folder()
        _ = try await run(["import", "timings.csv"], in: folder)
        let deleted = try await run(["delete", "--gpu", "h20-96gb"], in: folder)
        #expect(deleted.code == 0 && deleted.words.contains("26 samples"))
        #expect(try rows(try await run(["list", "-o", "json"], in: folder)).isEmpty)
    }

    struct Broken: Sendable, CustomTestStringConvertible {
        let name: String
        let arguments: [String]
        var items: [String: Folder.Item] = [:]
        let code: Int32
        let fragments: [String]
        var testDescription: String { name }
    }

    static let broken: [Broken] = [
        Broken(
            name: "a file that is not there", arguments: ["import", "nowhere.csv"], code: 66,
            fragments: ["nowhere.csv", "no such file"]),
        Broken(
            name: "an empty file", arguments: ["import", "empty.csv"],
            items: ["empty.csv": .text("")], code: 65, fragments: ["empty.csv", "empty"]),
        Broken(
            name: "a header that nobody knows", arguments: ["import", "odd.csv"],
            items: ["odd.csv": .text("a,b,c\n1,2,3\n")], code: 65,
            fragments: ["odd.csv", "a,b,c"]),
        Broken(
            name: "a latency that is no number", arguments: ["import", "nan.csv"],
            items: [
                "nan.csv": .text(
                    """
                    # gpu: l40s
                    # engine: e
                    # engine_version: 1
                    kind,format,variant,d1,d2,d3,d4,d5,d6,x,y,latency_us
                    gemm,bf16,,64,64,,,,,16,0,NaN

                    """)
            ], code: 65, fragments: ["nan.csv:5", "NaN"]),
        Broken(
            name: "a table whose origin nobody tells", arguments: ["import", "gemm.csv"],
            items: ["gemm.csv": .text("gemm_dtype,m,n,k,latency\nfp8,1,64,64,0.5\n")], code: 65,
            fragments: ["gemm.csv", "--gpu"]),
        Broken(
            name: "a store that is no database", arguments: ["list"],
            items: ["store.sqlite": .text("this is not a database, it is a poem")], code: 65,
            fragments: ["store.sqlite"]),
        Broken(
            name: "a store that is not there", arguments: ["list"], code: 66,
            fragments: ["store.sqlite", "profile import"]),
        Broken(
            name: "a degree that does not divide the heads",
            arguments: ["operators", "--model", "qwen3-30b-a3b", "--tp", "64"], code: 65,
            fragments: ["--tp 64", "32 attention heads"]),
        Broken(
            name: "a prefill step written like a decode step",
            arguments: ["cost", "--model", "qwen3-8b", "--gpu", "l40s", "--prefill", "32x2048"],
            code: 64, fragments: ["HISTORY+INCREMENT"]),
    ]

    @Test("broken input gets one message, its exit code and no output", arguments: broken)
    func refuses(_ broken: Broken) async throws {
        let folder = try folder(broken.items)
        let answer = try await run(broken.arguments, in: folder)
        #expect(answer.code == broken.code, "\(answer.words)")
        for fragment in broken.fragments {
            #expect(answer.words.contains(fragment), "\(answer.words)")
        }
        #expect(answer.text.isEmpty)
    }

    @Test("a store with matrix products alone keeps what ships with the GPU for everything else")
    func partialStore() async throws {
        let lines = timings.replacing("gpu: h20-96gb", with: "gpu: h200-sxm").split(separator: "\n")
        let products = lines.filter { !$0.hasPrefix("prefill_attention") }.joined(separator: "\n")
        let folder = try folder(["products.csv": .text(products + "\n")])
        let question = [
            "coverage", "--model", "llama-3.1-8b", "--gpu", "h200-sxm", "--tp", "1", "-o", "json",
        ]
        _ = try await run(["import", "timings.csv", "products.csv"], in: folder)
        // Attention that was timed elsewhere stands behind that of the GPU.
        _ = try await run(["scale", "--from", "h20-96gb", "--to", "h200-sxm"], in: folder)
        let answer = try await run(question, in: folder)
        #expect(answer.words.contains("store, h200-sxm: vllm 9.9.9"))
        #expect(answer.words.contains("shapes that it lacks from shipped fit of vllm"))
        for row in try rows(answer) {
            let trust = row["trust"] as? String
            switch row["kind"] as? String {
            case "gemm":
                let isOwn = row["operator"] as? String == "qkv_projection"
                #expect(trust == (isOwn ? "measured" : "measured_fit"), "\(row)")
            case "prefill_attention", "decode_attention": #expect(trust == "measured_fit")
            case "norm", "residual": #expect(trust == "analytic")
            default: break
            }
        }
    }

    @Test("timings that no such GPU can have given are told by every answer that rests on them")
    func beyondPeak() async throws {
        // 6144 x 4096 in bf16 takes 340 ns per token at the peak of an H20.
        let fast = timings.split(separator: "\n").map { line in
            guard line.hasPrefix("gemm") else { return String(line) }
            var fields = line.split(separator: ",", omittingEmptySubsequences: false)
            fields[11] = "\(0.1 * (Double(fields[9]) ?? 1))"[...]
            return fields.joined(separator: ",")
        }
        let folder = try folder(["fast.csv": .text(fast.joined(separator: "\n") + "\n")])
        func words(_ file: String, store: String) async throws -> String {
            let place = ["--store", store]
            _ = try await Tool.run(["profile", "import", file] + place, in: folder)
            return try await Tool.run(
                ["profile", "coverage", "--model", "llama-3.1-8b", "--gpu", "h20-96gb"] + place,
                in: folder
            ).words
        }
        #expect(!(try await words("timings.csv", store: "a.sqlite")).contains("beat the peak"))
        let told = try await words("fast.csv", store: "b.sqlite")
        #expect(told.contains("timings of 1 shapes beat the peak of h20-96gb, gemm"), "\(told)")
    }

    @Test("timings are carried over to another GPU, marked, and compared where both have some")
    func scale() async throws {
        let folder = try folder()
        _ = try await run(["import", "timings.csv"], in: folder)
        let scale = ["scale", "--from", "h20-96gb", "--to", "b200", "-o", "json"]
        let added = try rows(try await run(scale, in: folder))[0]
        #expect(added["samples_added"] as? Int == 26)
        #expect(added["trust"] as? String == "scaled")
        let listed = try rows(try await run(["list", "-o", "json"], in: folder))
        #expect(
            listed.contains {
                $0["gpu"] as? String == "b200" && $0["engine"] as? String == "vllm@h20-96gb"
            })
        let covered = try await run(
            ["coverage", "--model", "llama-3.1-8b", "--gpu", "b200", "--tp", "1", "-o", "json"],
            in: folder)
        #expect(
            covered.code == 0 && String(decoding: covered.output, as: UTF8.self).contains("scaled"))

        // Nothing of B200 was timed there.
        let none = try await run(scale + ["--compare"], in: folder)
        #expect(none.code == 65)
        #expect(none.words.contains("no measured timings of b200"))
        let same = try await run(["scale", "--from", "b200", "--to", "b200"], in: folder)
        #expect(same.code == 64)

        try folder.add([
            "other.csv": .text(timings.replacing("gpu: h20-96gb", with: "gpu: l40s"))
        ])
        _ = try await run(["import", "other.csv"], in: folder)
        let compared = try await run(
            ["scale", "--from", "h20-96gb", "--to", "l40s", "--compare", "-o", "json"], in: folder)
        let document = try #require(
            try JSONSerialization.jsonObject(with: compared.output) as? [String: Any])
        let comparison = try #require(
            (document["comparisons"] as? [[String: Any]])?.first as? [String: Any])
        #expect(comparison["engine"] as? String == "vllm")
        let kinds = try #require(comparison["kinds"] as? [[String: Any]])
        #expect(kinds.map { $0["kind"] as? String } == ["gemm", "prefill_attention"])
        #expect(kinds.allSatisfy { $0["points"] as? Int == 13 })
        // As fast as an H20, where less bandwidth was taken to make an L40S slower.
        #expect((kinds[0]["median_error"] as? Double ?? 0) > 0.5)

        // Another engine's timings are no truth for these.
        try folder.add([
            "foreign.csv": .text(
                timings.replacing("gpu: h20-96gb", with: "gpu: a40")
                    .replacing("engine: vllm", with: "engine: sglang"))
        ])
        _ = try await run(["import", "foreign.csv"], in: folder)
        let foreign = try await run(
            ["scale", "--from", "h20-96gb", "--to", "a40", "--compare"], in: folder)
        #expect(foreign.code == 65)
        #expect(foreign.words.contains("no point that an engine was timed at on both"))
    }
}
