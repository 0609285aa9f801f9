import ChildProcesses
import Foundation
import Testing

@Suite("Every answer has every form")
struct OutputFormTests {
    /// Three in every test run, which all others are made like; all with AMPD_VERIFY.
    private static let forms =
        ProcessInfo.processInfo.environment["AMPD_VERIFY"] == nil
        ? ["json", "jsonl", "md"] : ["table", "wide", "json", "jsonl", "yaml", "csv", "md"]

    /// Commands that answer with rows, on the small case and what stands beside it.
    private static let commands: [[String]] = [
        ["plan", "case.yaml"], ["plan", "case.yaml", "--rates", "1/s,2/s"],
        ["simulate", "case.yaml", "--layout", "P:2x1,D:2x1"],
        [
            "simulate", "case.yaml", "--layout", "C:1x2", "--compare-policies",
            "colocated_v0,colocated_v1",
        ],
        ["check", "case.yaml", "--layout", "C:2x2"],
        ["explain", "plan.json"], ["tune", "plan.json"],
        ["compare", "plan.json", "plan.json", "--as-written"],
        ["export", "plan.json", "--target", "vllm", "--output", "out", "--force"],
        ["policy-table", "case.yaml", "--layout", "P:1x1,D:1x1", "--rates", "0.5"],
        ["list", "models"], ["list", "policies"], ["list", "rules"],
        ["profile", "cost", "--model", "llama-3.1-8b", "--gpu", "h200-sxm", "--decode", "8x1024"],
        ["profile", "coverage", "--model", "llama-3.1-8b", "--gpu", "h200-sxm", "--tp", "1"],
        ["profile", "operators", "--model", "llama-3.1-8b", "--tp", "1"],
        ["profile", "list", "--store", "store"], ["profile", "show", "--store", "store"],
        ["profile", "fit", "--store", "store", "--gpu", "h20-96gb"],
        ["profile", "import", "--store", "store", "timings.csv"],
        ["workload", "describe", "trace.jsonl"],
        ["workload", "import", "trace.jsonl", "--output", "sessions.jsonl"],
        ["workload", "fit", "trace.jsonl", "--output", "laws.yaml"],
        ["workload", "synth", "chat", "--sessions", "20", "--output", "drawn.jsonl"],
        ["workload", "mix", "a=chat@1/s", "--for", "1min", "--output", "mixed.jsonl"],
        ["workload", "validate", "trace.jsonl"],
        ["validate", "--measured", "measured.csv"],
    ]

    /// Runs of the first form serve the others.
    private func runs(_ command: [String]) -> [String] {
        let simulating = ["plan", "simulate", "check", "explain", "tune"]
        return simulating.contains(command[0]) ? ["--cache", "runs.sqlite"] : []
    }

    /// A folder with everything that a command reads.
    private func folder(for command: [String]) async throws -> Folder {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.text), "measured.csv": .text(Self.measured)])
        let script =
            switch command[0] {
            case "explain", "tune", "export", "compare":
                "ampd-plan plan case.yaml --output plan.json"
            case "workload": "ampd-plan workload synth chat --sessions 40 --output trace.jsonl"
            case "profile": Self.timings
            default: "true"
            }
        let made = try await Tool.shell(script + " >answer", in: folder)
        try #require(made.code == 0, "\(made.words)")
        return folder
    }

    private static let timings = """
        ampd-plan profile synth --store store --model llama-3.1-8b --gpu h20-96gb --tp 1 -o csv >rows
        ampd-plan profile export --store store --gpu h20-96gb --engine roofline \
            --engine-version "$(tail -1 rows | cut -d, -f4 | cut -d' ' -f2)" --output timings.csv
        """

    private static let measured = """
        id,model,gpu,engine,isl,osl,concurrency,tp_size,num_workers,ttft_ms,tpot_ms
        one,llama-3.1-8b,h200-sxm,vllm,1024,128,4,1,1,60,7
        two,llama-3.1-8b,h200-sxm,vllm,1024,128,8,1,1,90,8

        """

    @Test("of the same rows", arguments: commands)
    func forms(command: [String]) async throws {
        let folder = try await folder(for: command)
        var answers: [String: ChildProcess.Ending] = [:]
        for form in Self.forms {
            let answer = try await Tool.run(command + ["-o", form] + runs(command), in: folder)
            try #require([0, 1, 3].contains(answer.code), "\(form): \(answer.words)")
            #expect(!answer.text.contains("\u{1B}"), "\(form)")
            answers[form] = answer
        }
        let text = answers.mapValues(\.text)
        _ = try JSONSerialization.jsonObject(with: Data((text["json"] ?? "").utf8))
        let lines = (text["jsonl"] ?? "").split(separator: "\n")
        #expect(!lines.isEmpty)
        for line in lines {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
            #expect(object is [String: Any])
        }
        if let yaml = text["yaml"] { #expect(yaml.contains(/^(- )?\w+/)) }
        let markdown = (text["md"] ?? "").split(separator: "\n")
        #expect(markdown.allSatisfy { $0.hasPrefix("| ") && $0.hasSuffix(" |") })
        #expect(markdown[1].allSatisfy { "| -:".contains($0) })
        let widths = ["table", "wide"].compactMap { text[$0] }.map { form in
            form.split(separator: "\n").map(\.count).max() ?? 0
        }
        #expect(widths == widths.sorted())
        if let csv = text["csv"] { #expect(csv.split(separator: "\n").count >= 2) }
    }

    @Test("JSONL of a plan is a line for each plan, best first")
    func lines() async throws {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.text)])
        let whole = try await Tool.run(["plan", "case.yaml", "-o", "json"], in: folder)
        let answer = try await Tool.run(["plan", "case.yaml", "-o", "jsonl"], in: folder)
        let document = try JSONSerialization.jsonObject(with: whole.output) as? [String: Any]
        let plans = try #require(document?["plans"] as? [NSDictionary])
        let lines = try answer.text.split(separator: "\n").map { line in
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? NSDictionary
        }
        #expect(lines == plans)
    }

    @Test("the wide table has the columns of CSV, and the narrow one fewer")
    func wide() async throws {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.text)])
        let wide = try await Tool.run(["plan", "case.yaml", "-o", "wide"], in: folder).text
        let narrow = try await Tool.run(["plan", "case.yaml"], in: folder).text
        #expect(wide.contains("  e2e_p95_ms  ") && wide.contains("  kv_peak  "))
        #expect(!narrow.contains("e2e_p95_ms") && narrow.contains("milp_rank"))
    }
}
