import EmbeddedFacts
import Foundation
import IntegerProgramming
import Profiling

/// What does not depend on files.
extension HealthCheck {
    static func program(jobs: Int) -> [HealthCheck] { [version, cores(jobs), numbers] }

    private static var version: HealthCheck {
        guard EmbeddedFacts.commit != "unknown" else {
            return HealthCheck(
                "version", .warning, Version.text,
                advice: "plans cannot name the commit: build with `make`, which tells it")
        }
        return HealthCheck("version", .ok, Version.text)
    }

    private static func cores(_ jobs: Int) -> HealthCheck {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        return HealthCheck("cores", .ok, "\(cores), and \(jobs) simulations at once")
    }

    /// What is written must not depend on the language of the machine.
    private static var numbers: HealthCheck {
        let point = localeconv()?.pointee.decimal_point.map { String(cString: $0) } ?? ""
        guard point == ".", "\(1234.5)" == "1234.5", Double("1234.5") == 1234.5 else {
            return HealthCheck(
                "numbers", .error, "the decimal point is '\(point)'",
                advice: "set LC_ALL=C and report how this came about")
        }
        return HealthCheck("numbers", .ok, "written with a point, whatever the locale")
    }

    /// Solves a program whose optimum is known.
    static func solver() -> HealthCheck {
        var program = IntegerProgram()
        let x = program.integer("x", from: 0, to: 4)
        let y = program.binary("y")
        program.minimise(-3 * x - 5 * y)
        program.subject(to: 2 * x + 4 * y <= 9, named: "weight")
        let advice = "install GLPK 5 (package libglpk40) and build anew with `make`"
        do {
            let solution = try program.solve()
            guard solution.objective == -12 else {
                let found = solution.objective.map { "\($0)" } ?? "nothing"
                return HealthCheck(
                    "solver", .error, "\(Solver.version) found \(found), expected -12",
                    advice: advice)
            }
            return HealthCheck("solver", .ok, "\(Solver.version) solves a program to optimality")
        } catch {
            return HealthCheck(
                "solver", .error, "\(Solver.version): \(error.description)", advice: advice)
        }
    }

    static func database() -> HealthCheck {
        do {
            let version = try StoreFacts.sqliteVersion()
            let order = version.compare(StoreFacts.oldestSQLite, options: .numeric)
            guard order != .orderedAscending else {
                return HealthCheck(
                    "database", .error, "SQLite \(version)",
                    advice: "install SQLite \(StoreFacts.oldestSQLite) or newer")
            }
            return HealthCheck("database", .ok, "SQLite \(version)")
        } catch {
            return HealthCheck(
                "database", .error, error.description, advice: "install libsqlite3 anew")
        }
    }
}
