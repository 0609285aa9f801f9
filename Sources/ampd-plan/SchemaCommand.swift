import ArgumentParser
import Catalog
import Foundation
import Reporting

struct SchemaCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of a file that the tool reads or writes.",
        discussion: "Without a name all of them are listed.")

    @Argument(
        help: "Which schema, for example plan; those without a name are listed.",
        completion: .list(KnownSchemas.all.map(\.name)))
    var name: String?

    @OptionGroup var common: CommonOptions

    mutating func run() throws {
        guard let name else { return try Console.print(result: KnownSchemas.table.text) }
        guard let schema = KnownSchemas.all.first(where: { $0.name == name }) else {
            let names = KnownSchemas.all.map(\.name)
            let near = NearestName.suggestions(for: name, among: names)
            throw Failure(
                ToolExit.usage,
                "schema: found '\(name)', expected "
                    + (near.isEmpty
                        ? "one of \(names.joined(separator: ", "))" : "one that there is")
                    + (near.isEmpty ? "." : ", perhaps \(near.joined(separator: ", "))."))
        }
        try Console.print(result: schema.text())
    }
}

/// Every schema by name.
private struct KnownSchema: Sendable {
    let name: String
    let summary: String
    let text: @Sendable () throws(Failure) -> String
}

private enum KnownSchemas {
    static let all: [KnownSchema] =
        [
            KnownSchema(name: "case", summary: "A case file, which most commands read.") {
                CaseSchema.json
            },
            KnownSchema(
                name: "workload",
                summary: "A workload file, which cases name and workload fit writes."
            ) { CaseSchema.workloadJSON },
            KnownSchema(
                name: "plan",
                summary: "Ranked layouts: plan writes, check, explain and tune read it."
            ) { () throws(Failure) in try json { try PlanSchema.json } },
        ]
        + (DocumentSchema.all + listings).map { document in
            KnownSchema(name: document.name, summary: document.summary) { () throws(Failure) in
                try json { try document.json }
            }
        }

    /// Lists whose documents are made here.
    private static let listings = [
        DocumentSchema(
            "profile-import", "What was imported, as profile import, synth and scale write it.",
            ImportListing.shape),
        DocumentSchema(
            "profile-list", "What the store holds, as profile list writes it.",
            ProfileListCommand.shape),
        DocumentSchema(
            "profile-show", "Imports and facts of the store, as profile show writes them.",
            ProfileShowCommand.shape),
        DocumentSchema(
            "doctor", "What the tool needs and how it was found, as doctor writes it.",
            HealthReport.shape),
        DocumentSchema(
            "policies", "Policies with their knobs, as list policies writes them.",
            PolicyListing.shape),
        DocumentSchema(
            "names", "Names, as list models, gpus, engines and templates write them.",
            .list(.text)),
    ]

    private static func json(_ text: () throws -> String) throws(Failure) -> String {
        do {
            return try text()
        } catch {
            throw Failure(ToolExit.internalFault, "the schema cannot be encoded: \(error)")
        }
    }

    static var table: TextTable {
        var table = TextTable([("schema", .left), ("document", .left)])
        for schema in all { table.append([schema.name, schema.summary]) }
        return table
    }
}
