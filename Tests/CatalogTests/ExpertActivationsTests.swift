import ServingDomain
import Testing

@testable import Catalog

@Suite("What weights in mxfp4 are multiplied with")
struct ExpertActivationsTests {
    private func draft(
        _ model: String, on gpu: String, engine: String
    ) throws -> CaseDraft {
        try CaseSample.parse(
            CaseSample.minimal.replacing("llama-3.1-70b", with: model).replacing("h20", with: gpu)
                + "\nengine: {\(engine)}\n")
    }

    private func key(_ draft: CaseDraft) -> String? {
        draft.assumptions.first { $0.key == "engine.mxfp4_activations" }.map { "\($0.value)" }
    }

    @Test("engines quantise on Blackwell or not, which is told where it matters")
    func engines() throws {
        for (engine, gpu, format) in [
            ("trtllm", "b200", NumberFormat.fp8), ("trtllm", "gb300", .fp8),
            ("sglang", "b200", .fp8), ("vllm", "b200", .bf16), ("sglang", "rtx-pro-6000", .bf16),
            ("trtllm", "rtx-pro-6000", .fp8),
        ] {
            let draft = try draft("gpt-oss-120b", on: gpu, engine: "name: \(engine)")
            #expect(draft.engine.expertActivations.format(on: gpu) == format, "\(engine) \(gpu)")
            #expect(key(draft)?.contains(format.rawValue) == true)
        }
        for (model, gpu) in [("gpt-oss-120b", "h200-sxm"), ("minimax-m2.5", "b200")] {
            let other = try draft(model, on: gpu, engine: "name: trtllm")
            #expect(key(other) == nil)
        }
    }

    @Test("a case says it for its own, and is refused where nothing would come of it")
    func stated() throws {
        let own = try draft(
            "gpt-oss-120b", on: "b200", engine: "name: vllm, mxfp4_activations: fp8")
        #expect(own.engine.expertActivations.format(on: "b200") == .fp8 && key(own) == nil)
        let plain = try draft(
            "gpt-oss-120b", on: "b200", engine: "name: sglang, mxfp4_activations: bf16")
        #expect(plain.engine.expertActivations.format(on: "b200") == .bf16 && key(plain) == nil)
        for (model, gpu, reason) in [
            ("gpt-oss-120b", "h200-sxm", "no GPU"), ("minimax-m2.5", "b200", "weights are fp8"),
        ] {
            let error = #expect(throws: CatalogError.self) {
                try draft(model, on: gpu, engine: "mxfp4_activations: fp8")
            }
            let words = error?.description ?? ""
            #expect(words.contains("engine.mxfp4_activations") && words.contains(reason))
            _ = try draft(model, on: gpu, engine: "mxfp4_activations: bf16")
        }
    }

    @Test("GPUs of several pools are told apart")
    func pools() throws {
        let text = CaseSample.minimal.replacing("llama-3.1-70b", with: "gpt-oss-120b").replacing(
            "cluster:\n  gpu: h20\n  nodes: 2",
            with: """
                cluster: {gpu: b200, nodes: 1, name: fast, phases: prefill}
                pools: [{gpu: rtx-pro-6000, nodes: 1, name: other, phases: decode}]
                engine: {name: sglang}
                """)
        let draft = try CaseSample.parse(text)
        #expect(key(draft)?.contains("fp8 on b200, bf16 on rtx-pro-6000") == true)
    }

    @Test("a model without experts has nothing to multiply so")
    func dense() throws {
        let text = CaseSample.minimal.replacing("h20", with: "b200")
        let plain = try CaseSample.parse(
            text + "\nweight_format: mxfp4\nengine: {name: trtllm}\n")
        #expect(key(plain) == nil)
        #expect(throws: CatalogError.self) {
            try CaseSample.parse(
                text + "\nweight_format: mxfp4\nengine: {mxfp4_activations: fp8}\n")
        }
    }

    @Test("scripts of public benchmarks have vLLM quantise them on B200")
    func scripted() throws {
        func format(_ hardware: String) throws -> NumberFormat? {
            try CaseSample.catalog().engine(named: "vllm").benchmarkLaunch(
                for: .init(
                    model: "gpt-oss-120b", hardware: hardware, inputTokens: 1024,
                    outputTokens: 1024, gpus: 2, concurrency: 8)
            ).mxfp4Activations
        }
        #expect(try format("b200") == .fp8)
        #expect(try format("h200-sxm") == nil)
    }
}
