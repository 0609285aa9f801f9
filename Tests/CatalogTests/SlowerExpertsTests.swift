import Catalog
import ServingDomain
import Testing

@Suite("Builds with slower experts")
struct SlowerExpertsTests {
    @Test(
        "vLLM has them in block-quantised experts on Hopper, from 0.15 to before 0.17",
        arguments: [
            ("0.14.1", false), ("0.15", true), ("0.15.0", true), ("v0.16.0rc1", true),
            ("0.16.2", true), ("0.17.0", false), ("0.24.0", false), ("nightly-5b8c", false),
        ])
    func versions(_ version: String, _ isSlower: Bool) throws {
        let found = try CaseSample.catalog().engine(named: "vllm").slowerExperts(version: version)
        #expect(found.count == (isSlower ? 1 : 0))
        for one in found {
            #expect(one.formats == [.fp8Block] && one.hardware.contains("h200-sxm"))
            #expect(one.factor > 1 && !one.source.isEmpty)
        }
    }

    @Test("nobody else, and no version, has any")
    func others() throws {
        let catalog = try CaseSample.catalog()
        #expect(try catalog.engine(named: "vllm").slowerExperts(version: nil).isEmpty)
        #expect(try catalog.engine(named: "sglang").slowerExperts(version: "0.16.0").isEmpty)
    }

    @Test("timings of such a build have them already")
    func timed() throws {
        let slower = try #require(
            try CaseSample.catalog().engine(named: "vllm").slowerExperts(version: "0.16.0").first)
        #expect(slower.areTimed(by: "vllm 0.15.1"))
        for kernels in ["vllm 0.24.0", "sglang 0.16.0", "torch 2.11.0", "vllm", nil] {
            #expect(!slower.areTimed(by: kernels))
        }
    }

    @Test("a case tells them where it has such experts on such a GPU, and takes them")
    func told() throws {
        func slower(_ model: String, _ gpu: String, _ engine: String) throws -> [String] {
            let text = CaseSample.with("model: llama-3.1-70b", as: "model: \(model)")
                .replacing("gpu: h20", with: "gpu: \(gpu)")
            let draft = try CaseSample.parse(text + "\nengine: \(engine)\n")
            return draft.assumptions.filter { $0.key == "overhead.slower_experts" }
                .map { "\($0.value) \(draft.engine.slowerExperts.count)" }
        }
        let build = "{version: \"0.16.0\"}"
        #expect(try slower("minimax-m2.5", "h200-sxm", build) == ["1.3 1"])
        #expect(try slower("minimax-m2.5", "h200-sxm", "{version: \"0.18.0\"}").isEmpty)
        #expect(try slower("minimax-m2.5", "h200-sxm", "{name: vllm}").isEmpty)
        #expect(try slower("minimax-m2.5", "b200", build).isEmpty)
        #expect(try slower("gpt-oss-120b", "h200-sxm", build).isEmpty)
        #expect(try slower("llama-3.1-70b", "h200-sxm", build).isEmpty)
    }
}
