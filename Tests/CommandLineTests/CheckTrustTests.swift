import ChildProcesses
import Foundation
import Testing

/// Warnings of `check` about what its figures rest on: profiles, links, and a solver that stopped early.
@Suite("What a check says of the costs and of the plan behind it")
struct CheckTrustTests {
    private static let layout = "P:1x1,D:1x1"

    /// Products of a GPU that ships no curves, up to 64 tokens; each time is multiplied with `noise`.
    private static func timings(noise: (Int) -> Double = { _ in 1 }) -> String {
        """
        # gpu: h20-96gb
        # engine: vllm
        # engine_version: 9.9.9
        kind,format,variant,d1,d2,d3,d4,d5,d6,x,y,latency_us

        """
            + (1...64).map { tokens in
                let time = (10 + Double(tokens)) * noise(tokens)
                return "gemm,bf16,,6144,4096,,,,,\(tokens),0,\(time)\n"
            }.joined()
    }

    private static let h20 = SmallCase.with("h200-sxm", as: "h20-96gb")

    /// Findings of a layout of a case, by rule.
    private func findings(
        _ text: String, timings: String? = nil
    ) async throws -> [String: [String: Any]] {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(text)])
        var store: [String] = []
        if let timings {
            store = ["--store", "store.sqlite"]
            try folder.add(["timings.csv": .text(timings)])
            let imported = try await Tool.run(
                ["profile", "import", "timings.csv"] + store, in: folder)
            #expect(imported.code == 0, "\(imported.words)")
        }
        let answer = try await Tool.run(
            ["check", "case.yaml", "--layout", Self.layout, "-o", "json"] + store, in: folder)
        return try Self.findings(answer)
    }

    private static func findings(_ answer: Tool.Answer) throws -> [String: [String: Any]] {
        let document = try JSONSerialization.jsonObject(with: answer.output) as? [String: Any]
        let all = try #require(document?["findings"] as? [[String: Any]], "\(answer.words)")
        return Dictionary(
            all.map { ($0["rule"] as? String ?? "", $0) }, uniquingKeysWith: { first, _ in first })
    }

    private func expect(
        _ finding: [String: Any]?, _ verdict: String, _ words: String = "",
        _ place: SourceLocation = #_sourceLocation
    ) {
        #expect(finding?["verdict"] as? String == verdict, sourceLocation: place)
        #expect(
            words.isEmpty || (finding?["message"] as? String)?.contains(words) == true,
            "\(finding ?? [:])",
            sourceLocation: place)
    }

    @Test("A024: a port that is nearly always in use")
    func links() async throws {
        expect(try await findings(SmallCase.text)["A024"], "pass", "limit 80.0 %")
        let slow = SmallCase.with(
            "  gpus_per_node: 4\n", as: "  gpus_per_node: 4\n  transfer_gbytes_per_s: 0.05\n")
        let finding = try await findings(slow)["A024"]
        expect(finding, "fail", "the busiest network port is in use")
        #expect(finding?["severity"] as? String == "warning")
    }

    @Test("A030: steps that no timing reaches")
    func outsideProfile() async throws {
        expect(try await findings(SmallCase.text)["A030"], "pass")
        let finding = try await findings(Self.h20, timings: Self.timings())["A030"]
        expect(finding, "fail", "of the computing time lies outside the range")
    }

    @Test("A031: timings of another version of the engine, or of another engine")
    func foreignProfile() async throws {
        func finding(_ engine: String) async throws -> [String: Any]? {
            try await findings(
                Self.h20.replacing("slo:", with: "\(engine)\nslo:"), timings: Self.timings())[
                    "A031"]
        }
        #expect(try await finding("engine: {version: 9.9.9}") == nil)
        expect(
            try await finding("engine: {version: 9.9.8}"), "fail",
            "is of vllm 9.9.9, the case is for vllm 9.9.8")
        expect(
            try await finding("engine: {name: trtllm}"), "fail",
            "is of vllm 9.9.9, the case is for trtllm")
    }

    @Test("A032: curves that miss timings which they were not fitted to")
    func poorFit() async throws {
        #expect(try await findings(Self.h20, timings: Self.timings())["A032"] == nil)
        // Every second time is twice as long: no curve that rises meets both.
        let jumpy = Self.timings { $0 % 2 == 0 ? 2 : 1 }
        expect(try await findings(Self.h20, timings: jumpy)["A032"], "fail", "gemm (bf16)")
    }

    @Test("A061: a plan whose integer program was not solved to the end")
    func solverGap() async throws {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.text)])
        let plan = try await Tool.run(["plan", "case.yaml", "-o", "json"], in: folder)
        var document = try #require(
            try JSONSerialization.jsonObject(with: plan.output) as? [String: Any])
        func finding(gap: Double) async throws -> [String: Any]? {
            var solver = try #require(document["solver"] as? [String: Any])
            solver["gap"] = gap
            document["solver"] = solver
            let text = try JSONSerialization.data(withJSONObject: document)
            try folder.add(["plan.json": .text(String(decoding: text, as: UTF8.self))])
            return try Self.findings(
                try await Tool.run(["check", "plan.json", "-o", "json"], in: folder))["A061"]
        }
        expect(try await finding(gap: 0), "pass")
        expect(try await finding(gap: 0.02), "fail", "a gap of 0.02; a better layout may exist")
    }
}
