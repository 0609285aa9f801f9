import ArgumentParser
import Catalog
import Deploying
import Foundation
import ServingDomain

struct InitCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract:
            "Write a folder to start from: a commented case, its workload, and what to do next.",
        discussion: """
            case.yaml, workload.yaml and README.md are written. What is there already is not touched \
            without --force. The names of the files stand on standard output.
            """)

    @Argument(
        help: "Folder of the project, made where it is missing. Default: the working directory.",
        completion: .directory)
    var folder: String = "."

    @Option(help: "What the sessions are like.")
    var template: ProjectTemplate

    @Option(help: "Model name, or path of a Hugging Face config.json.", completion: .models)
    var model: String = "llama-3.1-70b"

    @Option(help: "GPU name.", completion: .gpus)
    var gpu: String = "h200-sxm"

    @Option(
        parsing: .unconditional, help: "GPUs in the cluster.",
        transform: wholeNumber(1...65_536))
    var gpus: Int = 8

    @Option(help: "Serving engine.", completion: .engines)
    var engine: String = "vllm"

    @Flag(help: "Overwrite files that are there.")
    var force = false

    @OptionGroup var common: CommonOptions

    mutating func run() throws {
        let place = URL(fileURLWithPath: folder).standardizedFileURL
        let name = place.lastPathComponent == "/" ? "project" : place.lastPathComponent
        let platform = try platform(relativeTo: place)
        guard let workload = CommentedFile(workload: template.rawValue) else {
            throw Failure(
                ToolExit.internalFault, "the workload \(template.rawValue) is not built in.")
        }
        let files = [
            ("case.yaml", template.caseFile(named: name, platform).text),
            ("workload.yaml", workload.text), ("README.md", template.readme(named: name)),
        ]
        let target = try OutputFolder(
            folder, option: "init", for: files.map(\.0), overwriting: force)
        try target.write(files.map { OutputFolder.File(name: $0, text: $1) })
        for (file, _) in files { try Console.print(result: path(of: file) + "\n") }
        Console.say(
            """
            next:
              cd \(folder.shellWord)
              ampd-plan plan case.yaml --output plan.json
              ampd-plan explain plan.json
            """)
    }

    /// What was asked for, checked and by its own names.
    private func platform(relativeTo place: URL) throws(Failure) -> ProjectPlatform {
        let catalog = try CaseSource(common).catalog
        let hardware = try catalog.hardwareOrFailure(gpu)
        let nodes = try NodeCount(gpus: gpus, perNode: hardware.gpusPerNode)
        let known = try catalog.modelOrFailure(model)
        let isFile = !catalog.modelNames.contains(known.name)
        let engine: String
        do {
            engine = try catalog.engine(named: self.engine).name
        } catch {
            throw Failure(error)
        }
        return ProjectPlatform(
            // The case lies elsewhere than the person who named the file.
            model: isFile ? URL(fileURLWithPath: model).standardizedFileURL.path : known.name,
            gpu: hardware.name, nodes: nodes.nodes, gpusPerNode: nodes.gpusPerNode, engine: engine)
    }

    private func path(of file: String) -> String {
        folder == "." ? file : folder.hasSuffix("/") ? folder + file : "\(folder)/\(file)"
    }
}

/// So many GPUs as whole nodes.
struct NodeCount {
    let nodes: Int
    let gpusPerNode: Int

    /// - Throws: where they are more than one node and no multiple of it.
    init(gpus: Int, perNode: Int) throws(Failure) {
        guard gpus <= perNode || gpus.isMultiple(of: perNode) else {
            throw Failure(
                ToolExit.usage,
                "--gpus \(gpus): more than one node of \(perNode) GPUs, but no multiple of it; "
                    + "give a multiple, or a case file with cluster.gpus_per_node.")
        }
        (nodes, gpusPerNode) = (max(1, gpus / perNode), min(gpus, perNode))
    }
}
