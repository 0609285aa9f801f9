import ArgumentParser
import Catalog
import CostModeling
import Profiling
import Reporting
import ServingDomain

struct ProfileSynthCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "synth",
        abstract: "Put analytic (roofline) timings of a model on a GPU into the store.",
        discussion: "They carry trust `analytic` and never displace measured timings.")

    @OptionGroup(title: "Model") var model: ModelOptions

    @Option(help: "GPU name.", completion: .gpus)
    var gpu: String

    @OptionGroup var format: OutputOptions
    @OptionGroup var common: CommonOptions

    mutating func run() throws {
        let catalog = try CaseSource(common).catalog
        let (model, degrees) = try model.resolve(common)
        let hardware = try catalog.hardwareOrFailure(gpu)
        let analytic = AnalyticSamples(roofline: Roofline(hardware: hardware))
        let samples = StepOperators.shapes(
            of: model.spec, weightFormat: model.weightFormat, kvFormat: model.kvFormat,
            degrees: degrees
        ).flatMap { analytic.samples(of: $0) }
        let store = try ProfileStore.writable(common)
        do {
            let report = try store.add(
                samples,
                to: ProfileContext(
                    gpu: hardware.name, engine: "roofline", version: Version.current),
                trust: .analytic, name: "synth \(model.spec.name)",
                notes: ["facts: \(hardware.source)"], toolVersion: Version.current)
            let listing = ImportListing([report])
            try Console.print(result: format.format.render(listing))
        } catch let error as ProfilingError {
            throw Failure(error)
        }
    }
}
