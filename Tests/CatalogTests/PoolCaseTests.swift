import Catalog
import ServingDomain
import Testing

@Suite("Cases with several pools of GPUs")
struct PoolCaseTests {
    private static let pools = """
        cluster:
          gpu: h20
          nodes: 2
          usd_per_gpu_hour: 1.2
          transfer_latency_ms: 3
        pools:
          - name: fast
            gpu: h100-sxm
            nodes: 1
            gpus_per_node: 4
            phases: prefill
            usd_per_gpu_hour: 2.5
            transfer_inter_node_gbytes_per_s: 7
          - gpu: l40s
            nodes: 3
            inter_node_gbytes_per_s: 10
        """

    private static func text(_ pools: String = pools, _ planning: String = "") -> String {
        CaseSample.with("cluster:\n  gpu: h20\n  nodes: 2", as: pools) + "\n" + planning
    }

    @Test("each pool has its type, links and price; the software path is the same for all")
    func pools() throws {
        let draft = try CaseSample.parse(Self.text())
        let pools = try #require(draft.platform).pools
        #expect(pools.map(\.name) == ["h20-96gb", "fast", "l40s"])
        #expect(pools.map(\.cluster.gpus) == [16, 4, 24])
        #expect(pools.map(\.cluster.pricePerGPUHour) == [1.2, 2.5, nil])
        #expect(pools.map(\.phases) == [[.prefill, .decode], [.prefill], [.prefill, .decode]])
        #expect(pools.allSatisfy { $0.transfer.latency == .milliseconds(3) })
        #expect(pools.map(\.transfer.interNode.bytesPerSecond) == [20e9, 7e9, 8e9])
        #expect(pools[1].hardware.name == "h100-sxm")
        // A tenth of a second is known of by the keys of the pool that leave it open.
        #expect(draft.assumptions.contains { $0.key == "pools[0].intra_node_gbytes_per_s" })
        #expect(!draft.assumptions.contains { $0.key == "pools[1].inter_node_gbytes_per_s" })
        #expect(draft.planning.degrees == TensorParallelDegree.usual)
    }

    @Test("what it writes it reads again")
    func roundTrip() throws {
        let planning = "planning: {parallelism: [1dp2, 16, 4dp2ep8]}"
        let draft = try CaseSample.parse(Self.text(Self.pools, planning))
        #expect(draft.planning.records.map(\.description) == ["1dp2", "16", "4dp2ep8"])
        let again = try CaseSample.parse(CaseDocument(draft).yaml)
        #expect(again.withoutNotes == draft.withoutNotes)
    }

    struct Broken: Sendable, CustomTestStringConvertible {
        let old: String
        let new: String
        let words: [String]

        var testDescription: String { new }
    }

    @Test(
        "what a pool cannot be is refused at its line",
        arguments: [
            Broken(old: "name: fast", new: "nam: fast", words: ["11:5", "pools[0].nam", "'name'"]),
            Broken(
                old: "name: fast", new: "name: Fast",
                words: ["11:11", "pools[0].name", "lower-case"]),
            Broken(old: "name: fast", new: "name: l40s", words: ["pools[1].name", "another pool"]),
            Broken(old: "gpu: l40s", new: "gpu: l41s", words: ["pools[1].gpu", "l40s"]),
            Broken(old: "    nodes: 3\n", new: "", words: ["pools[1].nodes", "1 to 4096"]),
            Broken(
                old: "phases: prefill", new: "phases: [prefill]",
                words: ["pools[0].phases", "one of both, prefill, decode"]),
            Broken(
                old: "  nodes: 2\n", new: "  nodes: 2\n  phases: prefill\n",
                words: []),
            Broken(
                old: "    nodes: 3", new: "    nodes: 3\n    transfer_contention: none",
                words: ["pools[1].transfer_contention"]),
        ])
    func refused(_ broken: Broken) throws {
        let text = Self.text(Self.pools.replacing(broken.old, with: broken.new))
        guard !broken.words.isEmpty else {
            // Decode workers have the third pool still.
            _ = try CaseSample.parse(text)
            return
        }
        let error = #expect(throws: CatalogError.self) { try CaseSample.parse(text) }
        let message = try #require(error).description
        for word in broken.words { #expect(message.contains(word), "\(message)") }
    }

    @Test("keys that need pools, or do not go with them, say so")
    func combinations() throws {
        func message(_ text: String) throws -> String {
            try #require(#expect(throws: CatalogError.self) { try CaseSample.parse(text) })
                .description
        }
        #expect(
            try message(CaseSample.with("nodes: 2", as: "nodes: 2\n  name: x"))
                .contains("absent without `pools`"))
        #expect(
            try message(CaseSample.with("nodes: 2", as: "nodes: 2\n  phases: decode"))
                .contains("without `pools`"))
        #expect(
            try message(Self.text(Self.pools, "planning: {objective: min_cost}"))
                .contains("pools[1].usd_per_gpu_hour"))
        #expect(
            try message(Self.text(Self.pools, "planning: {parallelism: [2dp64]}"))
                .contains("no worker above 24 GPUs"))
        #expect(
            try message(Self.text(Self.pools, "planning: {parallelism: [3]}"))
                .contains("planning.parallelism[0]"))
        #expect(
            try message(Self.text(Self.pools, "planning: {parallelism: [1dp2, 4, 1dp2]}"))
                .contains("planning.parallelism[2]"))
        let twice = try CaseSample.parse(
            Self.text(Self.pools, "planning: {parallelism: [4, 1dp2]}"))
        let kinds = try #require(twice.platform).pools
        let searched = twice.planning.workerKinds(of: .prefill, in: kinds, twice.engine.behaviour)
        #expect(Set(searched).count == searched.count && searched.count == 3 * 5)
        let again = try CaseSample.parse(CaseDocument(twice).yaml)
        #expect(again.planning == twice.planning)
        #expect(
            try message(
                Self.text(
                    Self.pools, "planning: {parallelism: [1dp2]}\nengine: {data_parallel_ranks: 2}")
            ).contains("beside `planning.parallelism`"))
        let nodes = Self.pools.replacing("    nodes: 3", with: "    nodes: 3\n    gpus_per_node: 2")
        #expect(try CaseSample.parse(Self.text(nodes)).warnings.isEmpty)
        let single = Self.pools.replacing(
            "  nodes: 2\n", with: "  nodes: 2\n  phases: prefill\n"
        ).replacing("  - gpu: l40s", with: "  - gpu: l40s\n    phases: prefill")
        #expect(try message(Self.text(single)).contains("a further pool for decode workers"))
    }
}
