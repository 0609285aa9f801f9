import Catalog
import ServingDomain
import Testing

@testable import Deploying

/// What decides whether an export can run, one rule at a time.
@Suite("Exports are what was simulated, or refused")
struct ExportRuleTests {
    private let catalog: Catalog

    init() throws { catalog = try Catalog() }

    private func plan(
        _ sample: SamplePlan, _ more: String = "", namesCheckpoint: Bool = false
    ) throws -> ExportPlan {
        try #require(
            try sample.plan(more: more, namesCheckpoint: namesCheckpoint, catalog: catalog))
    }

    private func text(_ plan: ExportPlan, _ target: ExportTarget) throws -> String {
        try plan.export(for: target).files.map(\.text).joined()
    }

    /// Rules that refuse an export; empty where it is written.
    private func rules(
        _ plan: ExportPlan, _ target: ExportTarget, _ options: ExportOptions = ExportOptions()
    ) -> [Rule] {
        do throws(ExportRefusal) {
            _ = try plan.export(for: target, options)
            return []
        } catch {
            return error.findings.map(\.rule)
        }
    }

    // MARK: Workers over several nodes

    @Test(
        "the Service of a LeaderWorkerSet picks leaders alone",
        arguments: [SamplePlan.ranks, .sglangRanks])
    func leaders(sample: SamplePlan) throws {
        let export = try plan(sample).export(for: .leaderWorkerSet)
        let documents = try ManifestText.documents(
            bytes: Array(export.files[0].text.utf8), file: "lws.yaml")
        let service = try #require(documents.first { $0.member("kind")?.text == "Service" })
        let selector = try #require(service.member(at: "spec", "selector"))
        #expect(selector.member("leaderworkerset.sigs.k8s.io/worker-index")?.text == "0")
        let template = try #require(documents[0].member(at: "spec", "leaderWorkerTemplate"))
        func labels(_ name: String) -> [String] {
            template.member(at: name, "metadata", "labels")?.entries?.map(\.key) ?? []
        }
        let router = ["llm-d.ai/role", "llm-d.ai/inference-serving"]
        #expect(router.allSatisfy(labels("leaderTemplate").contains))
        #expect(!labels("workerTemplate").contains(where: router.contains))
        // All that a Service asks for but the index stands at leaders.
        let wanted = selector.entries?.map(\.key).filter { !$0.hasSuffix("worker-index") } ?? []
        #expect(!wanted.isEmpty && wanted.allSatisfy(labels("leaderTemplate").contains))
    }

    @Test(
        "no launch makes prompts wait",
        arguments: [
            (SamplePlan.ranks, "prompt_balance_steps: 60"),
            (.nixl, "prompt_pooling_steps: 20, prompt_pooling_share: 0.5"),
            (.nixl, "receive_interval_steps: 10"),
        ])
    func waits(sample: SamplePlan, settings: String) throws {
        let waiting = try #require(try sample.plan(settings: ", " + settings, catalog: catalog))
        for target in [ExportTarget.slurm, .leaderWorkerSet] {
            #expect(rules(waiting, target) == [.inexpressible], "\(target.rawValue)")
        }
    }

    // MARK: Formats

    @Test(
        "weights that no flag makes are refused, unless the operator names them",
        arguments: [
            (SamplePlan.nixl, "weight_format: fp8_block"), (.nixl, "weight_format: mxfp4"),
            (.sglang, "weight_format: fp8_block"),
        ])
    func formats(sample: SamplePlan, line: String) throws {
        let refused = try plan(sample, line)
        for target in ExportTarget.allCases
        where target.describesWorkers && target.engines.contains(refused.engine.name) {
            #expect(rules(refused, target).contains(.inexpressible), "\(target.rawValue)")
        }
        #expect(rules(refused, .bench) == [])
        let named = try plan(sample, line, namesCheckpoint: true).export(for: .slurm)
        #expect(named.warnings.contains { $0.message.contains("has to hold weights in") })
        #expect(!named.files[0].text.contains("--quantization"))
    }

    @Test("eight-bit weights of a published bf16 model are made by a flag")
    func quantised() throws {
        #expect(try text(plan(.nixl, "weight_format: fp8"), .slurm).contains("--quantization fp8"))
        #expect(!(try text(plan(.nixl), .slurm).contains("--quantization")))
    }

    // MARK: Connectors

    @Test("Mooncake has ports and a proxy of its own, and prefill workers of a node do not share")
    func mooncake() throws {
        for target in [ExportTarget.vllm, .slurm] {
            let script = try text(plan(.mooncake), target)
            #expect(!script.contains("NIXL") && !script.contains("toy_proxy_server"))
            #expect(script.contains("mooncake_connector_proxy.py"))
            let mark = "VLLM_MOONCAKE_BOOTSTRAP_PORT="
            let ports = script.split(separator: mark).dropFirst().map { $0.prefix(4) }
            #expect(ports == ["8998", "8999"], "\(target.rawValue)")
        }
    }

    @Test("targets whose router speaks to NIXL alone refuse another connector of vLLM")
    func connectors() throws {
        let mooncake = try plan(.mooncake)
        for target in [
            ExportTarget.dynamo, .llmdValues, .disaggregatedSet, .leaderWorkerSet, .kserve,
            .endpointPicker,
        ] {
            #expect(rules(mooncake, target) == [.inexpressible], "\(target.rawValue)")
        }
    }

    // MARK: Names

    @Test("a secret and an image of a sidecar are checked before they are written")
    func names() throws {
        let plan = try plan(.nixl)
        #expect(rules(plan, .leaderWorkerSet, ExportOptions(secretName: "BAD NAME")) == [.names])
        #expect(rules(plan, .leaderWorkerSet, ExportOptions(secretName: "hf.token-1")) == [])
        #expect(
            rules(plan, .leaderWorkerSet, ExportOptions(sidecarImage: "x:latest")) == [.image])
    }

    @Test("different names stay different, and a valid one is kept")
    func objectNames() {
        #expect(ObjectName.label("agent-h200", most: 45) == "agent-h200")
        let names = ["a b", "a-b", "A-b", "a_b", "a--b", "-a-b", "a-b-", "", "名", "7", "plan-7"]
        let labels = names.map { ObjectName.label($0, most: 45) }
        #expect(Set(labels).count == names.count, "\(labels)")
        #expect(labels.allSatisfy { NameCheck.isLabel($0) && $0.count <= 45 })
        #expect(ObjectName.labelValue("llama-3.1-8b") == "llama-3.1-8b")
        #expect(NameCheck.isLabel(ObjectName.labelValue("a model/of mine")))
    }

    @Test("a load is replayed with answers of the stated lengths")
    func lengths() throws {
        let script = try text(plan(.nixl), .bench)
        #expect(script.contains("--ignore-eos") && script.contains("ignore_eos:true"))
    }

    @Test("a threshold is written where there is something to route")
    func threshold() throws {
        #expect(rules(try plan(.ranks), .endpointPicker) == [.inexpressible])
        #expect(rules(try plan(.sglang), .endpointPicker) == [.inexpressible])
        #expect(rules(try plan(.nixl), .endpointPicker) == [])
    }
}
