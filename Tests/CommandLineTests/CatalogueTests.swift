import ChildProcesses
import Foundation
import Testing

@Suite("The DocC catalogue")
struct CatalogueTests {
    private static let docs = Tool.packageRoot.appending(path: "docs")

    @Test("lists every guide")
    func complete() throws {
        let page = try String(
            contentsOf: Self.docs.appending(path: "ampd-plan.docc/ampd-plan.md"), encoding: .utf8)
        let guides = try FileManager.default.contentsOfDirectory(atPath: Self.docs.path)
            .filter { $0.hasSuffix(".md") }.map { $0.dropLast(".md".count) }.sorted()
        #expect(guides.count > 15)
        for guide in guides { #expect(page.contains("- <doc:\(guide)>"), "\(guide)") }
    }

    @Test("compiles without a warning, where there is docc")
    func compiles() async throws {
        let folder = try Folder()
        guard try await Tool.shell("command -v docc", in: folder).code == 0 else { return }
        let script = Tool.packageRoot.appending(path: ".ci/docs").path
        let made = try await Tool.shell("'\(script)' \"$PWD/out.doccarchive\"", in: folder)
        #expect(made.code == 0, "\(made.text) \(made.words)")
        #expect(
            try folder.paths.contains("out.doccarchive/data/documentation/ampd-plan/tutorial.json"))
    }
}
