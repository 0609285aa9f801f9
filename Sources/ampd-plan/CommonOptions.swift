import ArgumentParser
import Foundation

/// Options that every command takes.
struct CommonOptions: ParsableArguments {
    @Option(
        help: "Profile store. Default: AMPD_PLAN_STORE, else the XDG data directory.",
        completion: .anyFile)
    var store: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Seed of everything random; overrides the case's. Commands that draw nothing are not "
                + "changed by it."),
        transform: wholeNumber(0...9_007_199_254_740_991))
    var seed: UInt64?

    @Option(
        parsing: .unconditional,
        help: "Simulations at the same time; never changes a result. Default: all cores.",
        transform: wholeNumber(1...1024))
    var jobs: Int?

    @Option(
        help: "Directory of model descriptions instead of the built-in ones.",
        completion: .directory)
    var models: String?

    @Option(
        help: ArgumentHelp(
            "Directory of hardware facts instead of the built-in ones; of engines too where it has any."
        ),
        completion: .directory)
    var hardware: String?

    @Flag(name: .shortAndLong, help: "No words on standard error but errors.")
    var quiet = false

    @Flag(
        name: .shortAndLong,
        help: "More words: files and stores that are read, costs, runs that were known.")
    var verbose = false

    @Option(
        help: "Colours of headings, verdicts and messages; auto: on a terminal without NO_COLOR.")
    var color: Colours = .auto

    func validate() throws {
        guard !quiet || !verbose else {
            throw ValidationError("--quiet and --verbose: expected one of them.")
        }
    }

    /// How the command speaks.
    var voice: Voice {
        Voice(amount: quiet ? .quiet : verbose ? .verbose : .usual, colours: color)
    }

    var jobCount: Int { jobs ?? ProcessInfo.processInfo.activeProcessorCount }

    /// Path of the profile store.
    var storePath: String {
        if let store { return store }
        let environment = ProcessInfo.processInfo.environment
        if let path = environment["AMPD_PLAN_STORE"], !path.isEmpty { return path }
        let home = environment["HOME"] ?? "."
        let data = environment["XDG_DATA_HOME"].flatMap { $0.isEmpty ? nil : $0 }
        return (data ?? home + "/.local/share") + "/ampd-plan/profiles.sqlite"
    }

    /// Whether the user named a store, so that a missing one is an error.
    var storeIsNamed: Bool {
        store != nil || !(ProcessInfo.processInfo.environment["AMPD_PLAN_STORE"] ?? "").isEmpty
    }
}

/// Forms in which an answer can be printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table
    /// Tables with all their columns.
    case wide
    case json
    /// A document a line for each row.
    case jsonl
    case yaml
    case csv
    /// A table of GitHub's Markdown.
    case md

    /// Reads the name of a form; `text` is another word for `table`.
    init?(argument: String) {
        self.init(rawValue: argument == "text" ? "table" : argument)
    }
}

struct OutputOptions: ParsableArguments {
    @Option(
        name: [.customShort("o"), .customLong("output-format")],
        help: "Form of the answer on standard output.")
    var format: OutputFormat = .table
}
