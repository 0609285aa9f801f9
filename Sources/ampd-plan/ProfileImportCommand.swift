import ArgumentParser
import Catalog
import Foundation
import Profiling
import Reporting
import ServingDomain

struct ProfileImportCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import operator timings (CSV) into the store; each file is one transaction.",
        discussion: """
            Known layouts: our own (docs/timings-csv.md), AIConfigurator's tables, Vidur's \
            profiles, LLMServingSim's profiles of layers (in their folders, with meta.yaml). Importing a file again adds nothing. When a file is refused, the files \
            before it stay imported.
            """)

    @Argument(help: "CSV files.", completion: .anyFile)
    var files: [String]

    @OptionGroup(title: "Origin, where the file or its path does not tell")
    var origin: OriginOptions

    @Flag(help: "Import the good rows of a file with bad ones, and list the bad ones.")
    var skipBadRows = false

    @OptionGroup var format: OutputOptions
    @OptionGroup var common: CommonOptions

    mutating func run() throws {
        let missing = files.first { $0 != "-" && !FileManager.default.fileExists(atPath: $0) }
        if let missing { throw Failure(ToolExit.missingInput, "\(missing): no such file.") }
        let store = try ProfileStore.writable(common)
        let catalog = try CaseSource(common).catalog
        var options = ImportOptions(
            gpu: origin.gpu, engine: origin.engine, version: origin.engineVersion,
            model: origin.model, findModel: { try? catalog.model(named: $0) },
            skipBadRows: skipBadRows, toolVersion: Version.current)
        options.readMeta = { path in
            let meta = try LayerProfileFile(
                bytes: [UInt8](Data(contentsOf: URL(fileURLWithPath: path))), fileName: path)
            return LayerMeta(
                model: meta.model, gpu: meta.gpu, version: meta.engineVersion,
                variant: meta.variant)
        }
        var reports: [ImportReport] = []
        var failure: Failure?
        for file in files {
            do throws(Failure) {
                reports.append(try read(file, into: store, options))
            } catch {
                failure = error
                break
            }
        }
        if let failure, reports.isEmpty { throw failure }
        reports.flatMap(\.refusedRows).forEach { Console.say("refused: \($0)") }
        let listing = ImportListing(reports)
        try Console.print(result: format.format.render(listing))
        if let failure { throw failure }
    }

    private func read(
        _ file: String, into store: ProfileStore, _ options: ImportOptions
    ) throws(Failure) -> ImportReport {
        let input = file == "-" ? [UInt8](try Console.read(file)) : nil
        if input == nil { Console.sayInDetail("reading \(file)") }
        do {
            return if let input {
                try store.importTimings(input, named: Console.name(of: file), options: options)
            } else {
                try store.importTimings(from: file, options: options)
            }
        } catch {
            throw Failure(error)
        }
    }
}

/// What timings were measured on.
struct OriginOptions: ParsableArguments {
    @Option(help: "GPU that was measured, for example h200-sxm.", completion: .gpus)
    var gpu: String?

    @Option(help: "Engine whose kernels were measured, for example vllm.", completion: .engines)
    var engine: String?

    @Option(help: "Version of that engine.")
    var engineVersion: String?

    @Option(
        help: "Model whose layers a profile of layers holds, where its meta.yaml names none.",
        completion: .models)
    var model: String?
}

/// Import reports as rows.
struct ImportListing: Answer {
    let reports: [ImportReport]

    init(_ reports: [ImportReport]) { self.reports = reports }

    var table: TextTable {
        var table = TextTable(
            [
                ("file", .left), ("layout", .left), ("gpu", .left), ("engine", .left),
                ("rows_read", .right), ("samples_added", .right), ("duplicates", .right),
                ("refused", .right),
            ],
            extra: [
                ("trust", .left), ("facts_added", .right), ("cells_skipped", .right),
            ])
        for report in reports {
            table.append([
                report.file, report.adapter, report.gpu, "\(report.engine) \(report.version)",
                String(report.rowsRead), String(report.samplesAdded + report.factsAdded),
                String(report.duplicates), String(report.refused),
                report.trust.rawValue, String(report.factsAdded), String(report.cellsSkipped),
            ])
        }
        return table
    }

    var value: JSONValue {
        .array(
            reports.map { report in
                [
                    "file": .string(report.file), "layout": .string(report.adapter),
                    "gpu": .string(report.gpu), "engine": .string(report.engine),
                    "engine_version": .string(report.version),
                    "trust": .string(report.trust.rawValue),
                    "rows_read": .integer(report.rowsRead),
                    "samples_added": .integer(report.samplesAdded),
                    "facts_added": .integer(report.factsAdded),
                    "duplicates": .integer(report.duplicates),
                    "cells_skipped": .integer(report.cellsSkipped),
                    "refused": .integer(report.refused),
                    "refused_rows": .array(
                        report.refusedRows.map {
                            ["line": .integer($0.line), "reason": .string($0.reason)]
                        }),
                ]
            })
    }
}

extension ImportListing {
    static var shape: DocumentShape {
        .list(
            .object([
                "file": .text, "layout": .text, "gpu": .text, "engine": .text,
                "engine_version": .text, "trust": .trust, "rows_read": .count,
                "samples_added": .count, "facts_added": .count, "duplicates": .count,
                "cells_skipped": .count, "refused": .count,
                "refused_rows": .list(.object(["line": .count, "reason": .text])),
            ]))
    }
}
