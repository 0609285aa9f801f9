import CostModeling
public import ServingDomain
import Simulation

/// The highest load at which one layout meets every target.
public struct Headroom: Hashable, Sendable {
    /// The highest rate that was met; nil where even a thousandth of the case's is not.
    public let rate: Rate?
    /// The lowest rate above it that was not met; nil where every rate up to a thousand times the case's
    /// is.
    public let missedRate: Rate?
    /// Targets that are not met at the latter.
    public let missed: [TargetCheck]

    /// How far both are from each other at most, as a factor.
    public static let step = 1.02

    /// The highest rate over another.
    public func factor(over base: Rate) -> Double? {
        rate.map { $0.sessionsPerSecond / base.sessionsPerSecond }
    }
}

/// Looks for the headroom of a layout by bisection, with the sessions of the case at other rates.
struct HeadroomSearch {
    let planningCase: Case
    let costs: CostModel
    let jobs: Int

    /// A rate with what the layout does there.
    struct Trial {
        let rate: Double
        let report: ServingReport
        let checks: [TargetCheck]

        var isMet: Bool { Verdict.all(checks.map(\.verdict)) == .pass }
    }

    /// The headroom of a layout, and what it does where it just misses.
    ///
    /// - Precondition: the case has a rate, and no limit of jobs at once.
    func search(_ layout: Deployment) async -> (headroom: Headroom, edge: ServingReport?) {
        let start = planningCase.workload.rate.sessionsPerSecond
        var (met, missed): (Trial?, Trial?)
        var rate = start
        repeat {
            let trial = await trial(layout, rate)
            if trial.isMet { met = trial } else { missed = trial }
            guard met == nil || missed == nil else { break }
            rate = trial.isMet ? rate * 2 : rate / 2
        } while rate < start * 1000 && rate > start / 1000
        while let low = met, let high = missed, high.rate > low.rate * Headroom.step {
            let trial = await trial(layout, (low.rate * high.rate).squareRoot())
            if trial.isMet { met = trial } else { missed = trial }
        }
        let headroom = Headroom(
            rate: met.map { Rate(sessionsPerSecond: $0.rate) },
            missedRate: missed.map { Rate(sessionsPerSecond: $0.rate) },
            missed: missed?.checks.filter { $0.verdict != .pass } ?? [])
        return (headroom, missed?.report)
    }

    private func trial(_ layout: Deployment, _ rate: Double) async -> Trial {
        var asked = planningCase
        asked.workload.rate = Rate(sessionsPerSecond: rate)
        let report = await DeploymentSimulation(planningCase: asked, costs: costs, jobs: jobs)
            .run(layout)
        return Trial(
            rate: rate, report: report, checks: TargetCheck.all(report, asked.service))
    }
}
