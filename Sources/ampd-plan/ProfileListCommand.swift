import ArgumentParser
import Profiling
import Reporting
import ServingDomain

struct ProfileListCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List what the store holds, by GPU, engine and version.")

    @OptionGroup var format: OutputOptions
    @OptionGroup var common: CommonOptions

    mutating func run() throws {
        let store = try ProfileStore.required(common)
        var contexts: [ContextSummary] = []
        do {
            contexts = try store.contexts()
        } catch {
            throw Failure(error)
        }
        var table = TextTable([
            ("gpu", .left), ("engine", .left), ("version", .left), ("trust", .left),
            ("shapes", .right), ("samples", .right),
        ])
        for summary in contexts {
            table.append([
                summary.context.gpu, summary.context.engine, summary.context.version,
                summary.trust.rawValue, String(summary.series), String(summary.samples),
            ])
        }
        let value = JSONValue.array(
            contexts.map { summary in
                [
                    "gpu": .string(summary.context.gpu),
                    "engine": .string(summary.context.engine),
                    "engine_version": .string(summary.context.version),
                    "trust": .string(summary.trust.rawValue), "shapes": .integer(summary.series),
                    "samples": .integer(summary.samples),
                ]
            })
        try Console.print(result: format.format.render(TableAnswer(table, value)))
    }
}

struct ProfileShowCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show every import with its origin, and published facts.")

    @Option(help: "Only imports of this GPU.", completion: .gpus)
    var gpu: String?

    @OptionGroup var format: OutputOptions
    @OptionGroup var common: CommonOptions

    mutating func run() throws {
        let store = try ProfileStore.required(common)
        var (batches, facts): ([ImportedBatch], [PublishedFact]) = ([], [])
        do {
            batches = try store.batches().filter { gpu == nil || $0.gpu == gpu }
            facts = try store.facts(gpu: gpu)
        } catch {
            throw Failure(error)
        }
        try Console.print(
            result: format.format.render(
                TableAnswer(table(batches), value(batches, facts), rowsAt: "imports")))
    }

    private func table(_ batches: [ImportedBatch]) -> TextTable {
        var table = TextTable(
            [
                ("id", .right), ("file", .left), ("layout", .left), ("gpu", .left),
                ("engine", .left), ("trust", .left), ("imported_at", .left), ("rows_read", .right),
                ("samples_added", .right), ("sha256", .left),
            ],
            extra: [
                ("duplicates", .right), ("refused", .right), ("tool_version", .left),
                ("notes", .left), ("whole_sha256", .left),
            ])
        for batch in batches {
            table.append([
                String(batch.id), batch.file, batch.adapter, batch.gpu,
                "\(batch.engine) \(batch.version)", batch.trust.rawValue, batch.importedAt,
                String(batch.rowsRead), String(batch.samplesAdded), String(batch.sha256.prefix(12)),
                String(batch.duplicates), String(batch.refused), batch.toolVersion, batch.notes,
                batch.sha256,
            ])
        }
        return table
    }

    private func value(_ batches: [ImportedBatch], _ facts: [PublishedFact]) -> JSONValue {
        [
            "imports": .array(
                batches.map { batch in
                    [
                        "id": .integer(Int(batch.id)), "file": .string(batch.file),
                        "layout": .string(batch.adapter), "gpu": .string(batch.gpu),
                        "engine": .string(batch.engine),
                        "engine_version": .string(batch.version),
                        "trust": .string(batch.trust.rawValue), "notes": .string(batch.notes),
                        "imported_at": .string(batch.importedAt),
                        "tool_version": .string(batch.toolVersion),
                        "sha256": .string(batch.sha256), "rows_read": .integer(batch.rowsRead),
                        "samples_added": .integer(batch.samplesAdded),
                        "duplicates": .integer(batch.duplicates),
                        "refused": .integer(batch.refused),
                    ]
                }),
            "facts": .array(
                facts.map {
                    [
                        "gpu": .string($0.gpu), "fact": .string($0.name),
                        "unit": .string($0.unit), "value": .string($0.value),
                    ]
                }),
        ]
    }
}

struct ProfileDeleteCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete one import, or everything about a GPU.")

    @Option(name: .customLong("import"), help: "Number of the import, as `profile show` lists it.")
    var batch: Int64?

    @Option(help: "GPU whose timings, facts and calibrations are deleted.")
    var gpu: String?

    @OptionGroup var common: CommonOptions

    mutating func validate() throws {
        guard (batch == nil) != (gpu == nil) else {
            throw ValidationError("Give either --import NUMBER or --gpu NAME.")
        }
    }

    mutating func run() throws {
        let store = try ProfileStore.required(common)
        do {
            if let batch { Console.say("\(try store.deleteBatch(batch)) samples deleted") }
            if let gpu {
                let removed = try store.delete(gpu: gpu)
                Console.say(
                    "\(removed.samples) samples and \(removed.calibrations) calibrations deleted")
            }
        } catch {
            throw Failure(error)
        }
    }
}

struct ProfileExportCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a context's samples as CSV that an import takes back without loss.")

    @Option(help: "GPU, as `profile list` names it.")
    var gpu: String

    @Option(help: "Engine.", completion: .engines)
    var engine: String

    @Option(help: "Version of the engine.")
    var engineVersion: String

    @Option(help: "File to write instead of standard output.", completion: .anyFile)
    var output: String?

    @OptionGroup var common: CommonOptions

    mutating func run() throws {
        let store = try ProfileStore.required(common)
        var text = ""
        do {
            text = try store.export(
                ProfileContext(gpu: gpu, engine: engine, version: engineVersion))
        } catch {
            throw Failure(error)
        }
        try Console.deliver(text, to: output)
    }
}

extension ProfileListCommand {
    static var shape: DocumentShape {
        .list(
            .object([
                "gpu": .text, "engine": .text, "engine_version": .text, "trust": .trust,
                "shapes": .count, "samples": .count,
            ]))
    }
}

extension ProfileShowCommand {
    static var shape: DocumentShape {
        .object([
            "imports": .list(
                .object([
                    "id": .count, "file": .text, "layout": .text, "gpu": .text, "engine": .text,
                    "engine_version": .text, "trust": .trust, "notes": .text,
                    "imported_at": .text, "tool_version": .text, "sha256": .text,
                    "rows_read": .count, "samples_added": .count, "duplicates": .count,
                    "refused": .count,
                ])),
            "facts": .list(
                .object(["gpu": .text, "fact": .text, "unit": .text, "value": .text])),
        ])
    }
}
