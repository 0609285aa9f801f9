import ChildProcesses
import Foundation
import IntegerProgramming
import Testing

@testable import Planning

/// HiGHS finds the same optimum in the LP text of every program.
///
/// With tolerances of 1e-10 it cut the optimum off in one of a thousand programs, which it finds with 1e-9.
@Suite("The integer program in another solver")
struct ForeignOptimumTests {
    private static let script = """
        import highspy, sys
        for path in sys.argv[1:]:
            solver = highspy.Highs()
            solver.setOptionValue("output_flag", False)
            solver.setOptionValue("mip_rel_gap", 0.0)
            solver.setOptionValue("mip_feasibility_tolerance", 1e-9)
            solver.setOptionValue("primal_feasibility_tolerance", 1e-9)
            solver.readModel(path)
            solver.run()
            print(solver.getInfo().objective_function_value)
        """

    private static let hasHiGHS: Bool =
        (try? ChildProcess.lines(of: ["python3", "-c", "import highspy"])) ?? nil != nil

    @Test(
        "the optimum is that of HiGHS",
        .enabled(if: hasHiGHS, "python3 with highspy is not installed"))
    func optimum() throws {
        let count = ProcessInfo.processInfo.environment["AMPD_VERIFY"] == "1" ? 1_000 : 40
        let folder = FileManager.default.temporaryDirectory
            .appending(component: "programs-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var (paths, ours) = ([String](), [Double]())
        for seed in 1...count {
            let question = DeploymentProgramTests.Question(seed: seed + 5_000)
            guard let selection = try? question.program.best(1),
                let program = selection.program
            else { continue }
            let file = folder.appending(component: "\(seed).lp")
            try Data(try LPText(program).description.utf8).write(to: file)
            paths.append(file.path)
            ours.append(selection.objective)
        }
        #expect(ours.count > count * 3 / 4)
        var theirs: [Double] = []
        for start in stride(from: 0, to: paths.count, by: 100) {
            let part = paths[start..<min(start + 100, paths.count)]
            let lines = try ChildProcess.lines(of: ["python3", "-c", Self.script] + part)
            theirs += (lines ?? []).compactMap(Double.init)
        }
        #expect(theirs.count == ours.count)
        let different = zip(paths, zip(ours, theirs)).filter {
            abs($0.1.0 - $0.1.1) > 1e-7 * max(1, $0.1.0)
        }
        #expect(different.isEmpty, "\(different.map { ($0.0.suffix(8), $0.1) })")
    }
}
