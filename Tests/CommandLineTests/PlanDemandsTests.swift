import ChildProcesses
import Foundation
import Testing

@Suite("What else a plan may be asked for")
struct PlanDemandsTests {
    private func plan(_ arguments: [String], text: String = SmallCase.text) async throws
        -> (answer: Tool.Answer, document: [String: Any])
    {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(text)])
        let answer = try await Tool.run(
            ["plan", "case.yaml", "-o", "json"] + arguments, in: folder)
        let document = try JSONSerialization.jsonObject(with: answer.output)
        return (answer, try #require(document as? [String: Any]))
    }

    private func plans(_ document: [String: Any]) throws -> [[String: Any]] {
        try #require(document["plans"] as? [[String: Any]])
    }

    @Test("the least cost comes in dollars, and without a price the cost counts GPUs")
    func cost() async throws {
        let priced = SmallCase.with(
            "gpus_per_node: 4", as: "gpus_per_node: 4\n  usd_per_gpu_hour: 2.5")
        let (answer, document) = try await plan(["--objective", "min-cost"], text: priced)
        #expect(answer.code == 0, "\(answer.words)")
        let first = try #require(try plans(document).first)
        let gpus = try #require(first["gpus"] as? Int)
        #expect(first["usd_per_hour"] as? Double == 2.5 * Double(gpus))
        let (other, free) = try await plan(["--objective", "min-cost"])
        #expect(other.words.contains("note: cluster.usd_per_gpu_hour is not given"))
        #expect(try plans(free).first?["usd_per_hour"] is NSNull)
    }

    @Test("layouts stand a loss where that is asked for")
    func survive() async throws {
        let (answer, document) = try await plan(["--survive", "1"])
        #expect(answer.code == 0, "\(answer.words)")
        let best = try #require(try plans(document).first)
        let survival = try #require(best["survival"] as? [[String: Any]])
        #expect(!survival.isEmpty && survival.allSatisfy { $0["verdict"] as? String == "pass" })
        let (_, plain) = try await plan([])
        #expect(try plans(plain).first?["survival"] is NSNull)
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.text)])
        let wrong = try await Tool.run(["plan", "case.yaml", "--survive", "2"], in: folder)
        #expect(wrong.code == 64)
    }

    @Test("what runs today has its place among the plans")
    func incumbent() async throws {
        let (answer, document) = try await plan(["--incumbent", "P:2x1,D:1x2"])
        #expect(answer.code == 0, "\(answer.words)")
        let marked = try plans(document).filter { $0["incumbent"] as? Bool == true }
        #expect(marked.compactMap { $0["layout"] as? String } == ["P:2x1,D:1x2"])
        #expect((marked.first?["engine_refuses"] as? [String])?.count == 1)
    }
}
