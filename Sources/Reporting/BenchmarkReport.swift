public import ServingDomain
import Validating
import Workloads

/// A plan in the form of llm-d's Benchmark Report v0.2.1: predictions that other tools can plot.
public struct BenchmarkReport: Sendable {
    /// What the report says beside the figures.
    public struct Subject: Sendable {
        public var planningCase: Case
        public var layout: Deployment
        /// Name under which the model is published.
        public var model: String
        /// Digest of the plan document.
        public var digest: String
        public var toolVersion: String
        public var requests: Int
        public var sessions: Int

        public init(
            planningCase: Case, layout: Deployment, model: String, digest: String,
            toolVersion: String, requests: Int, sessions: Int
        ) {
            self.planningCase = planningCase
            self.layout = layout
            self.model = model
            self.digest = digest
            self.toolVersion = toolVersion
            self.requests = requests
            self.sessions = sessions
        }
    }

    private let subject: Subject
    private let figures: PlanPredictions

    public init(_ subject: Subject, _ figures: PlanPredictions) {
        self.subject = subject
        self.figures = figures
    }

    public var value: JSONValue {
        [
            "version": "0.2.1",
            "run": [
                "uid": .string(subject.digest),
                "description": "predicted by a simulator, not measured",
                "keywords": ["predicted", "ampd-plan"],
            ],
            "scenario": ["stack": .array(stack), "load": load],
            "results": results,
        ]
    }

    // MARK: Stack

    private var stack: [JSONValue] {
        switch subject.layout {
        case .disaggregated(let prefill, let decode):
            components(prefill, "prefill") + components(decode, "decode")
        case .colocated(let groups): components(groups, "replica")
        }
    }

    private func components(_ groups: [WorkerGroup], _ role: String) -> [JSONValue] {
        groups.enumerated().map { place, group in
            let label = place == 0 ? role : "\(role)-\(place + 1)"
            let engine = subject.planningCase.engine
            return [
                "metadata": [
                    "label": .string(label), "cfg_id": .string("\(subject.digest)-\(label)"),
                ],
                "standardized": [
                    "kind": "inference_engine", "tool": .string(engine.name),
                    "tool_version": .string(engine.version ?? "unknown"),
                    "role": .string(role), "replicas": .integer(group.replicas),
                    "model": ["name": .string(subject.model)],
                    "accelerator": accelerator(group),
                ],
                "native": ["args": [:], "envars": [:]],
            ]
        }
    }

    private func accelerator(_ group: WorkerGroup) -> JSONValue {
        let degrees = group.parallelism
        let gpu = subject.planningCase.pool(group.pool)?.hardware.name ?? group.pool
        return [
            "model": .string(gpu), "count": .integer(group.gpus.value),
            "parallelism": [
                "tp": .integer(degrees.tensor.value), "dp": .integer(degrees.data),
                "dp_local": .integer(degrees.data), "workers": 1,
                "ep": .integer(degrees.expert), "pp": .integer(degrees.pipeline),
            ],
        ]
    }

    // MARK: Load

    private var load: JSONValue {
        let workload = subject.planningCase.workload
        let table = SessionGenerator(workload: workload, seed: 1)
            .sessions(count: 400, rate: workload.rate)
        let rounds = Double(max(1, table.rounds.count))
        let input = Double(table.rounds.reduce(0) { $0 + Int($1.newTokens) }) / rounds
        let output = Double(table.rounds.reduce(0) { $0 + Int($1.outputTokens) }) / rounds
        let longest = (0..<table.count).map { table.rounds(of: $0).count }.max() ?? 1
        var standard: [String: JSONValue] = [
            "tool": "ampd-plan", "tool_version": .string(subject.toolVersion),
            "source": "sampled", "input_seq_len": length(input), "output_seq_len": length(output),
            "multi_turn": [
                "enabled": .bool(longest > 1),
                "max_turns": ["distribution": "other", "value": .integer(longest)],
            ],
        ]
        if let rate = figures.values[ServingFigure(.requestRate)]?.value {
            standard["rate_qps"] = .number(rounded(rate, 6))
        } else if let concurrency = workload.concurrency {
            standard["concurrency"] = .integer(concurrency)
        }
        return [
            "metadata": ["cfg_id": .string(subject.digest), "description": "predicted"],
            "standardized": .object(standard),
            "native": ["config": .string(subject.planningCase.name)],
        ]
    }

    /// The mean over 400 drawn sessions.
    private func length(_ mean: Double) -> JSONValue {
        ["distribution": "other", "value": .number(rounded(mean, 3))]
    }

    // MARK: Results

    private var results: JSONValue {
        var aggregate: [String: JSONValue] = [
            "requests": ["total": .integer(subject.requests)],
            "latency": .object(latencies),
        ]
        let rates = throughput
        if !rates.isEmpty { aggregate["throughput"] = .object(rates) }
        var sessions: [String: JSONValue] = ["total": .integer(subject.sessions)]
        sessions["session_duration"] = statistics(.session, "ms")
        return [
            "request_performance": ["aggregate": .object(aggregate)],
            "session_performance": ["sessions": .object(sessions)],
        ]
    }

    private var latencies: [String: JSONValue] {
        let names: [(String, ServingFigure.Metric, String)] = [
            ("time_to_first_token", .ttft, "ms"), ("inter_token_latency", .itl, "ms/token"),
            ("time_per_output_token", .tpot, "ms/token"),
        ]
        var found: [String: JSONValue] = [:]
        for (name, metric, unit) in names { found[name] = statistics(metric, unit) }
        return found
    }

    /// Nil without a mean, which the form demands.
    private func statistics(_ metric: ServingFigure.Metric, _ unit: String) -> JSONValue? {
        var members: [String: JSONValue] = ["units": .string(unit)]
        for statistic in ServingFigure.Statistic.allCases {
            if let value = figures.values[ServingFigure(metric, statistic)]?.value {
                members[statistic.rawValue] = .number(value)
            }
        }
        return members["mean"] == nil ? nil : .object(members)
    }

    private var throughput: [String: JSONValue] {
        let names: [(String, ServingFigure.Metric, String)] = [
            ("request_rate", .requestRate, "queries/s"),
            ("output_token_rate", .outputRate, "tokens/s"),
        ]
        var found: [String: JSONValue] = [:]
        for (name, metric, unit) in names {
            guard let value = figures.values[ServingFigure(metric)]?.value else { continue }
            found[name] = ["units": .string(unit), "mean": .number(rounded(value, 6))]
        }
        return found
    }
}
