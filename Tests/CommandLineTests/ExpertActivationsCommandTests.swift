import ChildProcesses
import Foundation
import Testing

@Suite("What manifests say of products with weights in mxfp4")
struct ExpertActivationsCommandTests {
    private func planned(
        _ engine: String, target: String
    ) async throws -> (folder: Folder, plan: String, script: String) {
        let text = SmallCase.with("llama-3.1-8b", as: "gpt-oss-120b")
            .replacing("h200-sxm", with: "b200").replacing(
                "slo:", with: "engine: {\(engine)}\nslo:")
        let folder = try Folder()
        try folder.add(["case.yaml": .text(text)])
        let plan = try await Tool.run(
            ["plan", "case.yaml", "-o", "json", "--output", "plan.json"], in: folder)
        #expect([0, 1, 3].contains(plan.code), "\(plan.words)")
        let export = try await Tool.run(
            ["export", "plan.json", "--target", target, "--output", "out"], in: folder)
        #expect(export.code == 0, "\(export.words)")
        let place = folder.url.appending(path: "out")
        let script = try FileManager.default.contentsOfDirectory(atPath: place.path).sorted().map {
            try String(contentsOfFile: place.appending(path: $0).path, encoding: .utf8)
        }.joined()
        return (folder, "plan.json", script)
    }

    private func drifts(
        _ folder: Folder, _ plan: String, _ script: String
    ) async throws -> Bool {
        try folder.add(["started.sh": .text(script)])
        let check = try await Tool.run(["check", plan, "started.sh"], in: folder)
        return check.text.contains("mxfp4_activations")
    }

    private let variable = "VLLM_USE_FLASHINFER_MOE_MXFP4_MXFP8"

    @Test("vLLM quantises by a variable, before the command or exported")
    func vllm() async throws {
        let eight = try await planned("mxfp4_activations: fp8", target: "vllm")
        #expect(eight.script.contains("\(variable)=1 "))
        #expect(try await !drifts(eight.folder, eight.plan, eight.script))
        let without = eight.script.replacing("\(variable)=1 ", with: "")
        #expect(try await drifts(eight.folder, eight.plan, without))
        let exported = "export \(variable)=1\n" + without
        #expect(try await !drifts(eight.folder, eight.plan, exported))
        let other = "export \(variable)_CUTLASS=1\n" + without
        #expect(try await !drifts(eight.folder, eight.plan, other))
        let usual = try await planned("name: vllm", target: "vllm")
        #expect(!usual.script.contains(variable))
        #expect(try await !drifts(usual.folder, usual.plan, usual.script))
        #expect(try await drifts(usual.folder, usual.plan, exported))
    }

    @Test(
        "the variable is in manifests too, and read from them",
        arguments: ["dynamo", "llm-d-values", "llm-d-ds", "lws", "kserve", "slurm"])
    func manifests(_ target: String) async throws {
        let (folder, plan, _) = try await planned("mxfp4_activations: fp8", target: target)
        let out = folder.url.appending(path: "out")
        let names = try FileManager.default.contentsOfDirectory(atPath: out.path).sorted()
        let texts = try names.map {
            try String(contentsOfFile: out.appending(path: $0).path, encoding: .utf8)
        }
        #expect(texts.contains { $0.contains(variable) })
        func drifts(_ text: (String) -> String) async throws -> Bool {
            for (name, written) in zip(names, texts) {
                try folder.add([name: .text(text(written))])
            }
            let check = try await Tool.run(["check", plan] + names, in: folder)
            return check.text.contains("mxfp4_activations")
        }
        #expect(try await !drifts { $0 })
        #expect(try await drifts { $0.replacing(variable, with: "OTHER") })
    }

    @Test("SGLang quantises by itself, unless an option forbids it")
    func sglang() async throws {
        let option = "--flashinfer-mxfp4-moe-precision bf16"
        let sixteen = try await planned("name: sglang, mxfp4_activations: bf16", target: "sglang")
        #expect(sixteen.script.contains(option))
        #expect(try await !drifts(sixteen.folder, sixteen.plan, sixteen.script))
        let allowed = sixteen.script.replacing(" \(option)", with: "")
        #expect(try await drifts(sixteen.folder, sixteen.plan, allowed))
        let usual = try await planned("name: sglang", target: "sglang")
        #expect(!usual.script.contains("mxfp4-moe-precision"))
        #expect(try await !drifts(usual.folder, usual.plan, usual.script))
        #expect(try await drifts(usual.folder, usual.plan, sixteen.script))
    }
}
