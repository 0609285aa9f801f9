import ChildProcesses
import Foundation
import Testing

@Suite("Plans of several pools and of engines with ranks")
struct PoolCommandTests {
    private static let pools = SmallCase.with(
        "gpus_per_node: 4",
        as: """
            gpus_per_node: 4
              usd_per_gpu_hour: 3
            pools:
              - {name: old, gpu: a100-80gb-sxm, nodes: 1, gpus_per_node: 4, usd_per_gpu_hour: 1}
            """)

    private func plans(_ answer: Tool.Answer) throws -> [[String: Any]] {
        let document = try JSONSerialization.jsonObject(with: answer.output) as? [String: Any]
        return try #require(document?["plans"] as? [[String: Any]])
    }

    /// Plans the folder's case into plan.json.
    private func made(in folder: Folder) async throws -> [[String: Any]] {
        let answer = try await Tool.run(
            ["plan", "case.yaml", "-o", "json", "--output", "plan.json"], in: folder)
        #expect(answer.code == 0, "\(answer.words)")
        return try plans(answer)
    }

    @Test("a plan of two pools is explained, checked and simulated from its document")
    func pools() async throws {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(Self.pools)])
        let all = try await made(in: folder)
        let layouts = all.compactMap { $0["layout"] as? String }
        #expect(layouts.contains { $0.contains("@old") && $0.contains("@h200-sxm") })
        #expect(all.allSatisfy { $0["usd_per_hour"] is Double })
        let place = try #require(layouts.firstIndex { $0.contains("@old") }) + 1
        let check = try await Tool.run(
            ["check", "case.yaml", "plan.json", "-o", "json", "--rank", "\(place)"], in: folder)
        #expect([0, 1, 3].contains(check.code) && check.text.contains("@old"), "\(check.words)")
        let explain = try await Tool.run(
            ["explain", "plan.json", "--rank", "\(place)", "--why-not", "P:2x1@new,D:2x1@old"],
            in: folder)
        #expect(explain.text.contains("there is no pool 'new'"), "\(explain.words)")
        let simulate = try await Tool.run(
            ["simulate", "case.yaml", "--layout", layouts[place - 1]], in: folder)
        #expect(simulate.code == 0, "\(simulate.words)")
        let wrong = try await Tool.run(
            ["simulate", "case.yaml", "--layout", "C:1x1"], in: folder)
        #expect(wrong.code != 0 && wrong.words.contains("names no pool"))
    }

    @Test("a plan on other GPUs is refused with what there is, by every command")
    func otherPools() async throws {
        let folder = try Folder()
        try folder.add([
            "case.yaml": .text(Self.pools),
            "other.yaml": .text(Self.pools.replacing("name: old", with: "name: new")),
        ])
        let layouts = try await made(in: folder).compactMap { $0["layout"] as? String }
        let place = try #require(layouts.firstIndex { $0.contains("@old") }) + 1
        for command in ["explain", "tune"] {
            let answer = try await Tool.run(
                [command, "plan.json", "--case", "other.yaml", "--rank", "\(place)"], in: folder)
            #expect(answer.code == 1, "\(answer.words)")
            #expect(answer.words.contains("there is no pool 'old'; expected one of"))
        }
        for option in [["--incumbent", "C:1x1@foo"], ["--incumbent", "C:1x1"]] {
            let answer = try await Tool.run(["plan", "case.yaml"] + option, in: folder)
            #expect(answer.code == 64 && answer.words.contains("one of h200-sxm, old behind @"))
        }
        try folder.add([
            "free.yaml": .text(Self.pools.replacing(", usd_per_gpu_hour: 1}", with: "}"))
        ])
        let free = try await Tool.run(["plan", "free.yaml", "--objective", "min-cost"], in: folder)
        #expect(free.code == 64 && free.words.contains("pool old has no usd_per_gpu_hour"))
        let policies = try await Tool.run(
            [
                "simulate", "case.yaml", "--layout", "P:2x1@old,D:2x1@old", "--compare-policies",
                "all",
            ], in: folder)
        #expect(policies.code == 0, "\(policies.words)")
    }

    @Test("check and explain look at the plan that is recommended")
    func recommended() async throws {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(Self.pools)])
        _ = try await Tool.run(
            ["plan", "case.yaml", "-o", "json", "--output", "plan.json"], in: folder)
        let file = folder.url.appending(path: "plan.json")
        var plan = try #require(
            JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
        var all = try #require(plan["plans"] as? [[String: Any]])
        #expect(all.count > 1 && all[1]["verdict"] as? String == "pass")
        all[0]["verdict"] = "undecided"
        plan["plans"] = all
        try JSONSerialization.data(withJSONObject: plan).write(to: file)
        let check = try await Tool.run(
            ["check", "case.yaml", "plan.json", "-o", "json"], in: folder)
        let layout = try #require(all[1]["layout"] as? String)
        #expect(check.text.contains("\"\(layout)\""), "\(check.text)")
    }

    @Test("the least cost takes the cheap GPUs where they do")
    func cost() async throws {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(Self.pools)])
        let answer = try await Tool.run(
            ["plan", "case.yaml", "-o", "json", "--objective", "min-cost"], in: folder)
        #expect(answer.code == 0, "\(answer.words)")
        let first = try #require(try plans(answer).first)
        #expect((first["layout"] as? String)?.contains("@h200") == false)
    }

    @Test("plans count engines, and a document gives their ranks back")
    func records() async throws {
        let text = SmallCase.with("gpus_per_node: 4", as: "gpus_per_node: 8")
            .replacing("tp: [1, 2],", with: "tp: [1], parallelism: [1dp2, 2dp2],")
        let folder = try Folder()
        try folder.add(["case.yaml": .text(text)])
        let all = try await made(in: folder)
        let place = try #require(
            all.firstIndex { ($0["layout"] as? String)?.contains("dp2") == true })
        let check = try await Tool.run(
            ["check", "case.yaml", "plan.json", "-o", "json", "--rank", "\(place + 1)"], in: folder)
        #expect(check.text.contains("dp2"), "\(check.words)")
        // The engine's own ranks are counted as engines too.
        let ranks =
            text.replacing(", parallelism: [1dp2, 2dp2]", with: "")
            + "engine: {data_parallel_ranks: 2}\n"
        try folder.add(["ranks.yaml": .text(ranks)])
        let own = try await Tool.run(["plan", "ranks.yaml", "-o", "json"], in: folder)
        #expect(own.code == 0, "\(own.words)")
        #expect(
            try plans(own).allSatisfy { ($0["layout"] as? String)?.contains("1dp2x") == true })
    }
}
