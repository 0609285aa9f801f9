import ChildProcesses
import Foundation
import Testing

@Suite("Tenants on the command line")
struct TenantCommandTests {
    @Test("tenants are mixed, held against their own targets, and planned for")
    func tenants() async throws {
        let folder = try Folder()
        let targets = "tenants: [{name: chat, ttft_ms: 2000}, {name: batch, ttft_ms: 0.001}]"
        try folder.add([
            "own.jsonl": .text(
                (0..<40).map {
                    #"{"arrival_s": \#($0), "rounds": [{"new_tokens": 500, "output_tokens": 20}]}"#
                }.joined(separator: "\n")),
            "case.yaml": .text(
                SmallCase.trace("mixed.jsonl").replacing(
                    "itl_ms: 50", with: "itl_ms: 50\n  \(targets)")),
            "wrong.yaml": .text(
                SmallCase.trace("mixed.jsonl").replacing(
                    "itl_ms: 50", with: "itl_ms: 50\n  tenants: [{name: x}]")),
        ])
        func run(_ arguments: String...) async throws -> [String: Any] {
            let answer = try await Tool.run(arguments + ["-o", "json"], in: folder)
            #expect([0, 1].contains(answer.code), "\(answer.words)")
            return try #require(
                JSONSerialization.jsonObject(with: Data(answer.output)) as? [String: Any])
        }
        let mix = try await run(
            "workload", "mix", "chat=chat@1/s", "batch=own.jsonl", "--output", "mixed.jsonl")
        let loads = try #require(mix["tenants"] as? [[String: Any]])
        #expect(mix["window_s"] as? Double == 40)
        #expect(loads.map { $0["name"] as? String } == ["chat", "batch"])
        #expect(loads[1]["jobs"] as? Int == 40 && loads[1]["new_tokens"] as? Int == 20_000)
        // Once more through the importer.
        _ = try await run("workload", "import", "mixed.jsonl", "--output", "again.jsonl")
        #expect(try folder.text("again.jsonl").contains(#""tenant": "batch""#))
        let answer = try await run("simulate", "case.yaml", "--layout", "C:1x2", "--seed", "1")
        let found = try #require(answer["tenants"] as? [[String: Any]]).sorted {
            ($0["name"] as? String ?? "") > ($1["name"] as? String ?? "")
        }
        #expect(found.map { $0["ttft_limit_ms"] as? Double } == [2000, 0.001])
        let sessions = found.compactMap { $0["sessions"] as? Int }
        #expect(sessions.reduce(0, +) == answer["sessions_simulated"] as? Int)
        func attained(_ tenant: Int) -> Double? {
            let rules = found[tenant]["attainment"] as? [String: [String: Double]]
            return rules?["ttft_only"]?["value"]
        }
        #expect(attained(1) == 0 && (attained(0) ?? 0) > 0.9)
        let checks = try #require(answer["checks"] as? [[String: Any]])
        let failed = checks.filter { $0["verdict"] as? String == "fail" }
        #expect(failed.count >= 2 && failed.allSatisfy { $0["tenant"] as? String == "batch" })
        // A file of rounds says whose they are.
        _ = try await run("simulate", "case.yaml", "--layout", "C:1x2", "--rounds-out", "r.csv")
        let lines = try folder.text("r.csv").split(separator: "\n")
        #expect(lines[0].hasSuffix(",tpot_ms,tenant"))
        #expect(lines.dropFirst().allSatisfy { $0.hasSuffix(",chat") || $0.hasSuffix(",batch") })
        let plan = try await Tool.run(["plan", "case.yaml"], in: folder)
        #expect(plan.code == 1)
        let wrong = try await Tool.run(["simulate", "wrong.yaml", "--layout", "C:1x2"], in: folder)
        #expect(wrong.code == 65 && wrong.words.contains("expected also 'x' of slo.tenants"))
        let mistakes: [([String], Int32, String)] = [
            (["a=chat@1/s", "a=rag@1/s"], 64, "two tenants called 'a'"),
            (["a=chat"], 64, "tells no rate, expected one behind it: a=chat@1/s"),
            (["chat"], 64, "NAME=FILE"), (["a=none.jsonl"], 66, "none.jsonl"),
            (["a=mixed.jsonl"], 64, "is read by this command, or named twice"),
            (["a=chat@2"], 64, "found '2' behind @ and no file called 'chat@2', expected a rate"),
            (["a\nb=chat@1/s"], 64, "without control characters"),
            (["a=chat@1000/s", "--for", "90000s"], 65, "name a shorter window"),
        ]
        for (arguments, code, words) in mistakes {
            let refused = try await Tool.run(
                ["workload", "mix"] + arguments + ["--output", "mixed.jsonl"], in: folder)
            #expect(refused.code == code && refused.words.contains(words), "\(refused.words)")
        }
    }
}
