import ServingDomain
import Testing

@testable import Catalog

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
        #expect(slower.areTimed(by: "vllm@h200-sxm 0.16.0"))
        #expect(slower.areTimed(by: "vllm 0.16.0 and torch 2.11.0"))
        for kernels in ["vllm 0.24.0", "sglang 0.16.0", "torch 2.11.0", "vllm", "", nil] {
            #expect(!slower.areTimed(by: kernels))
        }
    }

    @Test("a case takes those of its engine's version")
    func resolved() throws {
        func slower(_ engine: String) throws -> Int {
            let text = CaseSample.minimal + "\nengine: \(engine)\n"
            return try CaseSample.parse(text).engine.overhead.slowerExperts.count
        }
        #expect(try slower("{version: \"0.16.0\"}") == 1)
        #expect(try slower("{version: \"0.18.0\"}") == 0)
        #expect(try slower("{name: vllm}") == 0)
        #expect(try slower("{name: sglang, version: \"0.16.0\"}") == 0)
    }

    @Test("a case may say that its experts are those that were timed, and reads back so")
    func switchedOff() throws {
        func draft(_ engine: String) throws -> CaseDraft {
            try CaseSample.parse(CaseSample.minimal + "\nengine: \(engine)\n")
        }
        let off = try draft("{version: \"0.16.0\", slower_experts: \"off\"}")
        #expect(off.engine.overhead.slowerExperts.isEmpty)
        let again = try CaseSample.parse(CaseDocument(off).yaml)
        #expect(again.engine == off.engine && again.engine.hasTimedExperts)
        let on = try draft("{version: \"0.16.0\", slower_experts: \"on\"}")
        #expect(on.engine == (try draft("{version: \"0.16.0\"}")).engine)
        #expect(!CaseDocument(on).yaml.contains("slower_experts"))
    }

    @Test("GPUs are called by the names that the catalog has for them")
    func names() throws {
        let catalog = try CaseSample.catalog()
        for engine in catalog.engineNames {
            for one in try catalog.engine(named: engine).slowerBuilds {
                #expect(one.hardware.isSubset(of: catalog.hardwareNames), "\(engine)")
            }
        }
    }
}
