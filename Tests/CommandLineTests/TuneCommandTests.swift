import ChildProcesses
import Foundation
import Testing

@Suite("Tuning a plan")
struct TuneCommandTests {
    @Test("what was tried, what it gains and ready values, as words, JSON and CSV")
    func tunes() async throws {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.text)])
        _ = try await Tool.run(
            ["plan", "case.yaml", "--incumbent", "P:1x2,D:1x2", "--output", "plan.json"],
            in: folder)
        let plan = try #require(
            try JSONSerialization.jsonObject(with: Data(folder.text("plan.json").utf8))
                as? [String: Any])
        let layouts = try #require(plan["plans"] as? [[String: Any]])
            .compactMap { $0["layout"] as? String }
        let place = try #require(layouts.firstIndex(of: "P:1x2,D:1x2"))
        let arguments = ["tune", "plan.json", "--rank", "\(place + 1)", "--cache", "runs.sqlite"]
        let answer = try await Tool.run(arguments + ["-o", "json"], in: folder)
        #expect(answer.code == 0, "\(answer.words)")
        let document = try #require(
            try JSONSerialization.jsonObject(with: answer.output) as? [String: Any])
        #expect(document["kind"] as? String == "Tuning")
        #expect(document["layout"] as? String == "P:1x2,D:1x2")
        let sweeps = try #require(document["sweeps"] as? [[String: Any]])
        #expect(sweeps.first?["key"] as? String == "policy.prefill_slack")
        #expect(sweeps.allSatisfy { ($0["values"] as? [Any])?.isEmpty == false })
        let ready = try #require(document["ready_values"] as? [[String: String]])
        #expect(ready.contains { $0["system"] == "llm-d" && $0["value"] != nil })
        let words = try await Tool.run(arguments, in: folder)
        #expect(words.text.contains("Ready value for llm-d: nonCachedTokens"))
        let csv = try await Tool.run(arguments + ["-o", "csv"], in: folder)
        #expect(csv.text.hasPrefix("setting,value,unit,attainment,p95_over_target,"))
        let none = try await Tool.run(["tune", "plan.json", "--rank", "99"], in: folder)
        #expect(none.code == 65)
    }
}
