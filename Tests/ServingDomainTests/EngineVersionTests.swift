import ServingDomain
import Testing

@Suite("Versions of engines")
struct EngineVersionTests {
    @Test(
        "a v before a number says nothing, other words stay",
        arguments: [
            ("v0.18.0", "0.18.0"), ("V0.18.0", "0.18.0"), (" 0.18.0 ", "0.18.0"),
            ("0.19.0+cu128", "0.19.0+cu128"), ("valkyrie-1", "valkyrie-1"), ("vv2", "vv2"),
            ("a\"b\u{0}\u{1B}", "ab"), ("vllm/vllm-openai:v0.18.0", "vllm/vllm-openai:v0.18.0"),
        ])
    func plain(_ text: String, _ expected: String) throws {
        let version = try #require(EngineVersion(text))
        #expect(version.description == expected)
        #expect(EngineVersion(version.description) == version)
    }

    @Test("nothing is no version")
    func nothing() {
        #expect(EngineVersion("") == nil)
        #expect(EngineVersion("\u{1B}\"") == nil)
    }

    @Test("leading numbers")
    func numbers() {
        #expect(EngineVersion("v0.16.0rc1")?.numbers == [0, 16, 0])
        #expect(EngineVersion("vllm/vllm-openai:v0.18.0")?.numbers == [0, 18, 0])
        #expect(EngineVersion("lmsysorg/sglang:v0.5.9-cu130")?.numbers == [0, 5, 9])
        #expect(EngineVersion("host:5000/vllm:nightly")?.numbers == nil)
        #expect(EngineVersion("host:5000/vllm:v0.18.0")?.numbers == [0, 18, 0])
        #expect(EngineVersion("host:5000/vllm")?.numbers == nil)
        #expect(EngineVersion("dev-3")?.numbers == nil)
        #expect(EngineVersion(":")?.numbers == nil)
    }
}
