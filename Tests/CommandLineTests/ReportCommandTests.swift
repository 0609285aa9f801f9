import ChildProcesses
import Foundation
import Testing

@Suite("Reporting on a plan")
struct ReportCommandTests {
    /// A folder with a small case and the plan of it.
    private func planned() async throws -> Folder {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.text)])
        let answer = try await Tool.run(
            ["plan", "case.yaml", "--output", "plan.json"], in: folder)
        #expect(answer.code == 0, "\(answer.words)")
        return folder
    }

    /// With the runs of earlier reports in the folder, which change nothing.
    private func report(_ arguments: [String], in folder: Folder) async throws -> Tool.Answer {
        try await Tool.run(
            ["report", "plan.json", "--cache", "runs.sqlite"] + arguments, in: folder)
    }

    @Test("one file that stands alone, the same on one thread and on two, with figures beside it")
    func page() async throws {
        let folder = try await planned()
        let answer = try await report(
            ["--output", "a.html", "--figures", "figures", "--jobs", "1"], in: folder)
        #expect(answer.code == 0 && answer.text == "", "\(answer.words)")
        let again = try await report(
            ["--output", "b.html", "--jobs", "2", "--cache", "none"], in: folder)
        #expect(again.code == 0)
        let page = try folder.text("a.html")
        #expect(page == (try folder.text("b.html")))
        #expect(page.hasPrefix("<!DOCTYPE html>") && page.utf8.count < 2_000_000)
        #expect(page.contains("llama-3.1-8b") && page.contains("Attainment against rate"))
        let paths = try folder.paths.filter { $0.hasPrefix("figures/") }
        let ids = Set(paths.map { $0.dropFirst(8).split(separator: ".")[0] })
        #expect(ids.isSuperset(of: ["frontier", "attainment", "splits", "ttft", "robustness"]))
        #expect(paths.contains("figures/splits.svg") && paths.contains("figures/splits.csv"))
        #expect(!paths.contains("figures/robustness.svg"))
        #expect(try folder.text("figures/ttft.csv").hasPrefix("percentile,ms\n"))
    }

    @Test(
        "figures that are there are not replaced unless that is asked for, and nothing is simulated"
    )
    func figures() async throws {
        let folder = try await planned()
        try folder.add(["figures": .folder])
        try folder.add(["figures/ttft.csv": .text("mine")])
        let refused = try await report(
            ["--figures", "figures", "--output", "r.md"], in: folder)
        #expect(refused.code == 74)
        #expect(
            refused.words
                == "error: --figures figures: ttft.csv is already there; add --force to overwrite "
                + "it.\n")
        #expect(try folder.text("figures/ttft.csv") == "mine")
        #expect(!(try folder.paths.contains("r.md")))
        let alone = try await report(["--force"], in: folder)
        #expect(alone.code == 64 && alone.words.contains("--force: lets --figures"))
        let forced = try await report(
            ["--figures", "figures", "--force", "--output", "r.md"], in: folder)
        #expect(forced.code == 0, "\(forced.words)")
        #expect(try folder.text("figures/ttft.csv") != "mine")
        #expect(try folder.text("r.md").hasPrefix("# "))
    }

    @Test("text goes to standard output; with ASCII alone where that is asked for")
    func text() async throws {
        let folder = try await planned()
        let (text, plain) = (
            try await report([], in: folder), try await report(["--ascii"], in: folder)
        )
        #expect(text.code == 0 && plain.code == 0, "\(text.words)")
        #expect(text.text.contains("Robustness\n==========") && text.text.contains("│"))
        #expect(plain.output.allSatisfy { $0 < 128 })
        // The answer is that of the plan.
        let plan = try #require(
            try JSONSerialization.jsonObject(with: Data(folder.text("plan.json").utf8))
                as? [String: Any])
        let plans = try #require(plan["plans"] as? [[String: Any]])
        #expect(text.text.hasPrefix("\(try #require(plans[0]["layout"] as? String)) for "))
        let other = try await report(["--rank", "2"], in: folder)
        #expect(other.text.hasPrefix("\(try #require(plans[1]["layout"] as? String)) for "))
    }

    @Test("a plan that was made with other costs says so in the report")
    func otherCosts() async throws {
        let folder = try await planned()
        let plan = try folder.text("plan.json")
        let digest = try #require(plan.firstMatch(of: /"sha256:([0-9a-f]+)"/)).output.1
        try folder.add(["plan.json": .text(plan.replacing(digest, with: "0123"))])
        let answer = try await report([], in: folder)
        #expect(answer.code == 0)
        #expect(answer.text.contains("the plan was made with other costs"))
        #expect(answer.words.contains("warning: the plan was made with other costs (sha256:0123)"))
    }

    @Test("what does not go together, or is no plan, is told before anything is written")
    func broken() async throws {
        let folder = try await planned()
        let text = try folder.text("plan.json")
        try folder.add([
            "other.json": .text(#"{"kind": "CheckResult"}"#),
            "bare.json": .text(text.replacing("\"case\" : {", with: "\"former\" : {")),
            "file": .text(""),
        ])
        let cases: [([String], Int32, String)] = [
            (["plan.json", "--output", "r.pdf"], 64, "expected .html, .md or .txt, or --as"),
            (["plan.json", "--output", "r.html", "--ascii"], 64, "--ascii: draws text"),
            (["plan.json", "--as", "pdf"], 64, "pdf"),
            (["plan.json", "--output", "none/r.html"], 74, "folder"),
            (["plan.json", "--figures", "file"], 74, "is a file; name a folder"),
            (
                ["plan.json", "--figures", "file/figures"], 74,
                "is no folder that may be written to"
            ),
            (["none.json"], 66, "none.json: no such file"),
            (["other.json", "--output", "r.html"], 65, "expected PlanResult"),
            (["bare.json", "--output", "r.html"], 65, "case is missing"),
            (["plan.json", "--rank", "99", "--output", "r.html"], 65, "no plan has rank 99"),
        ]
        for (arguments, code, words) in cases {
            let answer = try await Tool.run(["report"] + arguments, in: folder)
            #expect(answer.code == code, "\(arguments): \(answer.words)")
            #expect(answer.words.contains(words), "\(arguments): \(answer.words)")
            #expect(answer.text == "")
        }
        #expect(!(try folder.paths.contains { $0.hasPrefix("r.") || $0 == "figures" }))
    }
}
