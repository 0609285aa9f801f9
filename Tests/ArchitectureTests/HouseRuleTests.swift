import Testing

/// Rules that no compiler checks.
@Suite("Rules of the house")
struct HouseRuleTests {
    private func places(
        of pattern: some RegexComponent, in files: [House.File]
    ) -> [String] {
        files.flatMap { $0.places(of: pattern) }
    }

    @Test("only Catalog, Profiling and the command line touch files")
    func fileAccess() throws {
        let doors = ["Sources/Catalog/", "Sources/Profiling/", "Sources/ampd-plan/"]
        let files = try House.swiftFiles(in: "Sources").filter { file in
            !doors.contains { file.path.hasPrefix($0) }
        }
        let pattern =
            /FileManager|FileHandle|contentsOfFile|URL\(file|\bfopen\(|(Data|String)\(contentsOf:/
        #expect(places(of: pattern, in: files) == [])
    }

    @Test("no clock, no environment and no system randomness between the doors")
    func noHiddenInputs() throws {
        let files = try House.swiftFiles(in: "Sources").filter {
            !$0.path.hasPrefix("Sources/ampd-plan/") && !$0.path.hasPrefix("Sources/Profiling/")
        }
        let pattern =
            /ProcessInfo|\bDate\(\)|ContinuousClock|SuspendingClock|SystemRandomNumberGenerator|\.random\(in:|\.shuffled\(\)|getenv/
        #expect(places(of: pattern, in: files) == [])
    }

    @Test("nothing is forced, and nothing is left to do")
    func noForce() throws {
        let files = try House.swiftFiles(in: "Sources")
        #expect(places(of: /\btry!|\bas!|TODO|FIXME|fatalError\(/, in: files) == [])
    }

    @Test("file names say what is inside")
    func names() throws {
        let files = try House.swiftFiles(in: "Sources") + House.swiftFiles(in: "Tests")
        let vague = files.map(\.path).filter {
            $0.firstMatch(of: /(Util|Utils|Utilities|Common|Helper|Helpers|Manager|Misc)\.swift$/)
                != nil
        }
        #expect(vague == [])
        let rooms = files.map(\.path).filter { $0.hasPrefix("Sources/") }
        let names = rooms.compactMap { $0.split(separator: "/").last }
        #expect(Set(names).count == names.count, "two files of one name confuse debug information")
    }

    @Test("a file of Sources stays below 300 lines")
    func length() throws {
        let long = try House.swiftFiles(in: "Sources").filter { $0.lines.count > 300 }
        #expect(long.map(\.path) == [])
    }

    @Test("no kept text names a place on somebody's machine")
    func noMachinePaths() throws {
        // Written in two halves so that this file does not hold what it looks for.
        let roots = ["home", "root", "work", "tmp", "Users"].joined(separator: "|")
        let pattern = try Regex("(^|[^A-Za-z0-9_.}-])/(" + roots + ")/")
        #expect(places(of: pattern, in: try House.keptFiles()) == [])
    }
}
