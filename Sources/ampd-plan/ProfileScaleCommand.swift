import ArgumentParser
import Catalog
import CostModeling
import Profiling
import Reporting
import ServingDomain

struct ProfileScaleCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale",
        abstract: "Carry the timings of a GPU over to another one that nobody timed.",
        discussion: """
            Every timing is multiplied by the ratio of both rooflines at its point (peak FLOP/s, \
            memory and link bandwidth of the hardware facts). The results carry trust `scaled` and \
            never displace measured timings. With --compare nothing is kept: timings of both GPUs \
            in the store, taken with the same engine, tell how far off it is.
            """)

    @Option(help: "GPU that has timings in the store.", completion: .gpus)
    var from: String

    @Option(help: "GPU that they are carried over to.", completion: .gpus)
    var to: String

    @Flag(help: "Report the errors against the store's own timings of the other GPU.")
    var compare = false

    @OptionGroup var format: OutputOptions
    @OptionGroup var common: CommonOptions

    mutating func run() throws {
        let catalog = try CaseSource(common).catalog
        let (from, to) = (
            try catalog.hardwareOrFailure(self.from), try catalog.hardwareOrFailure(self.to)
        )
        guard from.name != to.name else {
            throw Failure(
                ToolExit.usage,
                "--from and --to: found \(to.name) twice, expected two GPUs.")
        }
        let scaling = RooflineScaling(from: from, to: to)
        let measured = try measured(on: from.name)
        if compare {
            let comparisons = comparisons(scaling, measured, try self.measured(on: to.name))
            guard !comparisons.isEmpty else {
                throw Failure(
                    ToolExit.badData,
                    "The store holds no point that an engine was timed at on both \(from.name) and "
                        + "\(to.name); `ampd-plan profile coverage` shows what it holds.")
            }
            let listing = ScalingListing(
                from: from.name, to: to.name, comparisons: comparisons)
            return try Console.print(
                result: format.format.render(listing))
        }
        let store = try ProfileStore.required(common)
        var reports: [ImportReport] = []
        do {
            for (context, samples) in measured {
                reports.append(
                    try store.add(
                        samples.map(scaling.scaled),
                        // A context of its own, so that timings of the GPU never mix with these.
                        to: ProfileContext(
                            gpu: to.name, engine: "\(context.engine)@\(from.name)",
                            version: context.version),
                        trust: .scaled, name: "scale \(from.name) \(to.name) \(context.engine)",
                        notes: [
                            "timings of \(context.engine) \(context.version) on \(from.name), by "
                                + "the ratio of both rooflines",
                            "facts: \(from.source); \(to.source)",
                        ], toolVersion: Version.current))
            }
        } catch {
            throw Failure(error)
        }
        let listing = ImportListing(reports)
        try Console.print(result: format.format.render(listing))
    }

    /// Errors of each context of the first GPU against the other's of that engine.
    ///
    /// The other is of the same version, or else the last one. Contexts that share no point are left out.
    private func comparisons(
        _ scaling: RooflineScaling, _ timings: [Timings], _ others: [Timings]
    ) -> [ScalingComparison] {
        timings.compactMap { context, samples in
            let sameEngine = others.filter { $0.context.engine == context.engine }
            guard
                let other = sameEngine.first(where: { $0.context.version == context.version })
                    ?? sameEngine.max(by: { $0.context.version < $1.context.version })
            else { return nil }
            let errors = scaling.errors(of: samples, against: other.samples)
            guard !errors.isEmpty else { return nil }
            return ScalingComparison(
                engine: context.engine, version: context.version,
                otherVersion: other.context.version, errors: errors)
        }
    }

    private typealias Timings = (context: ProfileContext, samples: [TimingSample])

    /// Timings taken on a GPU, by context.
    private func measured(
        on gpu: String
    ) throws(Failure) -> [Timings] {
        _ = try ProfileStore.required(common)
        let stored = try StoredProfile(gpu: gpu, engine: nil, common: common)
        let found = try stored?.measured() ?? []
        guard !found.isEmpty else {
            throw Failure(
                ToolExit.badData,
                "The store holds no measured timings of \(gpu); `ampd-plan profile list` shows what it "
                    + "holds.")
        }
        return found
    }
}
