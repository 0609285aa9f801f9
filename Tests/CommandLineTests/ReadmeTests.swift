import ChildProcesses
import Foundation
import Testing

@Suite("README")
struct ReadmeTests {
    @Test("shows what the demo prints, to the letter")
    func demo() async throws {
        let makefile = try String(
            contentsOf: Tool.packageRoot.appending(path: "Makefile"), encoding: .utf8)
        let lines = makefile.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0.hasPrefix("DEMO := ") })
        let command = lines[start...(start + 1)].joined(separator: " ")
            .replacing("DEMO := ", with: "").replacing("\\", with: "")
        let arguments = command.split(whereSeparator: \.isWhitespace).map(String.init)
        let answer = try await Tool.run(arguments, in: Folder())
        let file = Tool.packageRoot.appending(path: "README.md")
        let readme = try String(contentsOf: file, encoding: .utf8)
        #expect(answer.code == 0)
        if ProcessInfo.processInfo.environment["AMPD_GOLDEN"] == "write" {
            try readme.withFirstAnswer(answer.text).write(
                to: file, atomically: true, encoding: .utf8)
        } else {
            #expect(readme.contains(answer.text), "`make golden` writes the README's answer anew")
        }
    }
}

extension String {
    /// The text with the contents of its first plain code block replaced.
    fileprivate func withFirstAnswer(_ answer: String) -> String {
        let fence = "\n```\n"
        guard let opening = range(of: fence),
            let start = range(of: fence, range: opening.upperBound..<endIndex)?.upperBound,
            let end = range(of: "```", range: start..<endIndex)?.lowerBound
        else { return self }
        return replacingCharacters(in: start..<end, with: answer)
    }
}
