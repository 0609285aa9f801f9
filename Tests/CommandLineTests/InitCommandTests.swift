import ChildProcesses
import Foundation
import Testing

@Suite("Projects to start from")
struct InitCommandTests {
    @Test("every template plans as it was written", arguments: ["agent", "rag", "chat"])
    func plans(template: String) async throws {
        let folder = try Folder()
        let made = try await Tool.run(["init", "new/work", "--template", template], in: folder)
        #expect(made.code == 0, "\(made.words)")
        #expect(
            made.text == "new/work/case.yaml\nnew/work/workload.yaml\nnew/work/README.md\n")
        #expect(made.words.contains("ampd-plan plan case.yaml"))
        // As it was written, but for how long it takes.
        let planned = try await Tool.shell(
            """
            cd new/work
            sed -i 's/sessions: 400/sessions: 20/; s/replications: 5/replications: 2/' case.yaml
            ampd-plan plan case.yaml --output plan.json
            ampd-plan check case.yaml plan.json
            """, in: folder)
        #expect([0, 3].contains(planned.code), "\(planned.words)")
        #expect(!planned.words.contains("warning: workload"))
    }

    @Test("above every key of both files stands a comment", arguments: ["agent", "rag", "chat"])
    func comments(template: String) async throws {
        let folder = try Folder()
        _ = try await Tool.run(["init", "--template", template], in: folder)
        for file in ["case.yaml", "workload.yaml"] {
            let lines = try folder.text(file).split(separator: "\n").map(String.init)
            #expect(lines.allSatisfy { $0.count <= 100 })
            for (line, next) in zip(lines, lines.dropFirst()) where !next.contains("#") {
                #expect(line.contains("# "), "\(next)")
            }
        }
        let text = try folder.text("case.yaml")
        #expect(text.contains("  # Bound on the time to first token of a round. Unit: ms. "))
    }

    @Test("options name the platform, in nodes of the GPU and by its own names")
    func platform() async throws {
        let folder = try Folder()
        let options = [
            "--model", "qwen3-8b", "--gpu", "h100", "--gpus", "16", "--engine", "sglang",
        ]
        let made = try await Tool.run(["init", "p", "--template", "rag"] + options, in: folder)
        #expect(made.code == 0, "\(made.words)")
        let text = try folder.text("p/case.yaml")
        for line in [
            "model: qwen3-8b", "  gpu: h100-sxm", "  nodes: 2", "  gpus_per_node: 8",
            "  name: sglang",
        ] {
            #expect(text.contains("\n\(line)\n"), "\(line)")
        }
    }

    @Test("names that YAML would take for something else are quoted")
    func names() async throws {
        let folder = try Folder()
        let made = try await Tool.run(["init", "8: \"x\"", "--template", "chat"], in: folder)
        #expect(made.code == 0)
        #expect(made.words.contains("cd '8: \"x\"'\n"))
        #expect(try folder.text("8: \"x\"/case.yaml").contains(#"name: "8: \"x\"""#))
    }

    @Test("what is there is kept, unless --force says otherwise")
    func force() async throws {
        let folder = try Folder()
        try folder.add(["README.md": .text("mine")])
        let refused = try await Tool.run(["init", "--template", "chat"], in: folder)
        #expect(refused.code == 74)
        #expect(refused.words.contains("README.md is already there"))
        #expect(try folder.paths == ["README.md"] && folder.text("README.md") == "mine")
        let forced = try await Tool.run(["init", "--template", "chat", "--force"], in: folder)
        #expect(forced.code == 0)
        #expect(try folder.text("README.md").contains("ampd-plan plan case.yaml"))
    }

    @Test(
        "what makes no sense is refused before anything is written",
        arguments: [
            (["--template", "none"], Int32(64), "none"),
            (["--template", "chat", "--gpu", "h200sx"], 65, "h200-sxm"),
            (["--template", "chat", "--gpus", "12"], 64, "--gpus 12"),
            (["--template", "chat", "--model", "llama"], 65, "llama-3.1-8b"),
        ])
    func refusals(options: [String], code: Int32, words: String) async throws {
        let folder = try Folder()
        let answer = try await Tool.run(["init"] + options, in: folder)
        #expect(answer.code == code, "\(answer.words)")
        #expect(answer.words.contains(words), "\(answer.words)")
        #expect(try folder.paths == [])
    }
}
