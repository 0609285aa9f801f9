import ChildProcesses
import Foundation
import Testing

@Suite("Statistics from the command line")
struct PrecisionTests {
    private func simulate(_ text: String, _ options: [String]) async throws -> ChildProcess.Ending {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(text)])
        return try await Tool.run(
            ["simulate", "case.yaml", "--layout", "P:1x1,D:1x2"] + options, in: folder)
    }

    private func json(_ data: Data) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    @Test("replications go on until the precision is reached, the same for any number of jobs")
    func precision() async throws {
        let wish = ["--precision", "itl_p95=5%", "-o", "json"]
        let answer = try await simulate(SmallCase.text, wish + ["--jobs", "1"])
        #expect(answer.code == 0)
        let result = try json(answer.output)
        let outcome = try #require((result["precision"] as? [[String: Any]])?.first)
        #expect(outcome["statistic"] as? String == "itl_p95")
        #expect(outcome["reached"] as? Bool == true)
        #expect(try #require(outcome["relative_half_width"] as? Double) <= 0.05)
        #expect(try #require(result["replications"] as? Int) > 2)
        #expect(try await simulate(SmallCase.text, wish + ["--jobs", "3"]).output == answer.output)
    }

    @Test("a budget that ends first is said")
    func budget() async throws {
        let answer = try await simulate(
            SmallCase.text,
            ["--precision", "ttft_p95=0.01%", "--max-replications", "4", "-o", "json"])
        let result = try json(answer.output)
        let outcome = try #require((result["precision"] as? [[String: Any]])?.first)
        #expect(outcome["reached"] as? Bool == false)
        #expect(result["replications"] as? Int == 4)
    }

    @Test("overload gives no P95, and attainment of a stated horizon")
    func overload() async throws {
        let crowded = SmallCase.with("rate_per_s: 2", as: "rate_per_s: 80")
            .replacing("sessions: 20", with: "sessions: 400")
        let options = ["--horizon-sessions", "150"]
        let result = try json(try await simulate(crowded, options + ["-o", "json"]).output)
        #expect(result["overload"] as? Bool == true)
        for name in ["ttft_ms", "itl_ms", "e2e_ms"] {
            let figures = try #require(result[name] as? [String: Any])
            #expect(figures["p95"] is NSNull && figures["mean"] is NSNull)
        }
        let attainment = try #require(result["attainment"] as? [String: Any])
        #expect(attainment["horizon_sessions"] as? Int == 150)
        #expect(attainment["value"] is Double && attainment["low"] is Double)
        let table = try await simulate(crowded, options).text
        let row = table.split(separator: "\n").first { $0.hasPrefix("ttft_ms.p95") }
        #expect(row?.split(separator: " ").dropFirst().prefix(3) == ["-", "-", "-"])
        #expect(table.contains("(first 150 sessions)"))
    }

    @Test("bad wishes are refused with the names there are")
    func refused() async throws {
        for (options, words) in [
            (["--precision", "ttft_p96=2%"], "ttft_p95"), (["--precision", "ttft_p95=2"], "%"),
            (["--precision", "ttft_p95=nan%"], "percentage"),
            (["--max-rounds", "5"], "--precision"),
            (["--precision", "ttft_p95=2%", "--max-replications", "1"], "from 2"),
        ] {
            let answer = try await simulate(SmallCase.text, options)
            #expect(answer.code == 64)
            #expect(answer.words.contains(words), "\(options): \(answer.words)")
        }
    }
}
