import Catalog
import Deploying
import ServingDomain
import Validating

/// Finds model, GPU, engine and costs of measured rows, each platform once.
final class MeasuredPlatforms {
    private let source: CaseSource
    private let degrees: [TensorParallelDegree]
    private let namesConstants: Bool
    private var places: [String: Result<Int, Refusal>] = [:]
    private var platforms: [MeasuredPlatform] = []
    /// Where the costs of the rows come from, in the order of the table.
    private(set) var costSources: [String] = []

    /// - Parameters:
    ///   - source: reads cases.
    ///   - degrees: those of all rows.
    ///   - namesConstants: whether the constants of the engines count, and not others in their place.
    init(source: CaseSource, degrees: [TensorParallelDegree], namesConstants: Bool) {
        self.source = source
        self.degrees = degrees
        self.namesConstants = namesConstants
    }

    /// What each row ran on, or why that is not known.
    ///
    /// - Throws: where costs or facts cannot be read, which is no fault of a row.
    func platforms(of rows: [MeasuredRow]) throws(Failure) -> RowPlatforms {
        var found: [Result<Int, Refusal>] = []
        for row in rows { found.append(try place(of: row)) }
        return RowPlatforms(places: found, platforms: platforms)
    }

    private func place(of row: MeasuredRow) throws(Failure) -> Result<Int, Refusal> {
        let text: String
        do {
            text = try caseText(row)
        } catch {
            return .failure(error)
        }
        if let known = places[text] { return known }
        let place = try load(text).map { platform in
            platforms.append(platform)
            return platforms.count - 1
        }
        places[text] = place
        return place
    }

    private func load(_ text: String) throws(Failure) -> Result<MeasuredPlatform, Refusal> {
        let draft: CaseDraft
        do {
            draft = try source.draft(text: text, name: "measured row", reworded: reworded)
        } catch {
            return .failure(Refusal(error.description))
        }
        let loaded = try source.load(draft, kinds: degrees.map { WorkerKind($0) })
        let constants = namesConstants ? [loaded.draft.engine.overhead.source] : []
        for source in [loaded.origin.source] + constants where !costSources.contains(source) {
            costSources.append(source)
        }
        let planningCase = try loaded.searchable(for: "validate")
        var platform =
            loaded.recipe.map { MeasuredPlatform(planningCase: planningCase, recipe: $0) }
            ?? MeasuredPlatform(planningCase: planningCase, costs: loaded.costs)
        platform.interval = loaded.interval
        platform.timings = loaded.origin.profiles.first?.timings ?? ""
        platform.isTimed = platform.timings != ProfileFacts.untimed
        return .success(platform)
    }

    /// Columns that stand behind keys of the case.
    private static let columns = [
        "engine.expert_parallel": "moe_ep_size", "engine.data_parallel_ranks": "attention_dp_size",
        "engine.prefill_expert_parallel": "prefill_moe_ep_size",
        "engine.prompt_gathering_steps": "prompt_gathering_steps",
        "engine.prompt_pooling_share": "prompt_pooling_share",
        "engine.receive_interval_steps": "receive_interval_steps",
        "engine.prefill_data_parallel_ranks": "prefill_attention_dp_size",
    ]

    /// A fault of the case as one of the row that it was made of.
    private func reworded(_ error: CatalogError) -> CatalogError {
        error.renamed(Self.columns, at: SourcePlace(file: "the row"))
    }

    /// A case with the platform of a row; its load, targets and policy are replaced afterwards.
    private func caseText(_ row: MeasuredRow) throws(Refusal) -> String {
        let (model, hardware, engine) = try names(row)
        let stored = source.catalog.weightFormat(of: model, named: row.model)
        let scripted = engine.launch(of: row, model, hardware, stored: stored)
        let formats = try NumberFormats(
            row.precisions, native: stored, scripted: scripted.kvFormat)
        let (serving, prefill) = row.shards
        // Ranks without experts to share are workers of their own, and step alone (vLLM since 0.14).
        func split(_ shards: MeasuredRow.Shards) -> (experts: Int, ranks: Int) {
            model.mixture == nil ? (1, 1) : (shards.expert, shards.data)
        }
        let (own, ahead) = (split(serving), split(prefill))
        let isAhead =
            engine.asynchronousScheduling?.isDefault(version: row.engineVersion, day: row.day)
            ?? false
        let version = row.build.map { ["version: \"\($0)\""] } ?? []
        let settings = [
            "async_scheduling: \"\(isAhead ? "on" : "off")\"",
            "expert_parallel: \(own.experts)", "data_parallel_ranks: \(own.ranks)",
            "prefill_expert_parallel: \(ahead.experts)",
            "prefill_data_parallel_ranks: \(ahead.ranks)",
        ]
        let prompts = try prompts(row, model, scripted)
        return PlatformCase(
            model: model, formats: formats, hardware: hardware,
            engine: ["name: \(engine.name)"] + version + settings
                + prompts + windows(row, model, engine)
                + activations(formats, model, hardware, scripted)
        ).text
    }

    /// What weights in mxfp4 were multiplied with, by the row or by a script; else as the engine does by itself.
    private func activations(
        _ formats: NumberFormats, _ model: ModelSpec, _ hardware: HardwareSpec,
        _ scripted: BenchmarkLaunch
    ) -> [String] {
        guard model.leavesActivations(of: formats.weights, to: hardware) else { return [] }
        let format = formats.mxfp4Activations ?? scripted.mxfp4Activations
        return format.map { ["mxfp4_activations: \($0.rawValue)"] } ?? []
    }

    /// What sliding-window layers kept: workers that do everything need no connector.
    private func windows(
        _ row: MeasuredRow, _ model: ModelSpec, _ engine: EngineFacts
    ) -> [String] {
        guard model.mixesWindows else { return [] }
        let connector =
            if case .aggregated = row.layout { nil as String? } else { engine.defaults.connector }
        let keepsWindow =
            engine.slidingWindowKV(connector: connector)?
            .isDefault(version: row.engineVersion, day: row.day) ?? false
        return ["sliding_window_kv: \(keepsWindow ? "window" : "whole")"]
    }

    private func names(
        _ row: MeasuredRow
    ) throws(Refusal) -> (ModelSpec, HardwareSpec, EngineFacts) {
        do {
            return (
                try source.catalog.model(named: row.model),
                try source.catalog.hardware(of: row),
                try source.catalog.engine(named: row.engine)
            )
        } catch {
            throw Refusal(error.description)
        }
    }
}

/// The formats of a row's weights and KV cache, in our words.
struct NumberFormats {
    let weights: NumberFormat
    let kvCache: NumberFormat
    /// What experts in mxfp4 are multiplied with; nil where the table says nothing of it.
    let mxfp4Activations: NumberFormat?

    /// Reads the words of a table.
    ///
    /// Weights of eight bit have blocks where the checkpoint or its experts have. Tables that
    /// call the four-bit experts of a checkpoint in mxfp4 `nvfp4` mean mxfp4, for no engine converts
    /// them. Where neither the table nor a script says anything of the KV cache, it has eight bits if the
    /// weights are floating-point numbers of fewer than sixteen, as most public benchmarks set it, and
    /// sixteen otherwise.
    ///
    /// - Parameters:
    ///   - stated: what the table says.
    ///   - native: format of the checkpoint.
    ///   - scripted: format of the KV cache by a launch script; nil where none is known.
    /// - Throws: where a format is not modelled.
    init(
        _ stated: MeasuredRow.Precisions, native: NumberFormat, scripted: NumberFormat? = nil
    ) throws(Refusal) {
        mxfp4Activations =
            switch stated.experts?.lowercased() {
            case "w4a8_mxfp4_mxfp8": .fp8
            case "w4a16_mxfp4": .bf16
            default: nil
            }
        let hasNamedExperts = mxfp4Activations != nil && native == .mxfp4
        switch (stated.gemm ?? stated.model)?.lowercased() {
        // Beside experts in mxfp4 products have 16 bits.
        case nil where hasNamedExperts, "bf16" where hasNamedExperts,
            "bfloat16" where hasNamedExperts:
            weights = .mxfp4
        case nil, "compressed-tensors", "modelopt": weights = native
        case "bf16", "bfloat16", "fp16", "float16": weights = .bf16
        case "fp8":
            let hasBlocks = native == .fp8Block || stated.experts?.lowercased() == "fp8_block"
            weights = hasBlocks ? .fp8Block : .fp8
        case "fp8_block": weights = .fp8Block
        case "nvfp4" where native == .mxfp4, "fp4" where native == .mxfp4, "mxfp4": weights = .mxfp4
        case "nvfp4", "fp4", "modelopt_fp4": weights = .nvfp4
        case "int4", "int4_wo", "w4a16", "awq", "awq_marlin", "gptq", "gptq_marlin":
            weights = .int4
        case let other?: throw Refusal("weights in \(other) are not modelled")
        }
        switch stated.kvCache?.lowercased() {
        case nil, "auto":
            kvCache = scripted ?? ([.bf16, .int4].contains(weights) ? .bf16 : .fp8)
        case "fp8", "fp8_e4m3": kvCache = .fp8
        case "bf16", "bfloat16", "fp16", "float16": kvCache = .bf16
        case let other?: throw Refusal("a KV cache in \(other) is not modelled")
        }
    }
}

extension MeasuredTable {
    /// Tensor-parallel degrees of all rows, smallest first.
    var degrees: [TensorParallelDegree] {
        let all = rows.flatMap { row in
            switch row.layout {
            case .aggregated(let pool): [pool.shards.tensor]
            case .disaggregated(let prefill, let decode):
                [prefill.shards.tensor, decode.shards.tensor]
            }
        }
        return Set(all.compactMap { TensorParallelDegree($0) }).sorted()
    }
}
