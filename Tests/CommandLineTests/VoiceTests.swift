import ChildProcesses
import Foundation
import Testing

@Suite("How much the tool says, and in which colours")
struct VoiceTests {
    private func folder(_ text: String = SmallCase.text) throws -> Folder {
        let folder = try Folder()
        try folder.add(["case.yaml": .text(text)])
        return folder
    }

    @Test("with --quiet only the answer is printed, and it is the same")
    func quiet() async throws {
        let folder = try folder()
        let usual = try await Tool.run(["plan", "case.yaml"], in: folder)
        let quiet = try await Tool.run(["plan", "case.yaml", "-q"], in: folder)
        #expect(usual.words.contains("costs: "))
        #expect(quiet.words == "")
        #expect(quiet.output == usual.output)
    }

    @Test("with --quiet errors are still told")
    func quietErrors() async throws {
        let answer = try await Tool.run(["plan", "nothing.yaml", "--quiet"], in: Folder())
        #expect(answer.code == 66)
        #expect(answer.words.hasPrefix("error: nothing.yaml: no such file"))
        let folder = try Folder()
        try folder.add(["bad.jsonl": .text("nonsense\n")])
        let check = try await Tool.run(["workload", "validate", "bad.jsonl", "-q"], in: folder)
        #expect(check.code == 65 && check.words.hasPrefix("error: bad.jsonl"))
    }

    @Test("with --verbose files, costs, the cache and its hits are named too")
    func verbose() async throws {
        let folder = try folder()
        let command = [
            "simulate", "case.yaml", "--layout", "C:1x2", "-v", "--cache", "runs.sqlite",
        ]
        let first = try await Tool.run(command, in: folder)
        let second = try await Tool.run(command, in: folder)
        for words in [first.words, second.words] {
            #expect(words.contains("reading case.yaml\n"))
            #expect(words.contains("cache of runs: runs.sqlite\n"))
            #expect(words.contains("costs of the case: shipped fit of vllm"))
        }
        #expect(first.words.contains("simulations: 2 made, 0 known"))
        #expect(second.words.contains("simulations: 0 made, 2 known"))
        #expect(first.output == second.output)
    }

    @Test("without a cache simulations are counted all the same")
    func counted() async throws {
        let command = ["simulate", "case.yaml", "--layout", "C:1x2", "-v"]
        let answer = try await Tool.run(command, in: folder())
        #expect(answer.words.contains("simulations: 2 made, 0 known"))
    }

    @Test("--quiet and --verbose exclude each other")
    func both() async throws {
        let answer = try await Tool.run(["list", "models", "-q", "-v"], in: Folder())
        #expect(answer.code == 64 && answer.words.contains("--quiet and --verbose"))
    }

    @Test("colours are for headings and verdicts of tables, where they are asked for")
    func always() async throws {
        let folder = try folder()
        let command = ["plan", "case.yaml", "--color", "always", "-o"]
        let table = try await Tool.run(command + ["table"], in: folder)
        #expect(table.text.contains("\u{1B}[1mrank  layout"))
        #expect(table.text.contains("\u{1B}[32mpass\u{1B}[0m"))
        let plain = try await Tool.run(["plan", "case.yaml"], in: folder)
        #expect(table.text.replacing(/\u{1B}\[[0-9;]*m/, with: "") == plain.text)
        for form in ["json", "jsonl", "yaml", "csv", "md"] {
            let answer = try await Tool.run(command + [form], in: folder)
            #expect(!answer.text.contains("\u{1B}"), "\(form)")
        }
    }

    @Test("labels of messages have colours where they are asked for")
    func labels() async throws {
        let answer = try await Tool.run(["plan", "none.yaml", "--color", "always"], in: Folder())
        #expect(answer.words.hasPrefix("\u{1B}[1;31merror:\u{1B}[0m none.yaml"))
    }

    @Test(
        "on a terminal there are colours, unless NO_COLOR or --color never says otherwise",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script")),
        arguments: [("", "", true), ("1", "", false), ("", "--color never", false)])
    func terminal(noColor: String, option: String, isColoured: Bool) async throws {
        let answer = try await Tool.shell(
            "script -qec 'ampd-plan list models \(option)' /dev/null </dev/null", in: Folder(),
            environment: ["NO_COLOR": noColor, "TERM": "xterm"])
        #expect(answer.text.contains("llama-3.1-8b"))
        #expect(answer.text.contains("\u{1B}[1mname") == isColoured)
    }
}
