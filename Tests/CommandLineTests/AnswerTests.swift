import ChildProcesses
import Foundation
import Testing

@Suite("Answers are the same bytes every time and hold what they promise")
struct AnswerTests {
    /// A folder with the small case in it.
    private func smallCase() throws -> Folder {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.text)])
        return folder
    }

    private func json(_ data: Data) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private func plans(_ data: Data) throws -> [NSDictionary] {
        try #require(try json(data)["plans"] as? [NSDictionary])
    }

    @Test(
        "twice in a row and on any number of jobs",
        arguments: [
            ["plan", "case.yaml"], ["simulate", "case.yaml", "--layout", "P:2x1,D:1x2"],
            ["check", "case.yaml", "--layout", "C:2x2"],
        ])
    func determinism(_ command: [String]) async throws {
        let folder = try smallCase()
        let one = try await Tool.run(command + ["-o", "json", "--jobs", "1"], in: folder)
        #expect(one.code == 0)
        #expect(!one.output.isEmpty)
        for jobs in ["1", "3", "16"] {
            let other = try await Tool.run(command + ["-o", "json", "--jobs", jobs], in: folder)
            #expect(other.output == one.output)
        }
    }

    @Test("another seed is another sample")
    func seed() async throws {
        let folder = try smallCase()
        let command = ["simulate", "case.yaml", "--layout", "C:1x1", "-o", "json"]
        let one = try await Tool.run(command + ["--seed", "1"], in: folder)
        let two = try await Tool.run(command + ["--seed", "2"], in: folder)
        #expect(one.output != two.output)
    }

    @Test("a plan has every form, and each form its header")
    func forms() async throws {
        let folder = try smallCase()
        for (form, start) in [
            ("json", "{\n"), ("yaml", "apiVersion: ampd-plan/v1\n"),
            ("csv", "rank,layout,gpus,attainment,attainment_low,"),
            ("table", "llama-3.1-8b (bf16) on 4 x h200-sxm"),
        ] {
            let answer = try await Tool.run(["plan", "case.yaml", "-o", form], in: folder)
            #expect(answer.text.hasPrefix(start), "\(form)")
        }
    }

    @Test("the file of --output is the answer on standard output")
    func outputFile() async throws {
        let folder = try smallCase()
        let answer = try await Tool.run(
            ["plan", "case.yaml", "-o", "json", "--output", "plan.json"], in: folder)
        #expect(try folder.text("plan.json") == answer.text)
    }

    @Test("a written case gives the plans of the options that it was written from")
    func writtenCase() async throws {
        let folder = try Folder()
        let quick = try await Tool.run(
            ["plan", "-o", "json", "--write-case", "case.yaml"]
                + SmallCase.options(["--gpus": "2", "--finalists": "2"]), in: folder)
        let again = try await Tool.run(["plan", "case.yaml", "-o", "json"], in: folder)
        #expect(try plans(quick.output) == plans(again.output))
        #expect(try plans(quick.output).count == 3)
        let milp = try json(quick.output)["milp_objective"] as? Double
        #expect(milp == (try json(again.output)["milp_objective"] as? Double))
    }

    @Test(
        "sessions beyond the KV cache of a layout, or else beyond the model's context, fail the check by name",
        arguments: [
            (500_000, "KV cache for"), (100_000, "llama-3.1-8b has a context of 131072"),
        ])
    func tooLongSessions(prompt: Int, fragment: String) async throws {
        let folder = try Folder()
        let long =
            "length_reading: per_round\n  rounds: 2\n  prefill_tokens: \(prompt)\n"
            + "  decode_tokens: 10\n  environment_delay_s: 1"
        try folder.add(["case.yaml": .text(SmallCase.with("template: agent", as: long))])
        let check = try await Tool.run(
            ["check", "case.yaml", "--layout", "P:1x1,D:1x1", "-o", "json"], in: folder)
        #expect(check.code == 1)
        let findings = try #require(try json(check.output)["findings"] as? [[String: Any]])
        let failed = findings.filter { $0["severity"] as? String == "error" }
        #expect(failed.map { $0["rule"] as? String } == ["A011"])
        let message = failed.first?["message"] as? String ?? ""
        #expect(message.contains(fragment) && message.contains("at P95"), "\(message)")
    }

    @Test("every plan of a document can be checked by its rank")
    func checkedPlan() async throws {
        let folder = try smallCase()
        let answer = try await Tool.run(
            ["plan", "case.yaml", "-o", "json", "--output", "plan.json"], in: folder)
        for (index, plan) in try plans(answer.output).enumerated() {
            let check = try await Tool.run(
                ["check", "case.yaml", "plan.json", "--rank", "\(index + 1)", "-o", "json"],
                in: folder)
            #expect(try json(check.output)["layout"] as? String == plan["layout"] as? String)
            #expect(try json(check.output)["verdict"] as? String == plan["verdict"] as? String)
        }
    }

    @Test("plans of the highest rate are checked at it, and a closed loop has none to tell")
    func checkedRate() async throws {
        let folder = try Folder()
        let quick = SmallCase.with(
            "tp: [1, 2], finalists: 3, replications: 2",
            as: "tp: [1], finalists: 1, replications: 2, max_replications: 2, gpu_budget: 2")
        let closed = "template: agent\n  arrivals: closed\n  concurrency: 3"
        try folder.add([
            "case.yaml": .text(quick),
            "closed.yaml": .text(
                quick.replacing("template: agent\n  rate_per_s: 2", with: closed)),
        ])
        let answer = try await Tool.run(
            [
                "plan", "case.yaml", "--objective", "max-rate", "-o", "json", "--output",
                "plan.json",
            ],
            in: folder)
        let search = try #require(try json(answer.output)["search"] as? [String: Any])
        #expect(search["found"] as? Bool == true)
        #expect(search["rate_per_s"] as? Double ?? 0 > 2)
        // The plan names its objective where the case does not.
        let check = try await Tool.run(
            ["check", "case.yaml", "plan.json", "-o", "json"], in: folder)
        #expect(check.words.contains("note: checked at "))
        let best = try #require(try plans(answer.output).first)
        #expect(try json(check.output)["verdict"] as? String == best["verdict"] as? String)
        let fewest = try await Tool.run(
            ["plan", "closed.yaml", "--objective", "min-gpus", "-o", "json"], in: folder)
        let found = try #require(try json(fewest.output)["search"] as? [String: Any])
        #expect(found["rate_per_s"] is NSNull && found["gpus"] is Int)
        let refused = try await Tool.run(
            ["plan", "closed.yaml", "--objective", "max-rate"], in: folder)
        #expect(refused.code == 64 && refused.words.contains("workload.concurrency"))
    }

    @Test("a single GPU gets a co-located plan without a solution of the integer program")
    func singleGPU() async throws {
        let folder = try Folder()
        let answer = try await Tool.run(
            ["plan", "-o", "json", "--write-lp", "program.lp"]
                + SmallCase.options(["--gpus": "1"]), in: folder)
        #expect(answer.code == 0)
        #expect(try plans(answer.output).map { $0["layout"] as? String } == ["C:1x1"])
        #expect(try json(answer.output)["milp_objective"] is NSNull)
        #expect(answer.words.contains("--write-lp"))
        #expect(try folder.paths == [])
    }

    @Test("targets that no plan meets: exit code 1, and the nearest is printed")
    func missedTargets() async throws {
        let answer = try await Tool.run(
            ["plan"] + SmallCase.options(["--itl": "1us", "--gpus": "2"]), in: Folder())
        #expect(answer.code == 1)
        #expect(answer.text.contains("No plan meets the targets; the nearest, "))
    }
}
