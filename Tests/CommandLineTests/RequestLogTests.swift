import ChildProcesses
import Foundation
import Testing

/// Layer timings and logs of a real engine beside the repository; they are not part of it.
private let measured = Tool.packageRoot.deletingLastPathComponent()
    .appending(path: "shared/data/llmservingsim")
private let haveLogs = FileManager.default.fileExists(atPath: measured.path)

@Suite(
    "Requests of real engines from timings of their layers",
    .enabled(if: haveLogs, "needs ../shared/data/llmservingsim beside the repository"))
struct RequestLogTests {
    private struct Document: Decodable {
        struct Line: Decodable {
            let figure: String
            let statistic: String
            let error: Double?
        }

        let requests: Int
        let statistics: [Line]
    }

    private func replay(_ run: String, profile: String, in folder: Folder) async throws -> Document
    {
        let tables = measured.appending(path: "profiles/\(profile)/tp1")
        let files = try FileManager.default.contentsOfDirectory(atPath: tables.path).sorted()
            .filter { $0.hasSuffix(".csv") }.map { tables.appending(path: $0).path }
        let imported = try await Tool.run(
            ["profile", "import", "--store", "s.sqlite"] + files, in: folder)
        #expect(imported.code == 0, "\(imported.words)")
        let answer = try await Tool.run(
            ["validate", "--requests", measured.appending(path: "vllm_runs/\(run)").path]
                + ["--store", "s.sqlite", "-o", "json"], in: folder)
        #expect(answer.code == 0, "\(answer.words)")
        return try JSONDecoder().decode(Document.self, from: answer.output)
    }

    @Test("a dense model on one GPU: all fifteen statistics within 5 %")
    func dense() async throws {
        let found = try await replay(
            "RTXPRO6000_Llama-3.1-8B_tp1", profile: "RTXPRO6000_Llama-3.1-8B", in: try Folder())
        #expect(found.requests == 300 && found.statistics.count == 15)
        for line in found.statistics {
            #expect(abs(line.error ?? 1) <= 0.05, "\(line)")
        }
    }

    @Test("a mixture of experts on two ranks: TTFT within 10 %, the others within 5 %")
    func mixture() async throws {
        let found = try await replay(
            "RTXPRO6000_Qwen3-30B-A3B_dp2_ep2",
            profile: "RTXPRO6000_Qwen3-30B-A3B-Instruct-2507", in: try Folder())
        for line in found.statistics {
            #expect(abs(line.error ?? 1) <= (line.figure == "ttft" ? 0.1 : 0.05), "\(line)")
        }
    }

    @Test("a folder without its files, and both kinds of measurements at once, are refused")
    func refusals() async throws {
        let folder = try Folder()
        let missing = try await Tool.run(["validate", "--requests", "nothing"], in: folder)
        #expect(missing.code == 66 && missing.words.contains("nothing/requests.csv"))
        let both = try await Tool.run(
            ["validate", "--requests", "a", "--measured", "b"], in: folder)
        #expect(both.code == 64 && both.words.contains("either --measured FILE or --requests"))
    }
}
