import ChildProcesses
import Foundation
import Testing

/// `export` as an operator runs it.
@Suite("Exporting plans")
struct ExportTests {
    /// A folder with a plan of the small case, whose layouts stand in another order: a co-located one first, then
    /// the others.
    private func planned() async throws -> Folder {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.text)])
        let plan = try await Tool.run(["plan", "case.yaml", "-o", "json"], in: folder)
        var document = try #require(
            try JSONSerialization.jsonObject(with: plan.output) as? [String: Any])
        let layouts = try #require(document["plans"] as? [[String: Any]])
        func isColocated(_ plan: [String: Any]) -> Bool {
            (plan["layout"] as? String)?.hasPrefix("C:") == true
        }
        document["plans"] =
            Array(layouts.filter(isColocated).prefix(1)) + layouts.filter { !isColocated($0) }
        let bytes = try JSONSerialization.data(withJSONObject: document)
        try folder.add(["plan.json": .bytes([UInt8](bytes))])
        return folder
    }

    /// One such folder for all tests that write into folders of their own below it.
    private static let shared = Task {
        let folder = try await ExportTests().planned()
        try folder.add(["sglang.yaml": .text(sglang)])
        let plan = try await Tool.run(["plan", "sglang.yaml", "-o", "json"], in: folder)
        try folder.add([
            "sglang.json": .bytes(
                try replacingLayouts(of: plan, prefill: [[1, 1]], decode: [[1, 2]]))
        ])
        return folder
    }

    private static let sglang = SmallCase.with("slo:", as: "engine:\n  name: sglang\nslo:")
        .replacing("planning: {", with: "planning: {engine_rules: ignore, ")

    /// A plan document with one layout, of degrees and replicas.
    private static func replacingLayouts(
        of plan: Tool.Answer, prefill: [[Int]], decode: [[Int]]
    ) throws -> [UInt8] {
        var document = try #require(
            try JSONSerialization.jsonObject(with: plan.output) as? [String: Any])
        func groups(_ pairs: [[Int]]) -> [[String: Any]] {
            pairs.map {
                ["parallelism": ["tp": $0[0]], "replicas": $0[1], "pool": "default"]
            }
        }
        document["plans"] = [["prefill": groups(prefill), "decode": groups(decode)]]
        return [UInt8](try JSONSerialization.data(withJSONObject: document))
    }

    private func export(
        _ target: String, _ options: String..., in folder: Folder
    ) async throws -> Tool.Answer {
        try await Tool.run(
            ["export", "plan.json", "--target", target, "--output", "out"] + options, in: folder)
    }

    private func layout(_ answer: Tool.Answer) throws -> String {
        let document = try #require(
            try JSONSerialization.jsonObject(with: answer.output) as? [String: Any],
            "\(answer.words)")
        return try #require(document["layout"] as? String)
    }

    // MARK: What is read back

    @Test(
        "check gives a disaggregated layout back, for every target that describes workers",
        arguments: [
            ("plan", "dynamo", []), ("plan", "dynamo", ["--api-version", "v1alpha1"]),
            ("plan", "llm-d-values", []), ("plan", "llm-d-ds", []), ("plan", "lws", []),
            ("plan", "kserve", []), ("plan", "vllm", []), ("plan", "slurm", []),
            ("sglang", "dynamo", []), ("sglang", "llm-d-ds", []), ("sglang", "sglang", []),
            ("sglang", "slurm", []),
        ])
    func roundTrip(plan: String, target: String, options: [String]) async throws {
        let folder = try await Self.shared.value
        let out = ([plan, target] + options).joined(separator: "-")
        let rank = plan == "plan" ? ["--rank", "2"] : []
        let exported = try await Tool.run(
            ["export", "\(plan).json", "--target", target, "--output", out, "-o", "json"] + rank
                + options, in: folder)
        #expect(exported.code == 0, "\(exported.words)")
        let wanted = try layout(exported)
        #expect(wanted.hasPrefix("P:"))
        let checked = try await Tool.run(
            [
                "check", out, "--case", plan == "plan" ? "case.yaml" : "sglang.yaml", "-o", "json",
                "--cache", "\(plan).sqlite",
            ], in: folder)
        #expect([0, 1, 3].contains(checked.code), "\(checked.words)")
        #expect(try layout(checked) == wanted)
        for rule in ["A001", "A002", "A016", "A050", "A051", "A052", "A054"] {
            #expect(!checked.text.contains("\"\(rule)\""), "\(rule)")
        }
    }

    @Test("a co-located layout comes back too")
    func colocated() async throws {
        let folder = try await Self.shared.value
        let exported = try await Tool.run(
            [
                "export", "plan.json", "--target", "lws", "--output", "both", "--rank", "1", "-o",
                "json",
            ], in: folder)
        let checked = try await Tool.run(
            ["check", "both", "--case", "case.yaml", "-o", "json"], in: folder)
        let wanted = try layout(exported)
        #expect(try wanted.hasPrefix("C:") && layout(checked) == wanted)
    }

    // MARK: Files

    @Test("the same plan gives the same bytes, which are kept unless --force is given")
    func bytes() async throws {
        let folder = try await planned()
        _ = try await export("dynamo", in: folder)
        let first = try folder.text("out/dynamo.yaml")
        let again = try await export("dynamo", in: folder)
        #expect(again.code == 74)
        #expect(again.words.contains("dynamo.yaml is already there; add --force"))
        let forced = try await export("dynamo", "--force", in: folder)
        #expect(forced.code == 0)
        #expect(try folder.text("out/dynamo.yaml") == first)
        #expect(try folder.paths.filter { $0.hasPrefix("out/") } == ["out/dynamo.yaml"])
    }

    @Test("nothing is written through a link that leads out of the folder")
    func links() async throws {
        let folder = try await planned()
        try folder.add(["out": .folder, "other.yaml": .text("mine")])
        try FileManager.default.createSymbolicLink(
            at: folder.url.appending(path: "out/dynamo.yaml"),
            withDestinationURL: folder.url.appending(path: "other.yaml"))
        let answer = try await export("dynamo", "--force", in: folder)
        #expect(answer.code == 74)
        #expect(try folder.text("other.yaml") == "mine")
    }

    @Test("exports of two targets in one folder are two deployments, not twice the GPUs")
    func mixed() async throws {
        let folder = try await Self.shared.value
        for target in ["vllm", "slurm"] {
            let exported = try await Tool.run(
                ["export", "plan.json", "--target", target, "--output", "mixed"], in: folder)
            #expect(exported.code == 0)
        }
        let checked = try await Tool.run(["check", "mixed", "--case", "case.yaml"], in: folder)
        #expect(!checked.text.contains("A014"), "\(checked.text)")
        #expect(checked.text.contains("mixed/serve.sbatch"))
    }

    // MARK: What is refused

    @Test("what cannot be written is refused by its rule, and nothing is left behind")
    func refused() async throws {
        let folder = try await planned()
        let engine = try await export("sglang", in: folder)
        #expect(engine.code == 1)
        #expect(engine.words.contains("A053"))
        let image = try await export("dynamo", "--image", "vllm:latest", in: folder)
        #expect(image.code == 1)
        #expect(image.words.contains("A052"))
        let secret = try await export("lws", "--secret", "BAD NAME", in: folder)
        #expect(secret.code == 1)
        #expect(secret.words.contains("A051: secret 'BAD NAME'"))
        #expect(!(try folder.paths.contains { $0.hasPrefix("out") }))
        let target = try await export("helm", in: folder)
        #expect(target.code == 64)
        #expect(target.words.contains("llm-d-values"))
    }

    @Test(
        "an option that would reach no file is refused",
        arguments: [
            ("slurm", "--image", "a:v1"), ("vllm", "--secret", "token"),
            ("lws", "--api-version", "v1alpha1"), ("dynamo", "--sidecar-image", "x:v1"),
            ("endpoint-picker", "--model-id", "a/b"),
            // The first layout is co-located, beside whose workers stands no sidecar.
            ("lws", "--sidecar-image", "x:v1"),
        ])
    func useless(target: String, option: String, value: String) async throws {
        let answer = try await Tool.run(
            [
                "export", "plan.json", "--target", target, "--output", "useless", "--rank", "1",
                option, value,
            ], in: try await Self.shared.value)
        #expect(answer.code == 64, "\(answer.words)")
        #expect(answer.words.contains("error: \(option): "), "\(answer.words)")
    }

    @Test("a TP pair that the engine forbids is refused, a policy that it lacks is told")
    func engineRules() async throws {
        let folder = try Folder()
        let ignoring = SmallCase.with("planning: {", as: "planning: {engine_rules: ignore, ")
        try folder.add(["case.yaml": .text(ignoring)])
        let plan = try await Tool.run(["plan", "case.yaml", "-o", "json"], in: folder)
        let pair = try Self.replacingLayouts(of: plan, prefill: [[2, 1]], decode: [[1, 1]])
        try folder.add(["plan.json": .bytes(pair)])
        let refused = try await export("dynamo", in: folder)
        #expect(refused.code == 1)
        #expect(refused.words.contains("A013"))
        let told = try await Tool.run(
            ["export", "sglang.json", "--target", "sglang", "--output", "told"],
            in: try await Self.shared.value)
        #expect(told.code == 0, "\(told.words)")
        #expect(told.words.contains("warning: A040"))
    }

    // MARK: Loads and routers

    @Test("the load of a plan can be written too")
    func bench() async throws {
        let folder = try await planned()
        let bench = try await export("bench", in: folder)
        #expect(bench.code == 0)
        #expect(try folder.text("out/sessions.jsonl").hasPrefix("{\"session_id\":\"s0\""))
        #expect(try folder.text("out/bench.sh").contains("aiperf profile --model"))
    }

    @Test("a router gets the threshold that served best, and a file in the way is seen before")
    func picker() async throws {
        let folder = try await planned()
        func picker(_ rank: String, _ more: String...) async throws -> Tool.Answer {
            try await Tool.run(
                [
                    "export", "plan.json", "--target", "endpoint-picker", "--output", "picker",
                    "--rank", rank, "--verbose",
                ] + more, in: folder)
        }
        let colocated = try await picker("1")
        #expect(colocated.code == 1 && colocated.words.contains("A053: the layout has no prefill"))
        try folder.add(["picker": .folder, "picker/endpoint-picker.yaml": .text("mine")])
        let early = try await picker("2")
        #expect(early.code == 74 && early.words.contains("is already there; add --force"))
        #expect(early.words.contains("simulations: 0 made"), "\(early.words)")
        let written = try await picker("2", "--force")
        #expect(written.code == 0, "\(written.words)")
        #expect(!written.words.contains("simulations: 0 made"))
        #expect(try folder.text("picker/endpoint-picker.yaml").contains("pd-decider"))
        let checked = try await Tool.run(["check", "picker/endpoint-picker.yaml"], in: folder)
        #expect(checked.code == 0, "\(checked.text)")
    }
}
