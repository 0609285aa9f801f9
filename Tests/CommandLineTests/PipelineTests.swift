import ChildProcesses
import Foundation
import Testing

/// The CI jobs of Examples/ci, by their own shell steps.
@Suite("The pipelines in Examples/ci")
struct PipelineTests {
    private let source = Tool.packageRoot.appending(path: "Examples/ci")

    /// The lines of a block `key: |` or `- |` behind a line that contains `mark`, without their indentation.
    private func block(behind mark: String, in file: String) throws -> String {
        let text = try String(contentsOf: source.appending(path: file), encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0.contains(mark) })
        let head = try #require(lines[start...].firstIndex { $0.hasSuffix("|") })
        func depth(_ line: Substring) -> Int { line.prefix { $0 == " " }.count }
        let least = depth(lines[head + 1])
        return lines[(head + 1)...].prefix { $0.isEmpty || depth($0) >= least }
            .map { String($0.dropFirst(least)) }.joined(separator: "\n")
    }

    /// Runs steps in a copy of the project with the tool on the path.
    private func run(
        _ script: String, changing change: (URL) throws -> Void = { _ in }
    ) async throws -> (answer: Tool.Answer, folder: Folder) {
        let folder = try Folder()
        for part in ["deploy", ".ampd-plan.yaml"] {
            try FileManager.default.copyItem(
                at: source.appending(path: part), to: folder.url.appending(path: part))
        }
        try change(folder.url.appending(path: "deploy/dynamo.yaml"))
        let tools = try Tool.binary.deletingLastPathComponent().path
        let environment = [
            "PATH": tools + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"),
            "HOME": folder.url.path, "GITHUB_STEP_SUMMARY": "summary-of-job.md",
        ]
        let answer = try await ChildProcess(
            ["bash", "-e", "-o", "pipefail", "-c", script], in: folder.url,
            environment: environment
        ).end(limit: 300)
        return (answer, folder)
    }

    private func breakLimit(_ manifest: URL) throws {
        let text = try String(contentsOf: manifest, encoding: .utf8)
        try text.replacing("replicas: 2", with: "replica: 2")
            .write(to: manifest, atomically: true, encoding: .utf8)
    }

    @Test("GitHub Actions: the steps pass on the example, and fail a change that breaks it")
    func github() async throws {
        let file = "github-actions.yml"
        let steps = try [
            block(behind: "name: Install", in: file), block(behind: "name: Check", in: file),
        ]
        let script = "(\n\(steps[0])\n)\n\(steps[1])"
        let good = try await run(script)
        #expect(good.answer.code == 0, "\(good.answer.words)")
        #expect(try good.folder.text("summary-of-job.md").contains("ampd-plan check: pass"))
        #expect(try good.folder.paths.contains("ampd-plan.sarif"))
        let bad = try await run(script, changing: breakLimit)
        #expect(bad.answer.code == 1)
        #expect(bad.answer.text.contains("::error file=deploy/dynamo.yaml,line="))
    }

    @Test("GitLab: the scripts pass on the example, and fail a change that breaks it")
    func gitlab() async throws {
        let file = "gitlab-ci.yml"
        let script =
            try block(behind: "before_script", in: file) + "\n"
            + block(behind: "  script", in: file)
        let good = try await run(script)
        #expect(good.answer.code == 0, "\(good.answer.words)")
        #expect(try good.folder.text("ampd-plan.xml").contains("failures=\"0\""))
        let bad = try await run(script, changing: breakLimit)
        #expect(bad.answer.code == 1)
        #expect(
            try bad.folder.text("gl-code-quality-report.json").contains("\"check_name\" : \"A002\"")
        )
    }
}
