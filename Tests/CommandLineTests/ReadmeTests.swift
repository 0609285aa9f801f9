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
        let readme = try String(
            contentsOf: Tool.packageRoot.appending(path: "README.md"), encoding: .utf8)
        #expect(answer.code == 0)
        #expect(readme.contains(answer.text))
    }
}
