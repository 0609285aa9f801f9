import Catalog
import Foundation
import Scheduling
import ServingDomain
import Testing

@Suite("Files of stated costs, and the cases that name them")
struct CostModelFileTests {
    private static let whole = """
        {"case": "peer", "time_unit": "ms", "prefill_instances": 3, "decode_instances": 1,
         "prefill_max_batch": null, "decode_token_cap": 50000,
         "prefill": {"a": 15, "b_per_token": 0.25, "c_per_token_squared": 2e-06, "constant_extra": 1},
         "decode": {"threshold_batch": 95,
          "small": {"a": 14, "b_per_context_token": 0.0004, "c_per_request": 0.05},
          "large": {"a": 10, "b_per_context_token": 0.0004, "c_per_request": 0.09}},
         "kv_transfer_ms": 0.25, "engine_overhead_ms": {"base": 2, "per_context_token": 0.0001},
         "rates_per_s": [2, 4.5]}
        """

    private func parse(_ text: String) throws(CatalogError) -> CostModelFile {
        try CostModelFile.parse(bytes: Array(text.utf8), fileName: "costs.json")
    }

    @Test("every key is read, milliseconds as nanoseconds")
    func keys() throws {
        let file = try parse(Self.whole)
        #expect(file.name == "peer")
        #expect(file.layout?.description == "P:1x3,D:1x1")
        #expect(file.settings == ["prefill_max_batch": 0, "decode_token_cap": 50_000])
        #expect(file.transfer == .microseconds(250))
        #expect(file.rates == [2, 4.5])
        #expect(file.costs.overhead == StepOverhead(base: 2e6, perContextToken: 100))
        guard case .polynomial(let prefill) = file.costs.prefill,
            case .lines(95, let small, let large) = file.costs.decode
        else {
            Issue.record("other forms")
            return
        }
        #expect(prefill.constant == 16e6 && prefill.perToken == 2.5e5)
        #expect(abs(prefill.perTokenSquared - 2) < 1e-12)
        #expect(small.constant == 14e6 && large.constant == 10e6)
        #expect(small.perContextToken == 400 && large.perSequence == 0.09 * 1e6)
    }

    @Test("two keys are enough, in each form")
    func forms() throws {
        let short = try parse("{\"prefill\": {\"constant\": 5}, \"decode\": {\"constant\": 2}}")
        #expect(short.costs == ExplicitCosts(prefill: .constant(5e6), decode: .constant(2e6)))
        #expect(short.layout == nil && short.transfer == nil && !short.hasOverhead)
        let tables = try parse(
            """
            prefill: {table: [[300, 0, 4], [100, 1000, 2], [100, 0, 1]]}
            decode: {a: 1, b_per_context_token: 0, c_per_request: -0.5}
            """)
        guard case .table(let table) = tables.costs.prefill else {
            Issue.record("no table")
            return
        }
        #expect(table.rows.map(\.x) == [100, 300])
        #expect(table.rows[0].points.map(\.nanoseconds) == [1e6, 2e6])
    }

    @Test(
        "what is wrong is named with its place",
        arguments: [
            ("\"base\": 2", "\"bse\": 2", "engine_overhead_ms.bse"),
            ("\"time_unit\": \"ms\"", "\"time_unit\": \"us\"", "time_unit"),
            ("\"case\": \"peer\"", "\"cases\": \"peer\"", "unknown key 'cases'"),
            ("\"a\": 15, ", "", "prefill.a"),
            ("\"a\": 15", "\"a\": \"x\"", "prefill.a"),
            ("0.0004, \"c_per_request\": 0.05", "-1, \"c_per_request\": 0.05", "small.b_per"),
            ("\"threshold_batch\": 95", "\"threshold_batch\": 0", "decode.threshold_batch"),
            ("\"threshold_batch\": 95", "\"constant\": 1", "decode.small"),
            ("\"decode_instances\": 1,", "", "decode_instances"),
            ("[2, 4.5]", "[2, -1]", "rates_per_s"),
            ("\"kv_transfer_ms\": 0.25", "\"kv_transfer_ms\": -1", "kv_transfer_ms"),
            (
                "\"constant_extra\": 1}", "\"table\": [[1, 0, 1]]}",
                "prefill.table"
            ),
        ])
    func broken(old: String, new: String, words: String) throws {
        #expect(Self.whole.contains(old))
        let error = #expect(throws: CatalogError.self) {
            try parse(Self.whole.replacing(old, with: new))
        }
        #expect(error.map { "\($0)".contains(words) && "\($0)".contains("costs.json:") } == true)
    }

    @Test(
        "tables need three numbers a row, each point once, and times that do not fall",
        arguments: ["[[1, 0]]", "[]", "[[1, 0, 1], [1, 0, 2]]", "[[1, 0, 2], [1, 9, 1]]", "[5]"])
    func brokenTables(rows: String) {
        let text = "{\"prefill\": {\"table\": \(rows)}, \"decode\": {\"constant\": 2}}"
        #expect(throws: CatalogError.self) { try parse(text) }
    }

    // MARK: Cases

    /// A case on a cost model file in a folder of its own.
    private func draft(_ costs: String = whole, _ change: (String, String) = ("", "")) throws
        -> CaseDraft
    {
        let folder = FileManager.default.temporaryDirectory
            .appending(component: "ampd-plan-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(costs.utf8).write(to: folder.appending(path: "costs.json"))
        let text = Self.caseText.replacing(change.0, with: change.1)
        let name = folder.appending(path: "case.yaml").path
        let draft = try CaseFile.parse(
            text: text, fileName: name, catalog: CaseSample.catalog())
        let again = try CaseFile.parse(
            text: CaseDocument(draft).yaml, fileName: name, catalog: CaseSample.catalog())
        #expect(again.withoutNotes == draft.withoutNotes)
        return draft
    }

    private static let caseText = """
        apiVersion: ampd-plan/v1
        kind: Case
        name: stated
        cost_model: {file: costs.json}
        workload: {template: rag, rate_per_s: 2}
        slo: {ttft_ms: 500, itl_ms: 30}
        """

    @Test("a case with stated costs needs no model and no GPU, and says what that leaves open")
    func bareCase() throws {
        let draft = try draft(Self.whole.replacing("50000", with: "40000"))
        #expect(draft.platform == nil)
        #expect(draft.layout?.description == "P:1x3,D:1x1")
        #expect(draft.policy[.decodeTokenCap] == 40_000 && draft.policy[.prefillMaxBatch] == 0)
        #expect(draft.engine.maxSequences == 65_536)
        #expect(draft.statedCosts?.includesOverhead == true)
        let keys = draft.assumptions.map(\.key)
        for key in [
            "cost_model.engine_overhead", "cost_model.kv_capacity_tokens", "layout",
            "policy.decode_token_cap", "engine.max_sequences",
        ] {
            #expect(keys.contains(key), "\(key)")
        }
        let question = draft.question(
            workload: Workload(
                sessions: .recorded(SessionTable()), rate: Rate(sessionsPerSecond: 1)),
            service: ServiceLevel(ttft: .seconds(1), itl: .seconds(1)))
        #expect(question.kvCapacity(WorkerKind(.one)) == .unlimited)
    }

    @Test("with a model and a cluster memory comes from the GPUs, unless a capacity is stated")
    func platform() throws {
        let gpus = "model: llama-3.1-8b\ncluster: {gpu: h20, nodes: 1}\nworkload"
        let derived = try draft(Self.whole, ("workload", gpus))
        #expect(derived.platform?.model.name == "llama-3.1-8b")
        #expect(derived.statedCosts?.kvCapacity == nil)
        #expect(derived.engine.overhead == .none)
        #expect(!derived.assumptions.contains { $0.key.hasPrefix("overhead.") })
        let stated = try draft(
            Self.whole, ("costs.json}", "costs.json, kv_capacity_tokens: 999}\n"))
        #expect(stated.statedCosts?.kvCapacity == 999)
    }

    @Test("host time may be left out where the file has one, and not where it has none")
    func overhead() throws {
        let without = ("costs.json}", "costs.json, engine_overhead: exclude}")
        #expect(try draft(Self.whole, without).statedCosts?.costs.overhead == StepOverhead.none)
        #expect(throws: CatalogError.self) {
            try draft("{prefill: {constant: 1}, decode: {constant: 1}}", without)
        }
    }

    @Test("host time of the case's own does not stand beside stated costs")
    func ownOverhead() throws {
        let own = "engine: {overhead: {per_step_us: 5}}\nworkload"
        let gpus = "model: llama-3.1-8b\ncluster: {gpu: h20, nodes: 1}\n"
        for (keys, advice) in [(own, "absent without `model`"), (gpus + own, "a `cost_model`")] {
            let error = #expect(throws: CatalogError.self) {
                try draft(Self.whole, ("workload", keys))
            }
            #expect(error?.description.contains("engine.overhead.per_step_us") == true)
            #expect(error?.description.contains(advice) == true, "\(error?.description ?? "")")
        }
    }

    @Test("a layout or a rate that the file was not made for gets a warning")
    func strangeChoices() throws {
        #expect(try draft().warnings == [])
        let layout = try draft(Self.whole, ("workload", "layout: P:2x1,D:2x1\nworkload"))
        #expect(layout.warnings.contains { $0.contains("P:1x3,D:1x1") })
        let rate = try draft(Self.whole, ("rate_per_s: 2", "rate_per_s: 3"))
        #expect(rate.warnings.contains { $0.contains("rates_per_s") })
    }

    @Test(
        "keys of a platform are refused without one, and half a platform is none",
        arguments: [
            ("workload", "weight_format: fp8\nworkload"),
            ("workload", "engine: {name: vllm}\nworkload"),
            ("workload", "planning: {tp: [1]}\nworkload"),
            ("workload", "model: llama-3.1-8b\nworkload"),
            ("workload", "cluster: {gpu: h20, nodes: 1}\nworkload"),
            ("workload", "layout: P4\nworkload"),
            ("cost_model: {file: costs.json}", ""), ("costs.json", "none.json"),
        ])
    func refused(old: String, new: String) {
        #expect(throws: CatalogError.self) { try draft(Self.whole, (old, new)) }
    }
}
