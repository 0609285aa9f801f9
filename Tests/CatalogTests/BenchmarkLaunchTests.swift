import ServingDomain
import Testing

@testable import Catalog

@Suite("What scripts of public benchmarks tell engines")
struct BenchmarkLaunchTests {
    private func launch(
        _ model: String, _ input: Int = 1024, _ output: Int = 1024, gpus: Int = 4,
        on hardware: String = "b200", engine: String = "trtllm"
    ) throws -> BenchmarkLaunch {
        try Catalog().engine(named: engine).benchmarkLaunch(
            for: .init(
                model: model, hardware: hardware, inputTokens: input, outputTokens: output,
                gpus: gpus))
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
        #expect(try launch("llama-3.1-70b", engine: "vllm") == .none)
        #expect(try launch("kimi-k2.5", engine: "vllm").joinsRanks)
        let short = try launch("minimax-m2.5", on: "b300", engine: "vllm")
        #expect(short.tokenBudget == 2048 && !short.joinsRanks)
        #expect(try launch("minimax-m2.5", 8192, engine: "vllm").tokenBudget == 16_384)
        #expect(try launch("minimax-m2.5", on: "h200-sxm", engine: "vllm") == .none)
    }

    private func parsed(_ text: String) throws -> BenchmarkLaunch {
        try BenchmarkLaunch(Fields(SourceText.tree(text, file: "engine.yaml")))
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
            .all(
                launches,
                for: .init(model: "m", hardware: "g", inputTokens: 1, outputTokens: 1, gpus: gpus))
        }
        #expect(budget(2).tokenBudget == 200 && budget(4).tokenBudget == 100)
        #expect(budget(2).pooling?.steps == 3)
        let joining = [try parsed("{joins_ranks: true, source: a}")] + launches
        #expect(
            BenchmarkLaunch.all(
                joining,
                for: .init(model: "m", hardware: "g", inputTokens: 1, outputTokens: 1, gpus: 2)
            ).joinsRanks)
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
            "{joins_ranks: false, source: a}", "{joins_ranks: 1, source: a}",
        ])
    func mistakes(text: String) {
        #expect(throws: CatalogError.self) { try parsed(text) }
    }
}
