import Catalog
import Scheduling
import ServingDomain
import Testing

@Suite("Reading a case file")
struct CaseFileTests {
    @Test("the shortest case is complete")
    func minimal() throws {
        let draft = try CaseSample.parse(CaseSample.minimal)
        #expect(draft.platform?.model.name == "llama-3.1-70b")
        #expect(draft.platform?.weightFormat == .bf16 && draft.platform?.kvFormat == .bf16)
        #expect(draft.platform?.cluster == Cluster(gpu: "h20-96gb", nodes: 2, gpusPerNode: 8))
        #expect(draft.engine.name == "vllm" && draft.engine.connector == "NixlConnector")
        #expect(draft.policy == ServingPolicy())
        #expect(draft.planning == Case.Planning())
        #expect(draft.resolved?.service == ServiceLevel(ttft: .seconds(2), itl: .milliseconds(50)))
        #expect(draft.warnings.isEmpty)
    }

    @Test("a transfer runs at 0.8 of the network, and of the node's link inside a node")
    func transfer() throws {
        let transfer = try #require(CaseSample.parse(CaseSample.minimal).platform).pools[0].transfer
        #expect(transfer.interNode.bytesPerSecond == 20e9)
        #expect(transfer.intraNode.bytesPerSecond == 360e9)
        #expect(transfer.latency == .milliseconds(20) && transfer.perBlock == .zero)
        #expect(transfer.contention == .shared)
    }

    @Test(
        "one bandwidth of transfers counts inside and between nodes, except where another is given")
    func givenTransfer() throws {
        let both = "nodes: 2\n  transfer_gbytes_per_s: 50"
        let draft = try CaseSample.parse(CaseSample.with("nodes: 2", as: both))
        #expect(draft.platform?.pools[0].transfer.intraNode.bytesPerSecond == 50e9)
        #expect(draft.platform?.pools[0].transfer.interNode.bytesPerSecond == 50e9)
        #expect(
            !draft.assumptions.contains {
                $0.key.contains("node_gbytes_per_s") && $0.key.contains("transfer")
            })
        let own = try #require(
            CaseSample.parse(
                CaseSample.with(
                    "nodes: 2",
                    as: both + "\n  transfer_intra_node_gbytes_per_s: 300"
                        + "\n  transfer_us_per_block: 0.5\n  transfer_contention: none")
            ).platform
        ).pools[0].transfer
        #expect(own.intraNode.bytesPerSecond == 300e9 && own.interNode.bytesPerSecond == 50e9)
        #expect(own.perBlock == .nanoseconds(500) && own.contention == .none)
    }

    @Test(
        "a measured bandwidth replaces the rule of thumb inside a node, and nothing that is given")
    func measuredTransfer() throws {
        let measured = Bandwidth(gigabytesPerSecond: 300)
        func bandwidth(_ text: String) throws -> Double? {
            var draft = try CaseSample.parse(text)
            draft.prefer(measured, inPool: 0, from: "tables of a test")
            return draft.platform?.pools[0].transfer.intraNode.bytesPerSecond
        }
        var inside = try CaseSample.parse(CaseSample.with("nodes: 2", as: "nodes: 1"))
        inside.prefer(measured, inPool: 0, from: "tables of a test")
        #expect(inside.platform?.pools[0].transfer.intraNode == measured)
        let noted = inside.assumptions.first {
            $0.key == "cluster.transfer_intra_node_gbytes_per_s"
        }
        #expect(noted?.value == "300" && noted?.source.contains("tables of a test") == true)
        #expect(inside.platform?.pools[0].transfer.interNode.bytesPerSecond == 20e9)
        #expect(try bandwidth(CaseSample.minimal) == 300e9)
        let link = CaseSample.with("nodes: 2", as: "nodes: 1\n  intra_node_gbytes_per_s: 100")
        #expect(try bandwidth(link) == 80e9)
        let given = CaseSample.with("nodes: 2", as: "nodes: 1\n  transfer_gbytes_per_s: 50")
        #expect(try bandwidth(given) == 50e9)
    }

    @Test("every default is an assumption with a source, in the words of the file")
    func assumptions() throws {
        let draft = try CaseSample.parse(CaseSample.minimal)
        let keys = draft.assumptions.map(\.key)
        #expect(Set(keys).count == keys.count)
        for key in [
            "cluster.transfer_latency_ms", "cluster.transfer_inter_node_gbytes_per_s",
            "cluster.transfer_contention", "cluster.transfer_us_per_block", "weight_format",
            "engine.gpu_memory_utilization", "overhead.per_layer_us", "policy.prefill_slack",
            "planning.tp", "slo.attainment_goal", "workload.rounds",
        ] {
            #expect(keys.contains(key), "\(key)")
        }
        #expect(draft.assumptions.allSatisfy { !$0.source.isEmpty && !$0.value.isEmpty })
        #expect(!keys.contains("cluster.nodes"))
        let latency = draft.assumptions.first { $0.key == "cluster.transfer_latency_ms" }
        #expect(latency?.value == "20")
        #expect(latency?.source.hasPrefix("assumption") == true)
    }

    @Test("what is given is no assumption")
    func given() throws {
        let text = CaseSample.with("nodes: 2", as: "nodes: 2\n  transfer_latency_ms: 5.3")
        let draft = try CaseSample.parse(text)
        #expect(draft.platform?.pools[0].transfer.latency == .microseconds(5300))
        #expect(!draft.assumptions.contains { $0.key == "cluster.transfer_latency_ms" })
    }

    @Test("laws are read with their parameters, a bare number is a constant")
    func laws() throws {
        let draft = try CaseSample.parse(
            CaseSample.with(
                "template: agent",
                as: """
                    length_reading: per_round
                      rounds: {distribution: geometric, mean: 4}
                      prefill_tokens: {distribution: lognormal, mean: 700, cv: 0.6}
                      first_prefill_tokens: 1500
                      decode_tokens: {distribution: empirical, values: [10, 20.5, 30]}
                      environment_delay_s: {distribution: uniform, low: 0, high: 2.5}
                    """))
        guard case .synthetic(let sessions, let rate) = draft.workload else {
            Issue.record("not synthetic")
            return
        }
        #expect(rate.sessionsPerSecond == 1.5)
        #expect(sessions.rounds == .geometric(mean: 4))
        #expect(sessions.prefillTokens == .lognormal(mean: 700, cv: 0.6))
        #expect(sessions.firstPrefillTokens == .constant(1500))
        #expect(sessions.decodeTokens == .empirical([10, 20.5, 30]))
        #expect(sessions.environmentDelay == .uniform(low: 0, high: 2.5))
    }

    @Test("fitted families, tables and mixtures are laws too")
    func fittedLaws() throws {
        let draft = try CaseSample.parse(
            CaseSample.with(
                "template: agent",
                as: """
                    template: agent
                      rounds: {distribution: negative_binomial, mean: 4, cv: 1.2}
                      prefill_tokens:
                        distribution: mixture
                        components:
                          - {weight: 3, distribution: gamma, mean: 700, cv: 2}
                          - {weight: 0.5, distribution: pareto, low: 2000, high: 9000, tail_index: 1.1}
                          - {weight: 1, distribution: constant, value: 7}
                      first_prefill_tokens: {distribution: weibull, mean: 50, cv: 0.5}
                      decode_tokens:
                        distribution: quantiles
                        probabilities: [0, 0.5, 1]
                        values: [1, 20, 90]
                    """))
        guard case .synthetic(let sessions, _) = draft.workload else {
            Issue.record("not synthetic")
            return
        }
        #expect(sessions.rounds == .negativeBinomial(mean: 4, cv: 1.2))
        #expect(sessions.firstPrefillTokens == .weibull(mean: 50, cv: 0.5))
        #expect(
            sessions.decodeTokens == .quantiles(probabilities: [0, 0.5, 1], values: [1, 20, 90]))
        #expect(
            sessions.prefillTokens
                == .mixture([
                    .init(weight: 3, law: .gamma(mean: 700, cv: 2)),
                    .init(weight: 0.5, law: .pareto(low: 2000, high: 9000, index: 1.1)),
                    .init(weight: 1, law: .constant(7)),
                ]))
    }

    @Test(
        "keys next to a template replace only their own law", arguments: ["agent", "rag", "chat"])
    func template(name: String) throws {
        let template = try #require(WorkloadLibrary.named(name))
        let draft = try CaseSample.parse(
            CaseSample.with("template: agent", as: "template: \(name)\n  decode_tokens: 99"))
        guard case .synthetic(let sessions, _) = draft.workload else {
            Issue.record("not synthetic")
            return
        }
        var expected = template.sessions
        expected.decodeTokens = .constant(99)
        #expect(sessions == expected)
    }

    @Test("a trace keeps its own rate unless one is given, and is found next to the case")
    func trace() throws {
        let text = CaseSample.with(
            "template: agent\n  rate_per_s: 1.5", as: "trace: data/a.jsonl\n  format: auto")
        let draft = try CaseFile.parse(
            text: text, fileName: "cases/one.yaml", catalog: CaseSample.catalog())
        let file = CaseDraft.FileReference(written: "data/a.jsonl", path: "cases/data/a.jsonl")
        #expect(draft.workload == .trace(file, format: .auto, rate: nil))
        #expect(draft.resolved == nil)
    }

    @Test("the preset of the paper leaves the bounds open")
    func preset() throws {
        let text = CaseSample.with("ttft_ms: 2000\n  itl_ms: 50", as: "preset: paper")
        #expect(
            try CaseSample.parse(text).service
                == .paperPreset(attainmentGoal: 0.9, headline: .roundJoint, itlStatistic: .mean))
    }

    @Test("default degrees stop at the size of a node")
    func degrees() throws {
        let text = CaseSample.with("nodes: 2", as: "nodes: 4\n  gpus_per_node: 2")
        #expect(try CaseSample.parse(text).planning.degrees.map(\.value) == [1, 2])
    }

    @Test("an unknown connector needs a latency and then earns a warning")
    func connector() throws {
        let engine = "engine: {connector: OwnConnector}\nworkload:"
        let text = CaseSample.with("workload:", as: engine)
        #expect(throws: CatalogError.self) { try CaseSample.parse(text) }
        let timed = text.replacing("nodes: 2", with: "nodes: 2\n  transfer_latency_ms: 3")
        let draft = try CaseSample.parse(timed)
        #expect(draft.engine.connector == "OwnConnector")
        #expect(draft.warnings.count == 1)
    }

    @Test("weights that a name calls fp8 are planned so, unless the case says otherwise")
    func namedFormat() throws {
        let name = "model: Qwen/Qwen3-235B-A22B-FP8"
        let model = "model: llama-3.1-70b"
        let named = try CaseSample.parse(CaseSample.with(model, as: name))
        #expect(named.platform?.weightFormat == .fp8Block)
        let stated = try CaseSample.parse(
            CaseSample.with(model, as: name + "\nweight_format: bf16"))
        #expect(stated.platform?.weightFormat == .bf16)
    }

    @Test(
        "probable mistakes are warnings",
        arguments: [
            ("name: sample", "name: sample\nweight_format: mxfp4", "mxfp4"),
            ("gpu: h20", "gpu: h20\n  gpus_per_node: 16", "usual 8"),
            ("template: agent", "template: agent\n  prefill_tokens: 90000", "length_reading"),
            ("slo:", "planning: {tp: [16]}\nslo:", "span"),
            ("slo:", "policy: {name: infercept}\nslo:", "host_kv_gib"),
            ("slo:", "engine: {data_parallel_ranks: 2}\nslo:", "ties 2 ranks"),
            ("slo:", "engine: {prompt_balance_steps: 5}\nslo:", "this case names none"),
            (
                "model: llama-3.1-70b",
                "model: qwen3-30b-a3b\nengine: {data_parallel_ranks: 2, prompt_pooling_steps: 5, prompt_pooling_share: 1}",
                "take no notice"
            ),
            (
                "slo:", "engine: {prompt_pooling_steps: 5, prompt_pooling_share: 1}\nslo:",
                "searches"
            ),
            ("slo:", "engine: {name: sglang, receive_interval_steps: 10}\nslo:", "searches"),
        ])
    func warnings(line: String, replacement: String, word: String) throws {
        let draft = try CaseSample.parse(CaseSample.with(line, as: replacement))
        #expect(draft.warnings.count == 1)
        #expect(draft.warnings.first?.contains(word) == true)
    }
}
