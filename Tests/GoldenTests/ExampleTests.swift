import ChildProcesses
import Foundation
import Testing

/// Every folder of Examples/, planned again and compared with the answer kept beside it.
///
/// The kept answers change with every change to costs or semantics: `make golden` writes them
/// anew, and the commit that does so says why they moved.
@Suite("Examples", .serialized, .enabled(if: Tool.binary != nil, "ampd-plan was not built"))
struct ExampleTests {
    /// Names of the folders of Examples/.
    static let examples: [String] = {
        let folder = Tool.root.appending(path: "Examples").path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter {
            FileManager.default.fileExists(atPath: "\(folder)/\($0)/case.yaml")
        }.sorted()
    }()

    /// What may differ from release to release without a change of the answer.
    private static let volatile: Set<String> = ["tool_version"]

    private var isWriting: Bool {
        ProcessInfo.processInfo.environment["AMPD_GOLDEN"] == "write"
    }

    @Test("there are examples, each with one line on its question and its command")
    func documented() throws {
        #expect(Self.examples.count >= 6)
        for name in Self.examples {
            let path = Tool.root.appending(path: "Examples/\(name)/README.md")
            let text = try String(contentsOf: path, encoding: .utf8)
            #expect(text.contains("ampd-plan plan Examples/\(name)/case.yaml"))
        }
    }

    @Test("planning an example gives the kept answer, valid by the schema", arguments: examples)
    func plan(name: String) async throws {
        let answer = try await Tool.run(["plan", "Examples/\(name)/case.yaml", "-o", "json"])
        try #require([0, 1, 3].contains(answer.code), "\(answer.words)")
        let document = try JSON(answer.output)
        let schema = try JSON(try await Tool.run(["schema", "plan"]).output)
        #expect(SchemaCheck(root: schema).faults(document) == [])
        #expect(document["verdict"]?.text == Self.verdicts[answer.code])
        let kept = Tool.root.appending(path: "Examples/\(name)/expected.json")
        if isWriting { try answer.output.write(to: kept) }
        let expected = try JSON(try Data(contentsOf: kept))
        #expect(layouts(document) == layouts(expected))
        let differences = document.without(Self.volatile)
            .differences(from: expected.without(Self.volatile), tolerance: 1e-6)
        #expect(differences.prefix(10) == [])
    }

    @Test("the plan does not depend on how many simulations run at the same time")
    func jobs() async throws {
        let arguments = ["plan", "Examples/trace-sessions/case.yaml", "-o", "json", "--jobs"]
        let one = try await Tool.run(arguments + ["1"]).output
        #expect(!one.isEmpty)
        let many = try await Tool.run(arguments + ["3"]).output
        #expect(many == one)
    }

    private func layouts(_ document: JSON) -> [String?] {
        (document["plans"]?.elements ?? []).map { $0["layout"]?.text }
    }

    private static let verdicts: [Int32: String] = [0: "pass", 1: "fail", 3: "undecided"]
}
