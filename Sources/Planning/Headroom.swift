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

    /// The headroom of a layout, and what it does where it just misses.
    ///
    /// - Precondition: the case has a rate, and no limit of jobs at once.
    func search(_ layout: Deployment) async -> (headroom: Headroom, edge: ServingReport?) {
        let start = planningCase.workload.rate.sessionsPerSecond
        // Looked up, never iterated.
        var reports: [Double: ServingReport] = [:]
        let found = await RateBisection(
            step: Headroom.step, range: start / 1000...start * 1000
        ).search(from: start) { rate, thoroughly in
            let report = await report(layout, Rate(sessionsPerSecond: rate), thoroughly)
            reports[rate] = report
            return Verdict.all(checks(report).map(\.verdict)) == .pass
        }
        let edge = found.missed.flatMap { reports[$0] }
        let headroom = Headroom(
            rate: found.met.map(Rate.init(sessionsPerSecond:)),
            missedRate: found.missed.map(Rate.init(sessionsPerSecond:)),
            missed: edge.map(checks)?.filter { $0.verdict != .pass } ?? [])
        return (headroom, edge)
    }

    private func checks(_ report: ServingReport) -> [TargetCheck] {
        TargetCheck.all(report, planningCase.service)
    }

    /// By long runs where that is asked for, or short ones still feel that they began empty.
    private func report(
        _ layout: Deployment, _ rate: Rate, _ thoroughly: Bool
    ) async -> ServingReport {
        let long = LongRuns(planningCase: planningCase, costs: costs, jobs: jobs)
        if thoroughly { return await long.report(layout, rate: rate) }
        var asked = planningCase
        asked.workload.rate = rate
        let report = await DeploymentSimulation(planningCase: asked, costs: costs, jobs: jobs)
            .run(layout)
        return report.warmUp.isIncomplete ? await long.report(layout, rate: rate) : report
    }
}
