import Catalog
import ServingDomain
import Testing

@Suite("Models of the catalog")
struct ModelTests {
    /// One row of the reference table; counts in billions as far as they are printed there.
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let total: Double
        let active: Double
        /// The last printed digit of both counts.
        let digits: (total: Double, active: Double)
        let weightGB: Double
        let kvBytes: Int
        let context: Int

        var testDescription: String { name }
    }

    static let rows = [
        Row(
            name: "qwen3-32b", total: 32.76, active: 32.76, digits: (0.01, 0.01), weightGB: 65.5,
            kvBytes: 262_144, context: 40_960),
        Row(
            name: "qwen3-8b", total: 8.19, active: 8.19, digits: (0.01, 0.01), weightGB: 16.4,
            kvBytes: 147_456, context: 40_960),
        Row(
            name: "llama-3.1-8b", total: 8.03, active: 8.03, digits: (0.01, 0.01), weightGB: 16.1,
            kvBytes: 131_072, context: 131_072),
        Row(
            name: "llama-3.1-70b", total: 70.55, active: 70.55, digits: (0.01, 0.01),
            weightGB: 141.1, kvBytes: 327_680, context: 131_072),
        Row(
            name: "mixtral-8x7b", total: 46.70, active: 12.88, digits: (0.01, 0.01),
            weightGB: 93.4, kvBytes: 131_072, context: 32_768),
        Row(
            name: "qwen3-235b-a22b", total: 235.1, active: 22.2, digits: (0.1, 0.1),
            weightGB: 470.2, kvBytes: 192_512, context: 40_960),
        Row(
            name: "deepseek-v3", total: 671.0, active: 37.6, digits: (0.1, 0.1), weightGB: 1342,
            kvBytes: 70_272, context: 163_840),
        Row(
            name: "minimax-m2.5", total: 228.7, active: 11.0, digits: (0.1, 0.1), weightGB: 457.4,
            kvBytes: 253_952, context: 196_608),
        Row(
            name: "llama-3.1-405b", total: 405.85, active: 405.85, digits: (0.01, 0.01),
            weightGB: 811.7, kvBytes: 516_096, context: 131_072),
        Row(
            name: "qwen3-coder-480b-a35b", total: 480.2, active: 35.5, digits: (0.1, 0.1),
            weightGB: 960.3, kvBytes: 253_952, context: 262_144),
        Row(
            name: "glm-4.6", total: 352.8, active: 33.6, digits: (0.1, 0.1), weightGB: 705.6,
            kvBytes: 376_832, context: 202_752),
        Row(
            name: "gpt-oss-20b", total: 20.9, active: 4.2, digits: (0.1, 0.1), weightGB: 41.8,
            kvBytes: 49_152, context: 131_072),
        Row(
            name: "deepseek-v3.2", total: 671.9, active: 38.4, digits: (0.1, 0.1),
            weightGB: 1344, kvBytes: 78_324, context: 163_840),
        Row(
            name: "qwen3-30b-a3b", total: 30.5, active: 3.35, digits: (0.1, 0.01), weightGB: 61.1,
            kvBytes: 98_304, context: 40_960),
    ]

    @Test("parameters, weights and KV bytes agree with the published table", arguments: rows)
    func figures(_ row: Row) throws {
        let model = try CaseSample.catalog().model(named: row.name)
        let total = Double(model.parameterCount) / 1e9
        let active = Double(model.activeParameterCount) / 1e9
        #expect(abs(total - row.total) <= row.digits.total / 2 + 1e-6, "\(total)")
        #expect(abs(active - row.active) <= row.digits.active / 2 + 1e-6, "\(active)")
        let gigabytes = Double(model.weightBytes(.bf16).value) / 1e9
        #expect(
            abs(gigabytes - row.weightGB) <= (row.weightGB > 1000 ? 0.5 : 0.051), "\(gigabytes)")
        #expect(model.kvBytesPerToken(.bf16).value == row.kvBytes)
        #expect(model.maxContext.value == row.context)
    }

    @Test("gpt-oss-120b counts 5.1 active billions without its input embedding, as published")
    func gptOss() throws {
        let model = try CaseSample.catalog().model(named: "gpt-oss-120b")
        let embedding = model.vocabulary * model.hidden
        #expect(abs(Double(model.parameterCount) / 1e9 - 116.8) <= 0.05)
        #expect(abs(Double(model.activeParameterCount - embedding) / 1e9 - 5.1) <= 0.05)
        #expect(model.slidingWindow == .init(tokens: 128, layers: 18))
        #expect(model.nativeFormat == .mxfp4)
        #expect(model.hasAttentionBias)
        #expect(model.kvBytesPerToken(.bf16).value == 73_728)
    }

    @Test("published formats are recognised")
    func nativeFormats() throws {
        let catalog = try CaseSample.catalog()
        #expect(try catalog.model(named: "deepseek-v3").nativeFormat == .fp8Block)
        #expect(try catalog.model(named: "minimax-m2.5").nativeFormat == .fp8Block)
        #expect(try catalog.model(named: "qwen3-8b").nativeFormat == .bf16)
    }

    @Test("DeepSeek-V3 has three dense layers, a shared expert and a latent cache")
    func deepseek() throws {
        let model = try CaseSample.catalog().model(named: "deepseek-v3")
        #expect(model.mixture?.denseLayers == 3)
        #expect(model.mixture?.sharedIntermediate == 2048)
        #expect(model.intermediate == 18_432)
        guard case .latent(let latent) = model.attention else {
            Issue.record("no latent attention")
            return
        }
        #expect(latent.kvRank == 512)
    }

    @Test("nineteen models are known by name, by alias and by Hugging Face id, in any case")
    func names() throws {
        let catalog = try CaseSample.catalog()
        #expect(catalog.modelNames.count == 19)
        for name in [
            "meta-llama/Llama-3.1-70B-Instruct", "LLAMA-3.1-70B", "llama-3.1-70b-instruct",
        ] {
            #expect(try catalog.model(named: name).name == "llama-3.1-70b")
        }
    }

    @Test("a misspelt name is refused with the near ones")
    func unknown() throws {
        let catalog = try CaseSample.catalog()
        let error = #expect(throws: CatalogError.self) { try catalog.model(named: "lama-3.1-70b") }
        guard case .unknownName("model", "lama-3.1-70b", let nearest, let known)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(nearest.first == "llama-3.1-70b")
        #expect(known.count == 19)
    }

    @Test("a model goes by the names of its weights in other formats, and not by another model's")
    func modelNames() throws {
        let names = try Catalog().everyName(ofModel: "qwen3-32b")
        for name in ["Qwen/Qwen3-32B", "hf://Qwen/Qwen3-32B-FP8", "QWEN3-32B-fp8-dynamic", "/m/x"] {
            #expect(names.mayMean(name), "\(name)")
        }
        for name in ["Qwen/Qwen3-8B", "Qwen/Qwen3-32B-Instruct", "Qwen3-8B-FP8"] {
            #expect(!names.mayMean(name), "\(name)")
        }
    }
}
