/// A case that is planned in well under a second, and variations of it.
enum SmallCase {
    static let text = """
        apiVersion: ampd-plan/v1
        kind: Case
        name: small
        model: llama-3.1-8b
        cluster:
          gpu: h200-sxm
          nodes: 1
          gpus_per_node: 4
        workload:
          template: agent
          rate_per_s: 2
        slo:
          ttft_ms: 2000
          itl_ms: 50
        planning: {tp: [1, 2], finalists: 3, replications: 2, sessions: 20}

        """

    /// The case with one text replaced.
    static func with(_ old: String, as new: String) -> String {
        text.replacing(old, with: new)
    }

    /// The case with a trace instead of a template.
    static func trace(_ path: String) -> String {
        with("template: agent", as: "trace: \(path)")
    }

    /// The case with a workload file instead of a template.
    static func workload(file path: String) -> String {
        with("template: agent", as: "file: \(path)")
    }

    /// Options that describe a case without a file.
    static func options(_ changes: [String: String] = [:]) -> [String] {
        let usual = [
            ("--model", "llama-3.1-8b"), ("--gpu", "h200-sxm"), ("--gpus", "4"),
            ("--template", "agent"), ("--rate", "2/s"), ("--ttft", "2s"), ("--itl", "50ms"),
        ]
        let others = changes.filter { change in !usual.contains { $0.0 == change.key } }
        return usual.flatMap { [$0.0, changes[$0.0] ?? $0.1] }
            + others.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
    }
}
