import ArgumentParser
import Foundation
import Planning
import Reporting
import ServingDomain

/// `--rates`: the fewest GPUs at several loads.
extension PlanCommand {
    /// Options that a sweep has no use for.
    func checkSweep() throws(Failure) {
        guard !rates.isEmpty else { return }
        let given = [
            ("--objective", objective != nil), ("--exhaustive", exhaustive), ("--audit", audit),
            ("--write-lp", writeLp != nil),
        ]
        if let (option, _) = given.first(where: \.1) {
            throw Failure(
                ToolExit.usage,
                "--rates looks for the fewest GPUs at each rate; leave \(option) out.")
        }
        guard Set(rates.map(\.sessionsPerSecond)).count == rates.count else {
            throw Failure(ToolExit.usage, "--rates: a rate is given twice; give each once.")
        }
    }

    /// - Returns: the answer on standard output.
    /// - Throws: with the exit code: 0 where every rate can be served, 1 where one cannot.
    func sweep(
        _ loaded: LoadedCase, _ planningCase: Case, into output: OutputFile?
    ) async throws(Failure) -> (text: String, isServed: Bool, isInterrupted: Bool) {
        guard planningCase.workload.concurrency == nil else {
            throw Failure(
                ToolExit.usage,
                "--rates: workload.concurrency limits the jobs at once, so that no rate is offered; "
                    + "leave one of both out.")
        }
        let asked = rates.map { Rate(sessionsPerSecond: $0.sessionsPerSecond) }
        let sweep = try await interruptible(planningCase, loaded.costs) {
            (planner) async throws(PlanningError) in try await planner.sweep(asked)
        }
        let document = RateSweepDocument(sweep: sweep, provenance: try loaded.provenance)
        try output?.write(document.value)
        return (try format.format.render(document), sweep.isServed, sweep.isInterrupted)
    }
}

/// Rates with commas between them, for example `2/s,4/s`.
struct RatesArgument: SpokenArgument {
    static let expectation = "rates with commas between them, each \(RateArgument.expectation)"

    let rates: [RateArgument]

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        let rates = parts.compactMap { RateArgument(argument: String($0)) }
        guard rates.count == parts.count else { return nil }
        self.rates = rates
    }
}
