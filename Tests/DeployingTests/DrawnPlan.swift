import Catalog
import Planning
import ServingDomain

@testable import Deploying

/// A plan with a random case and a random layout that fits it, and a name that means harm.
struct DrawnPlan: CustomStringConvertible {
    let plan: ExportPlan
    let options: ExportOptions
    let seed: Int
    var description: String {
        "\(seed): \(plan.layout) on \(plan.engine.name), \(plan.planningCase.name.prefix(30))"
    }

    static let names = [
        "agent-h200", "$(touch x)", "`touch x`", "a'; touch x; '", "a\"b", "two\nlines",
        "#comment\n- x: 1", "Ünïcödé 名前", String(repeating: "long name ", count: 30), "yes", "007",
        "..", "a/b/../c", "-rf", "${HOME}", "%s%n", "&& touch x", "0.1", "<script>", "a: b",
        "\u{202E}x", "*", "{}", "null", "A--B",
    ]

    /// - Returns: nil for a draw whose layout no cluster of its case holds.
    init?(_ seed: Int, catalog: Catalog) throws {
        var draw = Draw(seed)
        let engine = draw.one(of: ["vllm", "vllm", "sglang"])
        let isMixture = draw.chance(0.3)
        let model = isMixture ? "qwen3-235b-a22b" : draw.one(of: ["qwen3-32b", "llama-3.1-70b"])
        let text = Self.text(&draw, engine, model)
        guard
            var planned = try CaseFile.parse(text: text, fileName: "case", catalog: catalog)
                .resolved
        else { return nil }
        planned.name = draw.one(of: Self.names)
        let layout = Self.layout(&draw, planned, isMixture: isMixture)
        guard
            planned.pools.allSatisfy({ pool in
                pool.cluster.holds(layout.allGroups.filter { $0.pool == pool.name })
            }), planned.engine.behaviour.obstacles(to: layout).isEmpty
        else { return nil }
        let path = draw.chance(0.1) ? draw.one(of: ["/models/my model", "a'b/$(touch x)"]) : nil
        plan = ExportPlan(
            planningCase: planned, layout: layout, model: path ?? "Org/\(model)",
            checkpoint: .stored(planned.model.nativeFormat),
            image: "example/\(engine):v1.2.3",
            digest: "sha256:" + String(repeating: "0123abcd", count: 8), toolVersion: "0.1.0")
        options = Self.options(&draw)
        self.seed = seed
    }

    private static func options(_ draw: inout Draw) -> ExportOptions {
        var options = ExportOptions(
            usesAlpha: draw.chance(0.5),
            sidecarImage: draw.one(of: [
                ExportOptions.usualSidecar, "registry:5000/sidecar@sha256:0123",
            ]),
            secretName: draw.one(of: [ExportOptions.usualSecret, "team.token-1"]))
        options.threshold = draw.chance(0.5) ? draw.one(of: [64, 16_384]) : nil
        return options
    }

    private static func text(_ draw: inout Draw, _ engine: String, _ model: String) -> String {
        let connector =
            engine == "vllm"
            ? (draw.chance(0.75) ? "NixlConnector" : "MooncakeConnector")
            : draw.one(of: ["nixl", "mooncake"])
        let nodes = draw.one(of: [1, 2, 4])
        let pools =
            draw.chance(0.2)
            ? """
            cluster: {name: h200, gpu: h200-sxm, nodes: \(nodes)}
            pools: [{name: a100.x, gpu: a100-80gb-sxm, nodes: 2}]
            """
            : "cluster: {gpu: h200-sxm, nodes: \(nodes)}"
        return """
            apiVersion: ampd-plan/v1
            kind: Case
            name: drawn
            model: \(model)
            kv_format: \(draw.one(of: ["bf16", "fp8"]))
            \(pools)
            engine:
              name: \(engine)
              connector: \(connector)
              max_sequences: \(draw.one(of: [64, 256, 1024]))
              token_budget: \(draw.one(of: [2048, 8192]))
              prefix_caching: \(draw.one(of: ["on", "off"]))
              async_scheduling: \(draw.one(of: ["on", "off"]))
              prefill_batch_tokens: \(draw.one(of: [0, 4096]))
              receive_interval_steps: \(engine == "sglang" ? draw.one(of: [1, 1, 20]) : 1)
            workload: {template: agent, rate_per_s: 2}
            slo: {ttft_ms: 2000, itl_ms: 50}
            policy: {name: \(draw.one(of: ["ampd", "always_remote", "dynamo_conditional_v0"]))}
            """
    }

    private static func layout(
        _ draw: inout Draw, _ planned: Case, isMixture: Bool
    ) -> Deployment {
        func groups() -> [WorkerGroup] {
            (0..<(draw.chance(0.15) ? 2 : 1)).map { _ in
                let tensor = TensorParallelDegree(draw.one(of: [1, 2, 4, 8])) ?? .one
                let isRecord = isMixture && draw.chance(0.5)
                let data = isRecord ? draw.one(of: [2, 4, 8, 16]) : 1
                let own =
                    isRecord
                    ? Parallelism(tensor: tensor, data: data, expert: tensor.value * data)
                    : Parallelism(tensor: tensor)
                return WorkerGroup(
                    pool: draw.one(of: planned.pools.map(\.name)), parallelism: own,
                    replicas: 1 + draw.below(4))
            }
        }
        return draw.chance(0.25)
            ? .colocated(groups()) : .disaggregated(prefill: groups(), decode: groups())
    }
}

/// A small generator of random numbers (SplitMix64).
struct Draw {
    private var state: UInt64

    init(_ seed: Int) { state = UInt64(bitPattern: Int64(seed)) &* 0x9e37_79b9_7f4a_7c15 }

    private mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    mutating func chance(_ share: Double) -> Bool { Double(next() >> 11) * 0x1p-53 < share }
    mutating func one<Value>(of values: [Value]) -> Value { values[below(values.count)] }
}
