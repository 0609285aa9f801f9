import Catalog
import CostModeling
import Foundation
import ServingDomain
import Validating

/// Finds model, GPU, engine and costs of a log of requests.
struct RequestLogPlatform {
    let source: CaseSource
    let folder: String
    let log: RequestLog

    /// Reads `requests.csv` and `meta.json` of a folder.
    init(source: CaseSource, folder: String) throws(Failure) {
        self.source = source
        self.folder = folder
        do {
            log = try RequestLog(
                requests: Console.read(folder + "/requests.csv"),
                meta: Console.read(folder + "/meta.json"))
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(ToolExit.badData, "\(folder): \(error)")
        }
    }

    /// The platform, and where its costs come from.
    ///
    /// A log has the engine's own instants, so that nothing of the way to a client is in it: no time
    /// of a first token outside the steps.
    func platform() throws(Failure) -> (platform: MeasuredPlatform, costs: [String]) {
        let draft = try source.draft(text: try caseText(), name: folder, reworded: reworded)
        guard let degree = TensorParallelDegree(log.engine.shards.tensor) else {
            throw Failure(
                ToolExit.badData,
                "\(folder)/meta.json: tensor_parallel_size is \(log.engine.shards.tensor), expected "
                    + "a power of two up to 64.")
        }
        let loaded = try source.load(draft, kinds: [WorkerKind(degree)])
        var planningCase = try loaded.searchable(for: "validate")
        planningCase.engine.overhead.firstToken = FirstTokenLatency()
        let platform =
            loaded.recipe.map { MeasuredPlatform(planningCase: planningCase, recipe: $0) }
            ?? MeasuredPlatform(planningCase: planningCase, costs: loaded.costs)
        return (platform, [loaded.origin.source, loaded.draft.engine.overhead.source])
    }

    /// A case with the platform; its load, targets and policy are replaced afterwards.
    private func caseText() throws(Failure) -> String {
        let (engine, shards) = (log.engine, log.engine.shards)
        let model: ModelSpec
        let hardware: HardwareSpec
        let facts: EngineFacts
        do {
            model = try source.catalog.model(named: engine.model)
            hardware = try source.catalog.hardware(named: try gpu())
            facts = try source.catalog.engine(named: "vllm")
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(ToolExit.badData, "\(folder)/meta.json: \(error)")
        }
        let formats: NumberFormats
        do {
            formats = try NumberFormats(
                MeasuredRow.Precisions(
                    gemm: engine.quantization, kvCache: engine.cacheFormat),
                native: source.catalog.weightFormat(of: model, named: engine.model))
        } catch {
            throw Failure(ToolExit.badData, "\(folder)/meta.json: \(error.reason).")
        }
        let isAhead =
            facts.asynchronousScheduling?.isDefault(version: engine.version, day: nil) ?? false
        let limits = [
            engine.maxSequences.map { "max_sequences: \($0)" },
            engine.tokenBudget.map { "token_budget: \($0)" },
            engine.memoryShare.map { "gpu_memory_utilization: \($0)" },
        ].compactMap(\.self)
        let settings = [
            "name: \(facts.name)", "async_scheduling: \"\(isAhead ? "on" : "off")\"",
            "expert_parallel: \(model.mixture == nil ? 1 : shards.expert)",
            "data_parallel_ranks: \(model.mixture == nil ? 1 : shards.data)",
        ]
        let version =
            engine.version.flatMap(EngineVersion.init).map { ["version: \"\($0)\""] } ?? []
        let keepsWindow =
            facts.slidingWindowKV(connector: nil)?.isDefault(version: engine.version) == true
        let windows =
            !model.mixesWindows
            ? [] : ["sliding_window_kv: \(keepsWindow ? "window" : "whole")"]
        return PlatformCase(
            model: model, formats: formats, hardware: hardware,
            engine: settings + version + limits + windows
        ).text
    }

    /// Arguments of the engine that stand behind keys of the case.
    private static let arguments = [
        "engine.expert_parallel": "enable_expert_parallel",
        "engine.data_parallel_ranks": "data_parallel_size",
        "engine.max_sequences": "max_num_seqs", "engine.token_budget": "max_num_batched_tokens",
        "engine.gpu_memory_utilization": "gpu_memory_utilization",
    ]

    /// An error of the case as one of the file that it was made of.
    private func reworded(_ error: CatalogError) -> CatalogError {
        error.renamed(
            Self.arguments.mapValues { "engine_kwargs." + $0 },
            at: SourcePlace(file: folder + "/meta.json"))
    }

    /// The GPU that the log names, else the one with which the name of the folder begins.
    private func gpu() throws(Failure) -> String {
        if let named = log.engine.gpu { return named }
        let name = URL(fileURLWithPath: folder).standardizedFileURL.lastPathComponent
        guard let first = name.split(separator: "_").first else {
            throw Failure(
                ToolExit.badData,
                "\(folder)/meta.json: found no gpu, and the folder's name begins with none; add it."
            )
        }
        return String(first)
    }
}

extension RequestLog.Engine {
    /// Format of the KV cache; `auto` of vLLM is that of the activations, whatever the weights are.
    fileprivate var cacheFormat: String {
        guard let kvFormat, kvFormat != "auto" else { return "bfloat16" }
        return kvFormat
    }
}
