import ArgumentParser
import Catalog
import CostModeling
import Reporting
import ServingDomain

struct ProfileCoverageCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "coverage",
        abstract: "Tell which operators of a model are measured, carried over, or analytic.")

    @OptionGroup(title: "Model") var model: ModelOptions

    @Option(help: "GPU name.", completion: .gpus)
    var gpu: String

    @Option(help: "Engine whose timings to prefer.", completion: .engines)
    var engine: String = "vllm"

    @OptionGroup var format: OutputOptions
    @OptionGroup var common: CommonOptions

    mutating func run() throws {
        let catalog = try CaseSource(common).catalog
        let (model, degrees) = try model.resolve(common)
        let hardware = try catalog.hardwareOrFailure(gpu)
        let shapes = StepOperators.shapes(
            of: model.spec, weightFormat: model.weightFormat, kvFormat: model.kvFormat,
            degrees: degrees)
        let profile = try CostProfile.find(
            for: hardware, engine: Engine(name: engine, overhead: .none), common: common,
            catalog: catalog, shapes: shapes)
        Console.say("costs: \(profile.source)")
        let resolver = CurveResolver(
            fit: profile.fit, roofline: Roofline(hardware: hardware))
        let listing = CoverageListing(
            degrees.flatMap { degree in
                let step = StepOperators(
                    model: model.spec, weightFormat: model.weightFormat,
                    kvFormat: model.kvFormat, degree: degree)
                return Phase.allCases.flatMap { phase in
                    step.operators(of: phase).map {
                        CoverageListing.Row(degree, phase, $0, resolver.resolve($0.shape))
                    }
                }
            })
        try Console.print(result: format.format.render(listing))
    }
}
