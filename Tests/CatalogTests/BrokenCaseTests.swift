import Catalog
import Testing

@Suite("A broken case file is refused at its line")
struct BrokenCaseTests {
    struct Broken: Sendable, CustomTestStringConvertible {
        let line: String
        let replacement: String
        /// Place as the message begins, after the file name.
        let place: String
        /// Words that the message must contain.
        let words: [String]

        init(_ line: String, _ replacement: String, _ place: String, _ words: String...) {
            self.init(line, replacement, place, words)
        }

        init(_ line: String, _ replacement: String, _ place: String, _ words: [String]) {
            self.line = line
            self.replacement = replacement
            self.place = place
            self.words = words
        }

        /// A law of the decode tokens that cannot be.
        static func law(_ distribution: String, _ place: String, _ words: String...) -> Self {
            Self(
                "template: agent",
                "template: agent\n  decode_tokens: {distribution: \(distribution)}", place, words)
        }

        var testDescription: String { replacement }
    }

    static let unknownKeys = [
        Broken("nodes: 2", "noes: 2", "7:3", "cluster.noes", "'nodes'"),
        Broken("gpu: h20", "gpus: h20", "6:3", "cluster.gpus", "'gpu'"),
        Broken("name: sample", "nodes: 3", "3:1", "'nodes'", "'cluster.nodes'"),
        Broken("ttft_ms: 2000", "ttft: 2000", "12:3", "slo.ttft", "'ttft_ms'"),
        Broken("rate_per_s: 1.5", "rate: 1.5", "10:3", "workload.rate", "'rate_per_s'"),
        Broken("slo:", "slos:", "11:1", "'slos'", "'slo'"),
        Broken("kind: Case", "sessions: 400", "2:1", "'planning.sessions'"),
        Broken("name: sample", "zzzzzzzzzzzz: 1", "3:1", "known here", "weight_format"),
        Broken(
            "template: agent", "rounds: {distribution: constant, valu: 3}", "9:36",
            "workload.rounds.valu", "'value'"),
    ]

    static let laws: [Broken] = [
        .law("weibull, mean: 5, cv: 0.001", "10:55", "at least 0.01"),
        .law("pareto, low: 9, high: 9, tail_index: 1", "10:55", "above low"),
        .law("negative_binomial, mean: 5, cv: 0.2", "10:65", "0.4", "Poisson"),
        .law("negative_binomial, mean: 1, cv: 2", "10:58", "above 1"),
        .law("quantiles, probabilities: [0, 0.9], values: [1, 2]", "10:59", "from 0 to 1"),
        .law("quantiles, probabilities: [0, 1], values: [2, 1]", "10:75", "2 numbers in ascending"),
        .law(
            "mixture, components: [{distribution: constant, value: 3}]", "10:55",
            "components[0].weight"),
        .law(
            "mixture, components: [{weight: 1, distribution: mixture, components: [3]}]", "10:90",
            "components[0].components"),
        .law("mixture, components: []", "10:54", "1 to 100 sections"),
    ]

    static let values: [Broken] = [
        Broken(
            "template: agent", "template: agent\n  arrivals: markov_modulated\n  burst_ratio: 3",
            "8:1", "workload.burst_share", "share of the time"),
        Broken(
            "template: agent", "template: agent\n  arrivals: profile\n  rate_profile: [0, 0]",
            "11:17", "above 0 among them"),
        Broken(
            "template: agent", "template: agent\n  arrivals: weibull\n  burst_s: 3", "11:12",
            "absent without `arrivals: markov_modulated`"),
        Broken("nodes: 2", "nodes: 0", "7:10", "'cluster.nodes' is '0'", "1 to 4096"),
        Broken("nodes: 2", "nodes: two", "7:10", "'two'", "whole number"),
        Broken("nodes: 2", "nodes: \"2\"", "7:10", "text \"2\""),
        Broken("nodes: 2", "nodes: 2.5", "7:10", "'2.5'"),
        Broken("nodes: 2", "nodes:", "7:9", "empty", "whole number"),
        Broken("nodes: 2", "nodes: 010", "7:10", "'010'"),
        Broken("rate_per_s: 1.5", "rate_per_s: -1", "10:15", "'-1'", "from 1e-06"),
        Broken("rate_per_s: 1.5", "rate_per_s: 0", "10:15", "from 1e-06"),
        Broken("rate_per_s: 1.5", "rate_per_s: .nan", "10:15", "'.nan'"),
        Broken("rate_per_s: 1.5", "rate_per_s: nan", "10:15", "'nan'"),
        Broken("rate_per_s: 1.5", "rate_per_s: inf", "10:15", "'inf'"),
        Broken("rate_per_s: 1.5", "rate_per_s: 1e400", "10:15", "'1e400'"),
        Broken("ttft_ms: 2000", "ttft_ms: 1e-9", "12:12", "nanosecond"),
        Broken(
            "itl_ms: 50", "itl_ms: 50\n  attainment_goal: 1.01", "14:20", "above 0 and at most 1"),
        Broken(
            "nodes: 2", "nodes: 2\nengine: {expert_parallel: 2}", "8:27", "no routed experts"),
        Broken(
            "model: llama-3.1-70b", "model: mixtral-8x7b\nengine: {expert_parallel: 3}", "5:27",
            "power of two that divides the 8 experts"),
        Broken(
            "template: agent", "template: agent\n  prefix_groups: 0\n  prefix_tokens: 5", "10:18",
            "1 to 100000"),
        Broken(
            "template: agent", "template: agent\n  arrivals: gama\n  arrival_cv: 2", "10:13",
            "'gama'", "gamma"),
        Broken(
            "template: agent", "template: agent\n  arrivals: gamma\n  arrival_cv: 0", "11:15",
            "0.01 to 100"),
        Broken(
            "template: agent", "template: agent\n  concurrency: 0", "10:16", "1 to 1000000"),
        Broken("itl_ms: 50", "itl_ms: [50]", "13:11", "a list of 1"),
        Broken("kind: Case", "kind: Plan", "2:7", "'Plan'", "one of Case"),
        Broken("ampd-plan/v1", "ampd-plan/v2", "1:13", "ampd-plan/v1"),
        Broken("itl_ms: 50", "itl_ms: 50\n  tenants: []", "14:12", "1 to 64 sections"),
        Broken(
            "itl_ms: 50", "itl_ms: 50\n  tenants: [{ttft_ms: 5}]", "14:13", "slo.tenants[0].name"),
        Broken(
            "itl_ms: 50", "itl_ms: 50\n  tenants: [{name: a, ttft_ms: 0}]", "14:32", "above 0"),
        Broken(
            "itl_ms: 50", "itl_ms: 50\n  tenants: [{name: a, tpot_ms: 1}]", "14:23",
            "slo.tenants[0].tpot_ms"),
        Broken(
            "itl_ms: 50", "itl_ms: 50\n  tenants: [{name: a}, {name: a}]", "14:31",
            "each tenant once"),
        Broken("slo:", "planning: {objective: best}\nslo:", "11:23", "min_gpus"),
        Broken("slo:", "planning: {gpu_budget: 17}\nslo:", "11:24", "16 GPUs"),
        Broken("slo:", "planning: {max_replications: 3}\nslo:", "11:30", "no fewer"),
        Broken("slo:", "planning: {tie_weight: 0}\nslo:", "11:24", "above 0"),
        Broken(
            "slo:", "planning: {objective: min_gpus, gpu_use: all}\nslo:", "11:42", "up_to"),
        Broken("slo:", "planning: {tp: [3]}\nslo:", "11:16", "powers of two"),
        Broken("slo:", "planning: {tp: [2, 2]}\nslo:", "11:16", "different"),
        Broken("slo:", "planning: {tp: [64]}\nslo:", "11:16", "16 GPUs"),
        Broken("slo:", "planning: {sessions: 9}\nslo:", "11:22", "10 to 1000000"),
        Broken("slo:", "policy: none\nslo:", "11:9", "section"),
        Broken("gpu: h20", "gpu: h10", "6:8", "'h10'", "h20"),
        Broken("model: llama-3.1-70b", "model: lama-3.1-70b", "4:8", "llama-3.1-70b"),
        Broken("workload:", "engine: {name: vlm}\nworkload:", "8:16", "vllm"),
        Broken(
            "template: agent", "rounds: {distribution: normal, mean: 3}", "9:26", "'normal'",
            "lognormal"),
        Broken(
            "template: agent", "rounds: {distribution: geometric, mean: 0.5}", "9:43", "'0.5'"),
        Broken(
            "template: agent", "rounds: {distribution: constant, mean: 5}", "9:11",
            "workload.rounds.value"),
        Broken(
            "template: agent",
            "template: agent\n  prefill_tokens: {distribution: lognormal, mean: 5, cv: 1, low: 2}",
            "10:66", "mean and cv"),
        Broken(
            "template: agent",
            "template: agent\n  decode_tokens: {distribution: uniform, low: 5, high: 2}", "10:56",
            "not below low"),
        Broken(
            "template: agent",
            "template: agent\n  decode_tokens: {distribution: empirical, values: [1, 2, -3]}",
            "10:59", "workload.decode_tokens.values[2]", "'-3'"),
        Broken(
            "template: agent",
            "template: agent\n  decode_tokens: {distribution: empirical, values: []}", "10:52",
            "list of numbers"),
    ]

    static let combinations = [
        Broken("template: agent", "rounds: 3", "8:1", "workload.length_reading"),
        Broken("template: agent", "trace: x\n  rounds: 3", "10:11", "next to `trace`"),
        Broken("template: agent", "template: agent\n  format: auto", "10:11", "without `trace`"),
        Broken("  rate_per_s: 1.5\n", "", "8:1", "workload.rate_per_s"),
        Broken("itl_ms: 50", "preset: paper", "12:12", "next to `preset`"),
        Broken("  itl_ms: 50", "", "11:1", "slo.itl_ms", "preset: paper"),
        Broken(
            "template: agent",
            "template: agent\n  length_reading: per_session\n  first_prefill_tokens: 9", "11:25",
            "per_round"),
        Broken("  nodes: 2\n", "", "5:1", "cluster.nodes", "missing"),
        Broken(
            "template: agent", "template: agent\n  prefix_groups: 3", "8:1",
            "workload.prefix_tokens", "a number or a distribution"),
        Broken(
            "template: agent", "template: agent\n  prefix_tokens: 800", "10:18",
            "without `prefix_groups`"),
        Broken(
            "template: agent", "template: agent\n  prefix_popularity: zipf", "10:22",
            "without `prefix_groups`"),
        Broken(
            "template: agent", "template: agent\n  arrivals: replay", "10:13", "without `trace`"),
        Broken(
            "template: agent", "template: agent\n  arrivals: gamma", "8:1", "workload.arrival_cv"),
        Broken(
            "template: agent", "template: agent\n  arrival_cv: 2", "10:15",
            "without `arrivals: gamma`"),
        Broken(
            "template: agent", "template: agent\n  arrivals: closed\n  concurrency: 5", "12:15",
            "closed loop"),
        Broken(
            "template: agent", "template: agent\n  fanout_depth: 2", "10:17", "without `fanout`"),
        Broken("template: agent", "trace: x\n  fanout: 3", "10:11", "next to `trace`"),
        Broken("ttft_ms: 2000\n  itl_ms: 50", "preset: paper\n  job_ms: 9", "13:11", "`preset`"),
        Broken("rate_per_s: 1.5", "arrivals: closed", "8:1", "workload.concurrency"),
        Broken("rate_per_s: 1.5", "concurrency: 5", "8:1", "workload.rate_per_s"),
        Broken("template: agent", "trace: x\n  prefix_groups: 3", "10:18", "next to `trace`"),
        Broken("slo:", "policy: {table: a.json}\nslo:", "11:17", "ampd has no use for it"),
        Broken(
            "slo:", "policy: {name: kairos, deflection_factor: 0.5}\nslo:", "11:43", "1 to 1000"),
        Broken("model: llama-3.1-70b\n", "", "1:1", "'model' is missing"),
    ]

    @Test("an unknown key, with the nearest known one", arguments: unknownKeys)
    func unknownKey(_ broken: Broken) { check(broken) }

    @Test("a value of the wrong type or outside its range", arguments: values + laws)
    func value(_ broken: Broken) { check(broken) }

    @Test("keys that do not go together", arguments: combinations)
    func combination(_ broken: Broken) { check(broken) }

    private func check(_ broken: Broken) {
        let text = CaseSample.with(broken.line, as: broken.replacement)
        #expect(text != CaseSample.minimal)
        let error = #expect(throws: CatalogError.self) { try CaseSample.parse(text) }
        let message = error?.description ?? ""
        #expect(message.hasPrefix("sample.yaml:\(broken.place):"), "\(message)")
        for word in broken.words { #expect(message.contains(word), "\(message)") }
    }
}
