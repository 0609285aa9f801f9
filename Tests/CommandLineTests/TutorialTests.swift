import ChildProcesses
import Foundation
import Testing

/// A page whose commands run as they are printed, one shell for all, and print what it shows.
struct RunnablePage {
    /// Commands as printed, and what is printed below them.
    private struct Step {
        let script: String
        let answer: String?
        /// Where the answer stands.
        let place: Range<String.Index>?
    }

    let file: URL

    private var isWriting: Bool { ProcessInfo.processInfo.environment["AMPD_GOLDEN"] == "write" }

    /// Runs the page in a folder, and compares or writes its answers.
    ///
    /// - Returns: how many blocks of commands it has.
    func run(in folder: Folder) async throws -> Int {
        var text = try String(contentsOf: file, encoding: .utf8)
        let steps = Self.steps(of: text)
        // One shell for all, so that variables and the working directory stay.
        let script = steps.enumerated().map { place, step in
            "exec >\"$top/\(place).answer\"\n\(step.script)"
        }
        let ended = try await Tool.shell(
            "top=$PWD\n" + script.joined(separator: "\n"), in: folder, limit: 600)
        try #require(ended.code == 0, "\(ended.words)")
        for (place, step) in steps.enumerated().reversed() {
            let answer = try folder.text("\(place).answer")
            guard let shown = step.place else { continue }
            if isWriting {
                text.replaceSubrange(shown, with: answer)
            } else {
                #expect(
                    step.answer == answer,
                    "`make golden` writes the answers of \(file.lastPathComponent) anew")
            }
        }
        if isWriting { try text.write(to: file, atomically: true, encoding: .utf8) }
        return steps.count
    }

    /// The blocks of commands, each with the block of text behind it.
    private static func steps(of text: String) -> [Step] {
        var steps: [Step] = []
        var rest = text.startIndex..<text.endIndex
        while let opening = text.range(of: "```bash\n", range: rest),
            let closing = text.range(of: "```\n", range: opening.upperBound..<text.endIndex)
        {
            let script = String(text[opening.upperBound..<closing.lowerBound])
            rest = closing.upperBound..<text.endIndex
            let fence = "\n```text\n"
            guard text[rest].hasPrefix(fence),
                let end = text.range(
                    of: "```\n",
                    range: text.index(rest.lowerBound, offsetBy: fence.count)..<rest.upperBound)
            else {
                steps.append(Step(script: script, answer: nil, place: nil))
                continue
            }
            let place = text.index(rest.lowerBound, offsetBy: fence.count)..<end.lowerBound
            steps.append(Step(script: script, answer: String(text[place]), place: place))
            rest = end.upperBound..<text.endIndex
        }
        return steps
    }
}

@Suite("The tutorial")
struct TutorialTests {
    @Test("runs as it is printed, and prints what it shows")
    func run() async throws {
        let page = RunnablePage(file: Tool.packageRoot.appending(path: "docs/tutorial.md"))
        #expect(try await page.run(in: try Folder()) >= 8)
    }
}

@Suite("The glossary")
struct GlossaryTests {
    @Test("has every word of trust, verdict and headline that answers use")
    func words() async throws {
        let file = Tool.packageRoot.appending(path: "docs/glossary.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let folder = try Folder()
        try folder.add(["case.yaml": .text(SmallCase.text)])
        let schema = try await Tool.run(["schema", "plan"], in: folder)
        let document = try JSONSerialization.jsonObject(with: schema.output)
        let profile =
            (((document as? [String: Any])?["properties"] as? [String: Any])?["profile"]
            as? [String: Any])?["properties"] as? [String: Any]
        let trusts = try #require((profile?["trust"] as? [String: Any])?["enum"] as? [String])
        for word in trusts + ["pass", "fail", "undecided", "round_joint", "session_strict"] {
            #expect(text.contains("`\(word)`"), "\(word)")
        }
    }
}
