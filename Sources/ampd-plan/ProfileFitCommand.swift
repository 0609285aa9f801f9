import ArgumentParser
import Catalog
import CostModeling
import Foundation
import Profiling
import Reporting
import ServingDomain

struct ProfileFitCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "fit",
        abstract: "Fit the curves of a GPU's timings and report how well they predict.",
        discussion: """
            Errors are relative, on a fifth of the points that the fit did not see. --output \
            writes the curves that a step can ask for (single-sequence prefill attention, experts \
            of the usual skew) as a file that can travel without the samples.
            """)

    @Option(help: "GPU, as `profile list` names it.", completion: .gpus)
    var gpu: String

    @Option(help: "Engine whose timings to prefer.", completion: .engines)
    var engine: String?

    @Option(help: "Version of that engine.")
    var engineVersion: String?

    @Option(help: "Squared relative error that one more knot must save; more gives fewer knots.")
    var knotPenalty: Double = MonotoneFit.usualPenalty

    @Option(help: "Write the fitted curves to this file.", completion: .anyFile)
    var output: String?

    @Option(help: "Origin and licence of the timings, for the file.")
    var origin: String = "fitted from the user's own profile store"

    @Option(help: "Date for the file, ISO 8601.")
    var date: String = ""

    @OptionGroup var format: OutputOptions
    @OptionGroup var common: CommonOptions

    mutating func validate() throws {
        guard knotPenalty > 0, knotPenalty < 1 else {
            throw ValidationError("--knot-penalty \(knotPenalty): expected between 0 and 1.")
        }
    }

    mutating func run() throws {
        let file = try output.map { try OutputFile($0, option: "--output") }
        let catalog = try CaseSource(common).catalog
        let hardware = try catalog.hardwareOrFailure(gpu)
        _ = try ProfileStore.required(common)
        let wanted = Engine(
            name: engine ?? "vllm", version: engineVersion, overhead: .none)
        guard let stored = try StoredProfile(gpu: hardware.name, engine: wanted, common: common)
        else {
            throw Failure(
                ToolExit.badData,
                "The store holds no timings of \(hardware.name); `ampd-plan profile list` shows "
                    + "what it holds.")
        }
        let fit =
            try stored.fitAll(knotPenalty: knotPenalty)
        let defects = fit.defects(Roofline(hardware: hardware))
        for defect in defects.prefix(20) {
            let record = defect.shape.record
            Console.say(
                "defect: \(record.kind) \(record.dimensions) is up to \(defect.ratio) times as "
                    + "fast as the GPU's peak allows")
        }
        if let file { try write(fit, hardware, stored.preferred, to: file) }
        let listing = FitListing(fit: fit, gpu: hardware.name, defects: defects)
        try Console.print(result: format.format.render(listing))
    }

    private func write(
        _ fit: ProfileFit, _ hardware: HardwareSpec, _ context: ProfileContext,
        to file: OutputFile
    ) throws(Failure) {
        let curves = FitFile(
            fit: fit.usedBySteps, gpu: hardware.name, engine: context.engine,
            engineVersion: context.version,
            source: origin, date: date)
        do {
            try file.write(curves.encoded())
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(ToolExit.internalFault, "the fit cannot be encoded: \(error)")
        }
    }
}
