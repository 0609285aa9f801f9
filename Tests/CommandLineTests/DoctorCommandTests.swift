import ChildProcesses
import Foundation
import Testing

@Suite("doctor")
struct DoctorCommandTests {
    private struct Report: Decodable {
        struct Check: Decodable {
            let subject: String
            let verdict: String
            let finding: String
            let advice: String
        }

        let verdict: String
        let checks: [Check]
    }

    private func report(
        _ options: [String], in folder: Folder
    ) async throws -> (code: Int32, report: Report) {
        let answer = try await Tool.run(["doctor", "-o", "json"] + options, in: folder)
        return (answer.code, try JSONDecoder().decode(Report.self, from: answer.output))
    }

    @Test("where all is well every check has its finding, and the exit code is 0")
    func sound() async throws {
        let folder = try Folder()
        let (code, report) = try await report(["--store", "s", "--cache", "c.sqlite"], in: folder)
        // The store that is named is missing.
        #expect(code == 1 && report.verdict == "error")
        _ = try await Tool.shell(
            """
            ampd-plan profile synth --store s --model llama-3.1-8b --gpu h100-sxm --tp 1 >o
            """, in: folder)
        let second = try await self.report(["--store", "s", "--cache", "c.sqlite"], in: folder)
        #expect(second.code == 0 && second.report.verdict != "error")
        let found = Dictionary(
            second.report.checks.map { ($0.subject, $0.finding) }, uniquingKeysWith: { $1 })
        #expect(found["solver"]?.hasPrefix("GLPK ") == true)
        #expect(found["database"]?.hasPrefix("SQLite 3.") == true)
        #expect(found["profile store"] == "s, schema v3")
        #expect(found["cache of runs"] == "none yet at c.sqlite")
        #expect(found["models"] == "19 can be read")
        #expect(try !folder.paths.contains("c.sqlite"))
    }

    @Test("what is broken is told with what to do")
    func broken() async throws {
        let folder = try Folder()
        try folder.add(["hardware/h1": .folder])
        try folder.add([
            "notes.txt": .text("not a database, but long enough to have a header"),
            "hardware/h1/facts.yaml": .text("name: h1"),
        ])
        let (code, report) = try await report(
            ["--store", "notes.txt", "--cache", "none", "--hardware", "hardware"], in: folder)
        #expect(code == 1)
        let broken = report.checks.filter { $0.verdict == "error" }
        #expect(broken.map(\.subject) == ["profile store", "facts"])
        #expect(broken.allSatisfy { !$0.advice.isEmpty })
        #expect(broken[0].finding.contains("notes.txt"))
        #expect(broken[1].finding.contains("hardware/h1/facts.yaml"))
    }

    @Test("a locale with another decimal point changes nothing")
    func locale() async throws {
        let answer = try await Tool.shell(
            "ampd-plan doctor -o csv --cache none", in: Folder(),
            environment: ["LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"])
        #expect(answer.code == 0)
        #expect(answer.text.contains("numbers,ok,"))
    }
}
