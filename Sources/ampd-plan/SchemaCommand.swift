import ArgumentParser
import Catalog
import Reporting

struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of a file that the tool reads or writes.")

    enum Document: String, ExpressibleByArgument, CaseIterable {
        case `case`
        case plan
    }

    @Argument(help: "Which schema.")
    var document: Document

    @OptionGroup var common: CommonOptions

    mutating func run() throws {
        let text =
            switch document {
            case .case: CaseSchema.json
            case .plan: try PlanSchema.json
            }
        try Console.print(result: text)
    }
}
