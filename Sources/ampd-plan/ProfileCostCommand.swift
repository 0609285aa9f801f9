import ArgumentParser
import Catalog
import CostModeling
import Reporting
import ServingDomain

struct ProfileCostCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "cost",
        abstract:
            "Print T_prefill and T_decode of a model: operator sum, floor, and with host time.")

    @OptionGroup(title: "Model") var model: ModelOptions

    @Option(help: "GPU name.", completion: .gpus)
    var gpu: String

    @Option(help: "Prefill steps as history+increment, comma-separated, for example 0+2048.")
    var prefill: StepsArgument?

    @Option(help: "Decode steps as batch x context per sequence, for example 32x2048.")
    var decode: StepsArgument?

    @Option(help: "Engine for the host time.", completion: .engines)
    var engine: String = "vllm"

    @Option(
        help: ArgumentHelp(
            "Version of the engine, whose timings and calibration are preferred, and whose slower kernels count."
        ))
    var engineVersion: String?

    @OptionGroup var format: OutputOptions
    @OptionGroup var common: CommonOptions

    mutating func validate() throws {
        guard prefill != nil || decode != nil else {
            throw ValidationError("Give --prefill HISTORY+INCREMENT or --decode BATCHxCONTEXT.")
        }
        guard prefill?.separator != "x", decode?.separator != "+" else {
            throw ValidationError(
                "Prefill steps are written HISTORY+INCREMENT, decode steps BATCHxCONTEXT.")
        }
    }

    mutating func run() throws {
        let catalog = try CaseSource(common).catalog
        let (model, degrees) = try model.resolve(common)
        let hardware = try catalog.hardwareOrFailure(gpu)
        var engine: Engine
        do {
            let facts = try catalog.engine(named: self.engine)
            engine = facts.defaults
            engine.version = engineVersion
            engine.overhead.slowerExperts = facts.slowerExperts(version: engineVersion)
        } catch {
            throw Failure(error)
        }
        let shapes = StepOperators.shapes(
            of: model.spec, weightFormat: model.weightFormat, kvFormat: model.kvFormat,
            degrees: degrees)
        let profile = try CostProfile.find(
            for: hardware, engine: engine, common: common, catalog: catalog, shapes: shapes)
        let calibration = try EngineCalibration(
            PlatformKey(
                gpu: hardware.name, engine: engine.name, model: model.spec.name,
                version: engineVersion.flatMap(EngineVersion.init)),
            beside: profile.facts(of: hardware.name).timings, common: common)
        if let calibration {
            engine.overhead = try calibration.overhead(over: engine.overhead)
        }
        let question = CostQuestion(
            model: model.spec, weightFormat: model.weightFormat, kvFormat: model.kvFormat,
            hardware: hardware, engine: engine, degrees: degrees)
        let steps =
            (prefill?.pairs ?? []).map {
                CostQuestion.Step(phase: .prefill, tokens: $0.1, cached: $0.0)
            }
            + (decode?.pairs ?? []).map {
                CostQuestion.Step(phase: .decode, tokens: $0.0, cached: $0.1)
            }
        let listing = CostListing(question: question, fit: profile.fit, steps: steps)
        let beside =
            [calibration?.summary].compactMap(\.self) + listing.slowerExperts.map(\.summary)
        Console.say("costs: " + ([profile.source] + beside).joined(separator: "; "))
        try Console.print(result: format.format.render(listing))
    }
}

/// Steps such as `0+2048,4096+512` or `32x2048`.
struct StepsArgument: ExpressibleByArgument {
    let separator: Character
    let pairs: [(Int, Int)]

    init?(argument: String) {
        guard let separator = argument.first(where: { $0 == "+" || $0 == "x" }) else { return nil }
        var pairs: [(Int, Int)] = []
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            let numbers = part.split(separator: separator, omittingEmptySubsequences: false)
                .compactMap { Int($0) }.filter { (0...10_000_000).contains($0) }
            guard numbers.count == 2, numbers[separator == "+" ? 1 : 0] > 0 else { return nil }
            pairs.append((numbers[0], numbers[1]))
        }
        (self.separator, self.pairs) = (separator, pairs)
    }
}
