import ChildProcesses
import Foundation
import Testing

/// What a GPU served, beside the simulator.
@Suite("The page of served runs")
struct ServedRunsTests {
    private static let hasXZ = (try? ChildProcess.lines(of: ["xz", "--version"])) != nil

    @Test(
        "runs as it is printed, and prints what it shows",
        .enabled(if: hasXZ, "needs xz (package xz-utils)"))
    func page() async throws {
        let folder = try Folder()
        let measured = Tool.packageRoot.appending(path: "Hardware/h200-sxm")
        for name in ["served", "timings.csv"] {
            try FileManager.default.copyItem(
                at: measured.appending(path: name), to: folder.url.appending(path: name))
        }
        let page = RunnablePage(file: Tool.packageRoot.appending(path: "docs/validation.md"))
        #expect(try await page.run(in: folder) == 7)
    }

    @Test("what is kept of the runs is small")
    func size() throws {
        let served = Tool.packageRoot.appending(path: "Hardware/h200-sxm/served")
        let files = try FileManager.default.contentsOfDirectory(
            at: served, includingPropertiesForKeys: [.fileSizeKey])
        let bytes = try files.reduce(0) {
            $0 + (try $1.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0)
        }
        #expect(files.count > 10 && bytes < 2_000_000)
    }
}
