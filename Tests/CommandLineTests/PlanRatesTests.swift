import ChildProcesses
import Foundation
import Testing

@Suite("Plans at several rates")
struct PlanRatesTests {
    private func run(_ arguments: [String]) async throws -> Tool.Answer {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.text)])
        return try await Tool.run(["plan", "case.yaml"] + arguments, in: folder)
    }

    @Test("one row for each rate, and each plan behind it in the document")
    func rates() async throws {
        let table = try await run(["--rates", "4/s,60/min"])
        #expect(table.code == 0, "\(table.words)")
        #expect(table.text.contains("rate_per_s"))
        #expect(["All layouts have", "no workers in common"].contains { table.text.contains($0) })
        let answer = try await run(["--rates", "4/s,60/min", "-o", "json"])
        let document = try #require(
            try JSONSerialization.jsonObject(with: answer.output) as? [String: Any])
        #expect(document["kind"] as? String == "RateSweep")
        let points = try #require(document["points"] as? [[String: Any]])
        #expect(points.compactMap { $0["rate_per_s"] as? Double } == [1, 4])
        for point in points {
            let plan = try #require(point["plan"] as? [String: Any])
            #expect(plan["kind"] as? String == "PlanResult")
            #expect(point["found"] as? Bool == true && point["gpus"] as? Int ?? 0 > 0)
        }
        let csv = try await run(["--rates", "1/s", "-o", "csv"])
        #expect(csv.text.hasPrefix("rate_per_s,gpus,layout,") && csv.code == 0)
    }

    @Test("a rate that the GPUs do not serve ends with 1")
    func tooMuch() async throws {
        let answer = try await run(["--rates", "1/s,90/s"])
        #expect(answer.code == 1)
        #expect(answer.text.contains("From 90.0/s on the GPUs of the case are not enough."))
    }

    @Test("what does not go together, or is no rate, is told")
    func usage() async throws {
        for (arguments, words) in [
            (["--rates", "1/s,x"], "rates with commas between them"),
            (["--rates", "1/s,1/s"], "a rate is given twice"),
            (["--rates", "1/s", "--audit"], "leave --audit out"),
            (["--rates", "1/s", "--objective", "slo"], "leave --objective out"),
        ] {
            let answer = try await run(arguments)
            #expect(answer.code == 64 && answer.words.contains(words), "\(answer.words)")
        }
    }
}
