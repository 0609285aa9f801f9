import ArgumentParser
import Foundation
import ServingDomain
import Workloads

struct WorkloadImportCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Turn a trace into sessions, as they are simulated.",
        discussion: """
            The sessions go to a file in our own JSONL (docs/traces.md), which cases take as \
            workload.trace. On standard output stands how many sessions, rounds and tokens there are.
            """)

    @OptionGroup var trace: TraceArguments
    @OptionGroup var sessions: SessionsOutput
    @OptionGroup var common: CommonOptions

    mutating func run() throws { try sessions.write(trace) }
}

struct WorkloadSliceCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "slice",
        abstract: "Keep the sessions of a trace that arrive in a window of time.",
        discussion: """
            Times count from the first arrival. A session is kept with all of its rounds, those after \
            the window included; what an earlier one still does in it is lost.
            """)

    @OptionGroup var trace: TraceArguments

    @Option(help: "Beginning of the window, for example 10min; the first arrival if not given.")
    var from: DurationArgument?

    @Option(help: "End of the window, which is not in it.")
    var to: DurationArgument

    @OptionGroup var sessions: SessionsOutput
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard (from?.duration ?? .zero) < to.duration else {
            throw ValidationError("--from and --to: expected a beginning before the end.")
        }
    }

    mutating func run() throws {
        let window = (from?.duration ?? .zero).nanoseconds..<to.duration.nanoseconds
        let first = Console.name(of: trace.files[0])
        try sessions.write(trace) { (table) throws(Failure) in
            let slice = table.sliced(window)
            guard slice.count > 0 else {
                let last = Double(table.jobArrivals.last ?? 0) / 1e9
                throw Failure(
                    ToolExit.badData,
                    "\(first): no session arrives in the window; the last arrives \(last) s after the "
                        + "first.")
            }
            return slice
        }
    }
}

struct WorkloadScaleCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale",
        abstract: "Let the sessions of a trace arrive at another rate.",
        discussion: """
            All gaps between arrivals change in proportion, so that their coefficient of variation stays; \
            delays inside sessions and lengths do not change.
            """)

    @OptionGroup var trace: TraceArguments

    @Option(
        parsing: .unconditional,
        help: "Sessions that arrive on average, for example 2/s.", transform: RateArgument.parse)
    var rate: RateArgument

    @OptionGroup var sessions: SessionsOutput
    @OptionGroup var common: CommonOptions

    mutating func run() throws {
        let (first, rate) = (Console.name(of: trace.files[0]), rate.sessionsPerSecond)
        try sessions.write(trace) { (table) throws(Failure) in
            guard let own = table.meanRate else {
                throw Failure(
                    ToolExit.badData,
                    "\(first): all sessions arrive at one instant, so that there is no rate to scale; "
                        + "set workload.rate_per_s in the case.")
            }
            return table.faster(by: rate / own.sessionsPerSecond)
        }
    }
}

extension Duration {
    /// Whole nanoseconds; only for durations on the command line, which are far below their limit.
    fileprivate var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
