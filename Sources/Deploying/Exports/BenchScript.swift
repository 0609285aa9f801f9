import ServingDomain
import Workloads

/// Writes the load that the plan was made for, as drawn sessions, and the commands that replay it.
struct BenchScript {
    let plan: ExportPlan
    /// Sessions that are written.
    static let sessions = 200

    var files: [ExportedFile] {
        let planning = plan.planningCase.planning
        let workload = plan.planningCase.workload
        let table = SessionGenerator(workload: workload, seed: planning.seed)
            .sessions(count: Self.sessions, rate: workload.rate)
        return [
            ExportedFile("sessions.jsonl", lines(table)),
            ExportedFile("bench.sh", script(table), isExecutable: true),
        ]
    }

    /// One turn on each line: of a session's first turn the time, of the others the delay, in milliseconds.
    private func lines(_ table: SessionTable) -> String {
        var text = ""
        for session in 0..<table.count {
            var delay: Int64?
            for round in table.rounds(of: session) {
                let time =
                    delay.map { "\"delay\":\($0.inMilliseconds)" }
                    ?? "\"timestamp\":\(table.arrivals[session].inMilliseconds)"
                text += "{\"session_id\":\"s\(session)\",\(time),"
                text += "\"input_length\":\(round.newTokens),"
                text += "\"output_length\":\(round.outputTokens)}\n"
                delay = round.delayAfter
            }
        }
        return text
    }

    private func script(_ table: SessionTable) -> String {
        let model = plan.model.shellWord
        let replay =
            [
                "aiperf", "profile", "--model", model, "--url", "\"${URL}\"",
                "--endpoint-type", "chat", "--streaming", "--tokenizer", model,
                "--input-file", "\"${here}/sessions.jsonl\"", "--custom-dataset-type",
                "mooncake_trace", "--extra-inputs", "ignore_eos:true",
            ] + (plan.planningCase.workload.arrivals == .closed ? closedLoop : ["--fixed-schedule"])
        let lines =
            [
                "#!/usr/bin/env bash",
                "# Replays the sessions of the plan against a deployment of it: first as sessions, then as",
                "# single requests of the same mean lengths and rate. Sessions are chats: a base model needs",
                "# a chat template, which the engine takes as --chat-template.",
            ] + plan.comments.split(separator: "\n").map(String.init) + [
                "set -euo pipefail", "URL=\"${1:-http://127.0.0.1:8000}\"",
                "here=\"$(cd \"$(dirname \"${BASH_SOURCE[0]}\")\" && pwd)\"", "",
                String.command(replay), "", String.command(single(table, model)), "",
            ]
        return lines.joined(separator: "\n")
    }

    private var closedLoop: [String] {
        ["--concurrency", "\(plan.planningCase.workload.concurrency ?? 1)"]
    }

    /// Every round as a request with its whole context, at the rate of rounds.
    private func single(_ table: SessionTable, _ model: String) -> [String] {
        let rounds = max(1, table.rounds.count)
        var (prompts, answers) = (0.0, 0.0)
        for session in 0..<table.count {
            var context = 0.0
            for round in table.rounds(of: session) {
                context += Double(round.newTokens)
                prompts += context
                answers += Double(round.outputTokens)
                context += Double(round.outputTokens)
            }
        }
        let workload = plan.planningCase.workload
        let perSession = Double(rounds) / Double(max(1, table.count))
        let rate = workload.rate.sessionsPerSecond * perSession
        let load =
            rate.isFinite
            ? ["--request-rate", "\((rate * 1000).rounded() / 1000)"]
            : ["--max-concurrency", "\(workload.concurrency ?? 1)"]
        return [
            "vllm", "bench", "serve", "--backend", "openai", "--endpoint", "/v1/completions",
            "--base-url", "\"${URL}\"", "--model", model,
            "--dataset-name", "random", "--random-input-len",
            "\(Int((prompts / Double(rounds)).rounded()))", "--random-output-len",
            "\(Int((answers / Double(rounds)).rounded()))", "--ignore-eos",
            "--num-prompts", "\(rounds)",
            "--seed", "\(plan.planningCase.planning.seed)", "--percentile-metrics",
            "ttft,tpot,itl", "--metric-percentiles", "50,95,99", "--save-result",
        ] + load
    }
}

extension Int64 {
    /// Nanoseconds in whole milliseconds.
    fileprivate var inMilliseconds: Int64 { (self + 500_000) / 1_000_000 }
}
