import ChildProcesses
import Foundation

/// Another program that reads the LP format, where this machine has one.
enum ForeignSolver: String {
    case glpsol
    case highs

    var isInstalled: Bool {
        switch self {
        case .glpsol: (try? run(["glpsol", "--version"])) != nil
        case .highs: (try? run(["python3", "-c", "import highspy"])) != nil
        }
    }

    /// Optimum of an LP text, or nil where the solver finds none or does not understand it.
    func optimum(of text: String) throws -> Double? {
        let folder = FileManager.default.temporaryDirectory
            .appending(component: "lp-text-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(component: "program.lp")
        try Data(text.utf8).write(to: file)
        switch self {
        case .glpsol: return try glpsolOptimum(file, answer: folder.appending(component: "answer"))
        case .highs:
            return try Double(run(["python3", "-c", Self.highsScript, file.path]).last ?? "")
        }
    }

    private func glpsolOptimum(_ file: URL, answer: URL) throws -> Double? {
        _ = try run(["glpsol", "--tmlim", "20", "--lp", file.path, "--write", answer.path])
        // Solution line of GLPK's plain format: `s mip ROWS COLUMNS o OBJECTIVE`, or without
        // integers `s bas ROWS COLUMNS f f OBJECTIVE`; other letters are not optimal.
        let line = try String(contentsOf: answer, encoding: .utf8)
            .split(separator: "\n").first { $0.hasPrefix("s ") }
        let words = line?.split(separator: " ") ?? []
        let isOptimal = words.dropFirst(4).dropLast().allSatisfy { ["o", "f"].contains($0) }
        return isOptimal ? words.last.flatMap { Double($0) } : nil
    }

    private static let highsScript = """
        import highspy, sys
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("mip_rel_gap", 0.0)
        solver.setOptionValue("time_limit", 20.0)
        read = solver.readModel(sys.argv[1])
        solver.run()
        isOptimal = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        isRead = read == highspy.HighsStatus.kOk
        print(solver.getInfo().objective_function_value if isRead and isOptimal else "none")
        """

    /// Lines that a command printed; an error where it is missing or fails.
    @discardableResult
    private func run(_ command: [String]) throws -> [String] {
        guard let lines = try ChildProcess.lines(of: command) else {
            throw CocoaError(.executableLoad)
        }
        return lines
    }
}
