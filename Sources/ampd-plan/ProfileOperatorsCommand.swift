import ArgumentParser
import Catalog
import CostModeling
import Reporting
import ServingDomain

struct ProfileOperatorsCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "operators",
        abstract: "List every operator of a step with its shape, FLOPs and bytes per GPU.")

    @OptionGroup(title: "Model") var model: ModelOptions

    @Option(help: "Tokens of the step: the increment in prefill, the batch in decode.")
    var tokens: Int = 1

    @Option(help: "Cached tokens: the history in prefill, the context per sequence in decode.")
    var cached: Int = 0

    @OptionGroup var format: OutputOptions
    @OptionGroup var common: CommonOptions

    mutating func validate() throws {
        guard (1...10_000_000).contains(tokens) else {
            throw ValidationError("--tokens \(tokens): expected 1 to 10,000,000 tokens.")
        }
        guard (0...10_000_000).contains(cached) else {
            throw ValidationError("--cached \(cached): expected 0 to 10,000,000 tokens.")
        }
    }

    mutating func run() throws {
        let (model, degrees) = try model.resolve(common)
        let rows = degrees.flatMap { degree in
            Phase.allCases.flatMap { phase in
                StepOperators(
                    model: model.spec, weightFormat: model.weightFormat,
                    kvFormat: model.kvFormat, degree: degree
                ).operators(of: phase).map {
                    OperatorRow(degree: degree, phase: phase, use: $0, tokens, cached)
                }
            }
        }
        let listing = OperatorListing(rows)
        try Console.print(result: format.format.render(listing))
    }
}

/// A model with its formats and degrees, as several profile commands take it.
struct ModelOptions: ParsableArguments {
    @Option(help: "Model name, or path of a Hugging Face config.json.", completion: .models)
    var model: String

    @Option(help: "Tensor-parallel degrees, for example 1,2,4,8.")
    var tp: DegreesArgument?

    @Option(help: "Format of the weights; default as published.")
    var weightFormat: FormatArgument?

    @Option(help: "Format of the KV cache.")
    var kvFormat: LoggedDeployment.CacheFormat?

    struct Resolved {
        let spec: ModelSpec
        let weightFormat: NumberFormat
        let kvFormat: NumberFormat
    }

    func resolve(
        _ common: CommonOptions
    ) throws(Failure) -> (model: Resolved, degrees: [TensorParallelDegree]) {
        let source = try CaseSource(common)
        do {
            let spec = try source.catalog.model(named: model)
            let resolved = Resolved(
                spec: spec,
                weightFormat: weightFormat?.format
                    ?? source.catalog.weightFormat(of: spec, named: model),
                kvFormat: kvFormat == .fp8 ? .fp8 : .bf16)
            return (resolved, try degrees(spec))
        } catch let error as CatalogError {
            throw Failure(error)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(ToolExit.internalFault, String(describing: error))
        }
    }

    /// The degrees asked for, each of which must divide the heads; else the usual ones that do.
    private func degrees(_ spec: ModelSpec) throws(Failure) -> [TensorParallelDegree] {
        guard let tp else { return TensorParallelDegree.usual.filter(spec.divides) }
        let degrees = tp.values.compactMap(TensorParallelDegree.init)
        if let bad = degrees.first(where: { !spec.divides(by: $0) }) {
            throw Failure(
                ToolExit.badData,
                "--tp \(bad): the \(spec.heads) attention heads of \(spec.name) cannot be split "
                    + "over \(bad) GPUs; give a degree that divides them.")
        }
        return degrees
    }
}

/// A number format in kebab-case.
struct FormatArgument: ExpressibleByArgument {
    let format: NumberFormat

    init?(argument: String) {
        guard let format = NumberFormat(rawValue: argument.replacing("-", with: "_")) else {
            return nil
        }
        self.format = format
    }

    static var allValueStrings: [String] {
        NumberFormat.allCases.map { $0.rawValue.replacing("_", with: "-") }
    }

    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}
