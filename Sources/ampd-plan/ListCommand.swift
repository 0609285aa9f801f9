import ArgumentParser
import Catalog
import Reporting

struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the models, GPUs, engines and workload templates known by name.")

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case models
        case gpus
        case engines
        case templates
    }

    @Argument(help: "What to list.")
    var kind: Kind

    @OptionGroup var format: OutputOptions
    @OptionGroup var common: CommonOptions

    mutating func run() throws {
        let catalog = try CaseSource(common).catalog
        let names =
            switch kind {
            case .models: catalog.modelNames
            case .gpus: catalog.hardwareNames
            case .engines: catalog.engineNames
            case .templates: CaseTemplates.all.map(\.name)
            }
        var table = TextTable([("name", .left)])
        names.forEach { table.append([$0]) }
        let value = JSONValue.array(names.map(JSONValue.string))
        try Console.print(result: format.format.render(table, or: value))
    }
}
