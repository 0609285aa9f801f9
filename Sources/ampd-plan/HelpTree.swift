import ArgumentParser
import Foundation

/// A command with its options, as the parser tells them of itself (`--experimental-dump-help`).
struct HelpTree: Decodable {
    struct Option: Decodable {
        struct Name: Decodable {
            let kind: String
            let name: String

            /// As it is typed.
            var typed: String { (kind == "long" ? "--" : "-") + name }
        }

        let kind: String
        let names: [Name]?
        let valueName: String?
        let abstract: String?
        let discussion: String?
        let defaultValue: String?
        let allValues: [String]?
        let sectionTitle: String?
        let isOptional: Bool
        let isRepeating: Bool
        let shouldDisplay: Bool

        var takesValue: Bool { kind != "flag" }
        var isPositional: Bool { kind == "positional" }
    }

    let commandName: String
    let abstract: String?
    let discussion: String?
    let shouldDisplay: Bool
    let arguments: [Option]?
    let subcommands: [HelpTree]?

    /// Options and arguments that help shows.
    var options: [Option] { (arguments ?? []).filter(\.shouldDisplay) }
    /// Commands that help shows.
    var commands: [HelpTree] {
        (subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" }
    }

    /// The whole tool.
    static func whole() throws(Failure) -> HelpTree {
        struct Dump: Decodable { let command: HelpTree }
        do {
            return try JSONDecoder().decode(Dump.self, from: Data(AMPDPlan._dumpHelp().utf8))
                .command
        } catch {
            throw Failure(ToolExit.internalFault, "the help cannot be read: \(error)")
        }
    }
}
