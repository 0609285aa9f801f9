import ChildProcesses
import Foundation
import Testing

@Suite("Explaining a plan")
struct ExplainCommandTests {
    /// A folder with a small case and the plan of it.
    private func planned() async throws -> Folder {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.text)])
        let answer = try await Tool.run(
            ["plan", "case.yaml", "--output", "plan.json"], in: folder)
        #expect(answer.code == 0, "\(answer.words)")
        return folder
    }

    @Test("the layout, its headroom, co-located workers and a layout that was asked about")
    func explains() async throws {
        let folder = try await planned()
        let answer = try await Tool.run(
            ["explain", "plan.json", "--why-not", "P:1x9,D:1x1", "-o", "json"], in: folder)
        #expect(answer.code == 0, "\(answer.words)")
        let document = try #require(
            try JSONSerialization.jsonObject(with: answer.output) as? [String: Any])
        #expect(document["kind"] as? String == "PlanExplanation")
        let chosen = try #require(document["chosen"] as? [String: Any])
        #expect(chosen["verdict"] as? String == "pass")
        let plan = try #require(
            try JSONSerialization.jsonObject(with: Data(folder.text("plan.json").utf8))
                as? [String: Any])
        let first = try #require((plan["plans"] as? [[String: Any]])?.first)
        #expect(chosen["layout"] as? String == first["layout"] as? String)
        let headroom = try #require(document["headroom"] as? [String: Any])
        #expect(try #require(headroom["rate_per_s"] as? Double) >= 2)
        let other = try #require((document["others"] as? [[String: Any]])?.first)
        let obstacles = try #require(other["obstacles"] as? [String])
        #expect(obstacles.contains { $0.contains("takes 10 GPUs, the cluster has 4") })
        // The same in words.
        let words = try await Tool.run(
            ["explain", "plan.json", "--why-not", "P:1x9,D:1x1"], in: folder)
        #expect(words.code == 0 && words.text.contains("meets every target"))
        #expect(words.text.contains("P:1x9,D:1x1 (10 GPUs) cannot run: "))
        #expect(words.text.contains("The highest rate at which it meets them is"))
        let rows = try await Tool.run(["explain", "plan.json", "-o", "csv"], in: folder)
        #expect(rows.text.hasPrefix("role,layout,gpus,verdict,"))
        // Any number of threads gives the same.
        let alone = try await Tool.run(
            ["explain", "plan.json", "--why-not", "P:1x9,D:1x1", "--jobs", "1"], in: folder)
        #expect(alone.text == words.text)
    }

    @Test("the case may be given, and a plan that misses its targets ends with 1")
    func otherCase() async throws {
        let folder = try await planned()
        try folder.add(["strict.yaml": .text(SmallCase.with("itl_ms: 50", as: "itl_ms: 1"))])
        let answer = try await Tool.run(
            ["explain", "plan.json", "--case", "strict.yaml"], in: folder)
        #expect(answer.code == 1, "\(answer.words)")
        #expect(answer.text.contains("misses P95 ITL by"))
        #expect(answer.text.contains("It misses its targets at every lower rate too"))
    }

    @Test("what is no plan, or has no such rank or case, is told")
    func broken() async throws {
        let folder = try await planned()
        let text = try folder.text("plan.json")
        try folder.add([
            "other.json": .text(#"{"kind": "CheckResult"}"#),
            "bare.json": .text(text.replacing("\"case\" : {", with: "\"former\" : {")),
        ])
        let cases: [([String], Int32, String)] = [
            (["explain", "none.json"], 66, "none.json: no such file"),
            (["explain", "other.json"], 65, "expected PlanResult"),
            (["explain", "bare.json"], 65, "case is missing; give the case file with --case"),
            (["explain", "plan.json", "--rank", "99"], 65, "no plan has rank 99"),
            (["explain", "plan.json", "--why-not", "X:1x1"], 64, "P and D groups"),
        ]
        for (arguments, code, words) in cases {
            let answer = try await Tool.run(arguments, in: folder)
            #expect(answer.code == code, "\(arguments): \(answer.words)")
            #expect(answer.words.contains(words), "\(answer.words)")
            #expect(answer.text == "")
        }
    }
}
