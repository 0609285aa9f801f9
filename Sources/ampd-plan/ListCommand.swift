import ArgumentParser
import Catalog
import Reporting

struct ListCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract:
            "List the models, GPUs, engines, workload templates, policies and rules known by name.")

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case models
        case gpus
        case engines
        case templates
        case policies
        case rules
    }

    @Argument(help: "What to list.")
    var kind: Kind

    @OptionGroup var format: OutputOptions
    @OptionGroup var common: CommonOptions

    mutating func run() throws {
        let catalog = try CaseSource(common).catalog
        switch kind {
        case .models: try list(catalog.modelNames)
        case .gpus: try list(catalog.hardwareNames)
        case .engines: try list(catalog.engineNames)
        case .templates: try list(WorkloadLibrary.names)
        case .policies:
            try Console.print(result: format.format.render(PolicyListing()))
        case .rules:
            try Console.print(result: format.format.render(RuleListing()))
        }
    }

    private func list(_ names: [String]) throws {
        var table = TextTable([("name", .left)])
        names.forEach { table.append([$0]) }
        let value = JSONValue.array(names.map(JSONValue.string))
        let named = names.map { JSONValue.object(["name": .string($0)]) }
        try Console.print(result: format.format.render(TableAnswer(table, value, lines: named)))
    }
}
