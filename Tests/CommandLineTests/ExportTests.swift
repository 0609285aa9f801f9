import ChildProcesses
import Foundation
import Testing

/// `export` as an operator runs it.
@Suite("Exporting plans")
struct ExportTests {
    /// A folder with a plan of the small case.
    private func planned(_ text: String = SmallCase.text) async throws -> Folder {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(text)])
        let plan = try await Tool.run(["plan", "case.yaml", "-o", "json"], in: folder)
        try folder.add(["plan.json": .text(plan.text)])
        return folder
    }

    private func export(
        _ target: String, _ options: String..., in folder: Folder
    ) async throws -> Tool.Answer {
        try await Tool.run(
            ["export", "plan.json", "--target", target, "--output", "out"] + options, in: folder)
    }

    private func layout(_ answer: Tool.Answer) throws -> String? {
        let document = try JSONSerialization.jsonObject(with: answer.output) as? [String: Any]
        return document?["layout"] as? String
    }

    @Test(
        "check gives the layout back, for every target that describes workers",
        arguments: ["dynamo", "llm-d-values", "lws", "kserve", "vllm", "slurm"])
    func roundTrip(target: String) async throws {
        let folder = try await planned()
        let exported = try await export(target, "-o", "json", in: folder)
        #expect(exported.code == 0, "\(exported.words)")
        let checked = try await Tool.run(
            ["check", "out", "--case", "case.yaml", "-o", "json"], in: folder)
        #expect([0, 3].contains(checked.code), "\(checked.text)")
        #expect(try layout(checked) == layout(exported))
        #expect(!checked.text.contains("\"A050\""))
    }

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

    @Test("what cannot be written is refused by its rule, and nothing is left behind")
    func refused() async throws {
        let folder = try await planned()
        let engine = try await export("sglang", in: folder)
        #expect(engine.code == 1)
        #expect(engine.words.contains("A053"))
        let image = try await export("dynamo", "--image", "vllm:latest", in: folder)
        #expect(image.code == 1)
        #expect(image.words.contains("A052"))
        #expect(!(try folder.paths.contains { $0.hasPrefix("out") }))
        let target = try await export("helm", in: folder)
        #expect(target.code == 64)
        #expect(target.words.contains("llm-d-values"))
    }

    @Test("a TP pair that the engine forbids is refused, a policy that it lacks is told")
    func engineRules() async throws {
        let folder = try Folder()
        let ignoring = SmallCase.with("planning: {", as: "planning: {engine_rules: ignore, ")
        let sglang = SmallCase.with("slo:", as: "engine:\n  name: sglang\nslo:")
            .replacing("planning: {", with: "planning: {engine_rules: ignore, ")
        try folder.add(["case.yaml": .text(ignoring), "sglang.yaml": .text(sglang)])
        let plan = try await Tool.run(["plan", "case.yaml", "-o", "json"], in: folder)
        let forged = plan.text.replacing("\"layout\"", with: "\"x\"")
        var document = try #require(
            try JSONSerialization.jsonObject(with: Data(forged.utf8)) as? [String: Any])
        let group: (Int) -> [[String: Any]] = { degree in
            [["parallelism": ["tp": degree], "replicas": 1, "pool": "default"]]
        }
        document["plans"] = [["prefill": group(2), "decode": group(1)]]
        let pair = try JSONSerialization.data(withJSONObject: document)
        try folder.add(["plan.json": .bytes([UInt8](pair))])
        let refused = try await export("dynamo", in: folder)
        #expect(refused.code == 1)
        #expect(refused.words.contains("A013"))
        let other = try await Tool.run(["plan", "sglang.yaml", "-o", "json"], in: folder)
        var lacking = try #require(
            try JSONSerialization.jsonObject(with: other.output) as? [String: Any])
        lacking["plans"] = [["prefill": group(1), "decode": group(1)]]
        let data = try JSONSerialization.data(withJSONObject: lacking)
        try folder.add(["plan.json": .bytes([UInt8](data))])
        let told = try await export("sglang", in: folder)
        #expect(told.code == 0, "\(told.words)")
        #expect(told.words.contains("warning: A040"))
    }

    @Test("the load of a plan and the threshold of a router can be written too")
    func others() async throws {
        let folder = try await planned()
        let bench = try await export("bench", in: folder)
        #expect(bench.code == 0)
        #expect(try folder.text("out/sessions.jsonl").hasPrefix("{\"session_id\":\"s0\""))
        #expect(try folder.text("out/bench.sh").contains("aiperf profile --model"))
        let picker = try await Tool.run(
            [
                "export", "plan.json", "--target", "endpoint-picker", "--output", "picker",
                "--rank", "1",
            ], in: folder)
        // The plan's first layout decides whether there is anything to route.
        #expect([0, 1].contains(picker.code))
        if picker.code == 0 {
            let checked = try await Tool.run(["check", "picker/endpoint-picker.yaml"], in: folder)
            #expect(checked.code == 0)
        }
    }
}
