import ChildProcesses
import Foundation
import Testing

/// Public operator tables in the folder beside the repository; they are not part of it.
private let tables = Tool.packageRoot.deletingLastPathComponent()
    .appending(path: "shared/data/aiconfigurator/h200_sxm/vllm-0.24.0")
private let haveTables = FileManager.default.fileExists(atPath: tables.path)

@Suite(
    "Llama-3.1-70B on H200 from public operator tables",
    .enabled(if: haveTables, "needs ../shared/data/aiconfigurator beside the repository"))
struct PublicTablesTests {
    private func costs(_ arguments: [String]) async throws -> [[String: Any]] {
        let folder = try Folder()
        let names = ["gemm", "context_attention", "generation_attention", "custom_allreduce"]
        let files = names.map { tables.appending(path: $0 + ".csv").path }
        let imported = try await Tool.run(
            ["profile", "import", "--store", "s.sqlite"] + files, in: folder)
        #expect(imported.code == 0, "\(imported.words)")
        let answer = try await Tool.run(
            ["profile", "cost", "--store", "s.sqlite", "--model", "llama-3.1-70b"]
                + ["--gpu", "h200-sxm", "-o", "json"] + arguments, in: folder)
        return try #require(
            try JSONSerialization.jsonObject(with: answer.output) as? [[String: Any]])
    }

    @Test("operator sums lie between the physical floor and three times it")
    func floor() async throws {
        let steps = try await costs(["--tp", "4,8", "--prefill", "0+2048", "--decode", "32x2048"])
        #expect(steps.count == 4)
        for step in steps {
            let sum = try #require(step["operators_ms"] as? Double)
            let floor = try #require(step["floor_ms"] as? Double)
            #expect(sum >= floor && sum <= 3 * floor, "\(step)")
        }
    }

    @Test("a larger degree is never slower for a prompt of 8,192 tokens")
    func scaling() async throws {
        let steps = try await costs(["--tp", "1,2,4,8", "--prefill", "0+8192"])
        let times = steps.compactMap { $0["operators_ms"] as? Double }
        #expect(times.count == 4)
        #expect(times == times.sorted(by: >))
    }
}
