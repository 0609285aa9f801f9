import ArgumentParser
import ServingDomain
import Simulation

/// How long a simulation goes on, and over how many sessions overload is judged.
struct RunLengthOptions: ParsableArguments {
    @Option(
        name: .customLong("precision"),
        help: ArgumentHelp(
            "Replicate until the 95 % interval of a statistic reaches this far to either side, for "
                + "example ttft_p95=2%; may be given several times.",
            valueName: "statistic=percent"),
        transform: PrecisionArgument.parse)
    var precisions: [PrecisionArgument] = []

    @Option(
        parsing: .unconditional,
        help: "Most replications with --precision. Default: 100.", transform: wholeNumber(2...1000))
    var maxReplications: Int?

    @Option(
        parsing: .unconditional,
        help: "Simulated rounds after which no more replications are begun with --precision.",
        transform: wholeNumber(1...1_000_000_000_000))
    var maxRounds: Int?

    @Option(
        parsing: .unconditional,
        help: "Sessions over which attainment is given in overload, instead of the case's.",
        transform: wholeNumber(10...1_000_000))
    var horizonSessions: Int?

    /// Nil where no precision is asked for.
    var length: RunLength? {
        guard !precisions.isEmpty else { return nil }
        return RunLength(
            precisions.map(\.precision), maxReplications: maxReplications ?? 100,
            maxRounds: maxRounds)
    }

    func validate() throws {
        guard precisions.isEmpty, maxReplications != nil || maxRounds != nil else { return }
        throw ValidationError(
            "--max-replications and --max-rounds are budgets of --precision: say what is to be "
                + "known, for example --precision ttft_p95=2%.")
    }

    /// Settles what the options say about the case.
    func change(_ planning: inout Case.Planning) {
        if let horizonSessions { planning.horizonSessions = horizonSessions }
    }
}

/// A statistic and how well it is to be known, such as `ttft_p95=2%`.
struct PrecisionArgument: SpokenArgument {
    static let expectation =
        "a statistic, = and a percentage from 0.01% to 100%, for example ttft_p95=2%; statistics: "
        + ServingStatistic.all.map(\.name).joined(separator: ", ")

    let precision: RunLength.Precision

    init?(argument: String) {
        let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].last == "%",
            let statistic = ServingStatistic(name: String(parts[0])),
            let percent = Double(parts[1].dropLast()), (0.01...100).contains(percent)
        else { return nil }
        precision = RunLength.Precision(statistic, relativeHalfWidth: percent / 100)
    }
}
