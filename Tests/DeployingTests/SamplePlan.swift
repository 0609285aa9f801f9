import Catalog
import ServingDomain

@testable import Deploying

/// Plans whose exports are kept, one for each thing that makes them differ.
enum SamplePlan: String, CaseIterable {
    /// vLLM with NIXL, histories read back and an eight-bit cache.
    case nixl
    /// vLLM with MooncakeConnector: two prefill workers on one node.
    case mooncake
    /// SGLang with different degrees.
    case sglang
    /// A worker of sixteen data-parallel ranks on two nodes.
    case ranks
    /// The same with SGLang.
    case sglangRanks = "sglang-ranks"
    /// Prefill on other GPUs than decode.
    case pools

    private var layout: String {
        switch self {
        case .nixl, .sglang: "P:2x2,D:4x1"
        case .mooncake: "P:2x2,D:2x2"
        case .ranks, .sglangRanks: "C:1dp16ep16x1"
        case .pools: "P:4x1@a100,D:4x1@h200"
        }
    }

    private var model: (name: String, published: String) {
        switch self {
        case .ranks, .sglangRanks: ("qwen3-235b-a22b", "Qwen/Qwen3-235B-A22B")
        default: ("qwen3-32b", "Qwen/Qwen3-32B")
        }
    }

    private var platform: String {
        switch self {
        case .pools:
            """
            cluster: {name: h200, gpu: h200-sxm, nodes: 1}
            pools: [{name: a100, gpu: a100-80gb-sxm, nodes: 1}]
            """
        case .ranks, .sglangRanks: "cluster: {gpu: h200-sxm, nodes: 2}"
        default: "cluster: {gpu: h200-sxm, nodes: 1}"
        }
    }

    private var engine: String {
        switch self {
        case .nixl, .ranks, .pools: "{name: vllm}"
        case .mooncake: "{name: vllm, connector: MooncakeConnector}"
        case .sglang, .sglangRanks: "{name: sglang}"
        }
    }

    /// The plan with changed lines of its case.
    func plan(
        more: String = "", settings: String = "", namesCheckpoint: Bool = false, catalog: Catalog
    ) throws -> ExportPlan? {
        let text = """
            apiVersion: ampd-plan/v1
            kind: Case
            name: \(rawValue)
            model: \(model.name)
            kv_format: \(self == .nixl || self == .sglang ? "fp8" : "bf16")
            \(platform)
            engine: \(engine.dropLast())\(settings)}
            workload: {template: agent, rate_per_s: 2}
            slo: {ttft_ms: 2000, itl_ms: 50}
            \(more)
            """
        guard
            let planned = try CaseFile.parse(text: text, fileName: "case", catalog: catalog)
                .resolved, let layout = Deployment(notation: layout)
        else { return nil }
        return ExportPlan(
            planningCase: planned, layout: layout, model: model.published,
            checkpoint: namesCheckpoint ? .unknown : .stored(planned.model.nativeFormat),
            image: "example/\(planned.engine.name):v1.2.3",
            digest: "sha256:" + String(repeating: "0123abcd", count: 8), toolVersion: "0.1.0")
    }
}
