import ServingDomain
import Testing

@testable import Catalog

@Suite("What scripts of public benchmarks tell engines")
struct BenchmarkLaunchTests {
    private func launch(
        _ model: String, _ input: Int = 1024, _ output: Int = 1024, gpus: Int = 4,
        on hardware: String = "b200", engine: String = "trtllm", concurrency: Int = 64,
        weights: NumberFormat? = nil
    ) throws -> BenchmarkLaunch {
        try Catalog().engine(named: engine).benchmarkLaunch(
            for: .init(
                model: model, hardware: hardware, inputTokens: input, outputTokens: output,
                gpus: gpus, concurrency: concurrency, weights: weights))
    }

    @Test("a script holds for its loads and formats of weights alone")
    func loads() throws {
        func interval(_ model: String, _ weights: NumberFormat, _ requests: Int, gpus: Int = 8)
            throws -> Int?
        {
            try launch(
                model, gpus: gpus, engine: "sglang", concurrency: requests, weights: weights
            ).receiveInterval
        }
        #expect(
            try [4, 15, 16, 64].map { try interval("deepseek-v3", .fp8Block, $0) } == [
                10, 10, 30, 30,
            ])
        #expect(try interval("deepseek-v3", .fp8Block, 64, gpus: 4) == 10)
        #expect(try interval("deepseek-v3", .nvfp4, 64, gpus: 4) == 30)
        #expect(try interval("deepseek-v3", .bf16, 64) == nil)
        #expect(try interval("qwen3.5-397b-a17b", .bf16, 4) == 10)
        #expect(try interval("qwen3.5-397b-a17b", .nvfp4, 4) == 30)
        #expect(try interval("glm-5", .nvfp4, 4) == nil)
    }

    @Test("a script holds for its models, lengths and widths alone")
    func shipped() throws {
        let chat = try launch("llama-3.1-70b")
        #expect(chat.tokenBudget == 16_384)
        #expect(chat.pooling == PromptPooling(steps: 20, share: 0.9))
        for other in [
            try launch("llama-3.1-70b", gpus: 8), try launch("llama-3.1-70b", 8192),
            try launch("llama-3.1-70b", 1024, 8192),
        ] {
            #expect(other.tokenBudget == 16_384 && other.pooling == nil)
        }
        let sparse = try launch("gpt-oss-120b")
        #expect(sparse.tokenBudget == 20_000 && sparse.balance == .standard)
        #expect(try launch("gpt-oss-120b", on: "h200-sxm").balance == nil)
        #expect(
            try launch("deepseek-v3", on: "h200-sxm").balance
                == PromptBalance(patience: 60, gathering: 0))
        #expect(try launch("qwen3-32b") == .none)
        let ranks = try launch("llama-3.1-70b", engine: "vllm")
        #expect(ranks.ranks == .oneGPU && ranks.tokenBudget == nil && ranks.kvFormat == nil)
        #expect(
            try launch("deepseek-v3", on: "h200-sxm", engine: "sglang").tokenBudget == 32_768)
        #expect(try launch("kimi-k2.5", engine: "vllm").ranks == .joined)
        #expect(try launch("kimi-k2.5", on: "b300", engine: "vllm").ranks == .oneGPU)
        let short = try launch("minimax-m2.5", on: "b300", engine: "vllm")
        #expect(short.tokenBudget == 2048 && short.ranks == .oneGPU)
        #expect(try launch("minimax-m2.5", 8192, engine: "vllm").tokenBudget == 16_384)
        #expect(try launch("gpt-oss-120b", on: "h200-sxm").kvFormat == .bf16)
        #expect(try launch("gpt-oss-120b").kvFormat == nil)
    }

    private func parsed(_ text: String) throws -> BenchmarkScript {
        try BenchmarkScript(Fields(SourceText.tree(text, file: "engine.yaml")), GPUNames())
    }

    @Test("what comes later counts before what came earlier, as far as it says anything")
    func order() throws {
        let launches = [
            try parsed(
                "{token_budget: 100, prompt_pooling_steps: 3, prompt_pooling_share: 0.5, source: a}"
            ),
            try parsed("{most_gpus: 2, token_budget: 200, source: b}"),
        ]
        func budget(_ gpus: Int) -> BenchmarkLaunch {
            BenchmarkScript.launch(
                by: launches,
                of: .init(
                    model: "m", hardware: "g", inputTokens: 1, outputTokens: 1, gpus: gpus,
                    concurrency: 64))
        }
        #expect(budget(2).tokenBudget == 200 && budget(4).tokenBudget == 100)
        #expect(budget(2).pooling?.steps == 3)
        let joining = [try parsed("{ranks: joined, source: a}")] + launches
        #expect(
            BenchmarkScript.launch(
                by: joining,
                of: .init(
                    model: "m", hardware: "g", inputTokens: 1, outputTokens: 1, gpus: 2,
                    concurrency: 64)
            ).ranks == .joined)
    }

    @Test("a script holds for versions and days before it was replaced")
    func versions() throws {
        func format(
            _ version: String?, _ day: String? = nil, on hardware: String = "h200-sxm"
        ) throws -> NumberFormat? {
            try Catalog().engine(named: "vllm").benchmarkLaunch(
                for: .init(
                    model: "minimax-m2.5", hardware: hardware, inputTokens: 1024,
                    outputTokens: 1024, gpus: 4, concurrency: 64,
                    version: version.flatMap(EngineVersion.init),
                    day: day)
            ).kvFormat
        }
        for old in ["0.16.0", "0.18.2", "0.9"] { #expect(try format(old) == .bf16, "\(old)") }
        for new in ["0.19.0", "0.19", "0.20.1", "1.0", "nightly"] {
            #expect(try format(new) == nil, "\(new)")
        }
        #expect(try format(nil, "2026-03-01") == .bf16)
        #expect(try format("nightly", "2026-03-01") == .bf16)
        #expect(try format("0.19.0", "2026-03-01") == nil)
        #expect(try format(nil, "2026-11-01") == nil && format(nil) == nil)
        #expect(try format("0.19.0", on: "h100-sxm") == .bf16)
    }

    @Test("what shipped scripts hold for is known by these names")
    func names() throws {
        let catalog = try Catalog()
        for engine in catalog.engineNames {
            for script in try catalog.engine(named: engine).benchmarkScripts {
                for model in script.models {
                    #expect(try catalog.model(named: model).name == model)
                }
                for hardware in script.hardware {
                    #expect(try catalog.hardware(named: hardware).name == hardware)
                }
            }
        }
    }

    @Test(
        "mistakes are told",
        arguments: [
            "{token_budget: 4, source: a}", "{token_budgets: 100, source: a}",
            "{token_budget: 100}",
            "{source: a}", "{prompt_pooling_share: 0.5, source: a}",
            "{prompt_gathering_steps: 5, source: a}",
            "{prompt_pooling_steps: 3, source: a}", "{prompt_balance_steps: 3, source: a}",
            "{prompt_pooling_steps: 3, prompt_pooling_share: 2, source: a}",
            "{ranks: split, source: a}", "{ranks: 1, source: a}",
            "{receive_interval_steps: 0, source: a}", "{weights: [fp8], source: a}",
            "{weights: [fp9], token_budget: 100, source: a}",
            "{least_concurrency: 0, token_budget: 100, source: a}",
            "{kv_cache: int4, source: a}", "{kv_cache: fp8, replaced: {since: 1}, source: a}",
        ])
    func mistakes(text: String) {
        #expect(throws: CatalogError.self) { try parsed(text) }
    }
}
