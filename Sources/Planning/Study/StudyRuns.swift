public import CostModeling
public import ServingDomain
import Simulation

/// Simulates what a report on a plan shows.
///
/// Every figure has a bound on its simulations, which it states; `explain` does what it always does.
public struct StudyRuns: Sendable {
    let planningCase: Case
    let costs: CostModel
    let samples: OperatorSamples
    let slowness: Stress.Slowness
    let jobs: Int
    let progress: ProgressReport

    /// - Parameters:
    ///   - planningCase: the case.
    ///   - costs: of workers at every degree that is looked at.
    ///   - samples: timings that the costs were fitted on, as far as they are at hand.
    ///   - slowness: how much longer steps may take than the costs say.
    ///   - jobs: most simulations at the same time.
    ///   - progress: called as the work goes on; never part of the result.
    public init(
        planningCase: Case, costs: CostModel, samples: OperatorSamples,
        slowness: Stress.Slowness = .assumed, jobs: Int,
        progress: @escaping @Sendable (PlanningProgress) -> Void = { _ in }
    ) {
        (self.planningCase, self.costs, self.samples) = (planningCase, costs, samples)
        (self.slowness, self.jobs, self.progress) = (slowness, jobs, ProgressReport(progress))
    }

    /// Looks at a layout from every side.
    ///
    /// - Parameters:
    ///   - chosen: a layout that can run.
    ///   - plans: layouts that were ranked with it, best first.
    /// - Returns: the same for any number of jobs.
    /// - Precondition: the cost model was built for every degree of all layouts.
    public func study(_ chosen: Deployment, among plans: [Deployment]) async -> PlanStudy {
        let explanation = await PlanExplainer(
            planningCase: planningCase, costs: costs, slowness: slowness, jobs: jobs,
            progress: progress.tell
        ).explain(chosen, against: [])
        let tape = await simulation(of: planningCase).record(chosen, TapeRequest())
        let knee = explanation.headroom?.rate
        return PlanStudy(
            explanation: explanation, frontier: await frontier(chosen, plans),
            rates: await rateCurve(of: chosen, knee: knee), splits: await splits(chosen),
            firstTokens: FirstTokenSplit(tape), latencies: await latencies(of: chosen),
            operators: operators(of: chosen), steps: stepCurves(of: chosen),
            activity: WorkerActivity(tape))
    }

    func simulation(of planningCase: Case) -> DeploymentSimulation {
        DeploymentSimulation(planningCase: planningCase, costs: costs, jobs: jobs)
    }

    /// What layouts do where they keep up; of those that do not, no attainment.
    ///
    /// - Parameters:
    ///   - layouts: that can run.
    ///   - replications: at most those that the case asks for.
    ///   - asked: the case under some load.
    /// - Returns: a report for each layout, over the same sessions.
    func steadyReports(
        _ layouts: [Deployment], replications: Int, _ asked: Case
    ) async -> [ServingReport] {
        let simulation = simulation(of: asked)
        let count = min(replications, asked.planning.replications)
        var tasks: [(setup: NamedSetup, replication: Int)] = []
        for layout in layouts {
            let setup = NamedSetup(await simulation.completeSetup(layout))
            tasks += (0..<count).map { (setup, $0) }
        }
        let runs = await simulation.replications.run(
            tasks, finished: progress.counting(.simulation, of: tasks.count)
        ) { $0 }
        return layouts.indices.map {
            ServingReport(Array(runs[($0 * count)..<(($0 + 1) * count)]))
        }
    }

    /// The case at another rate.
    func offering(_ rate: Double) -> Case {
        var asked = planningCase
        asked.workload.rate = Rate(sessionsPerSecond: rate)
        return asked
    }
}

extension Case {
    /// Sessions per second, where they come by themselves: the load that figures vary.
    public var openRate: Double? {
        let rate = workload.rate.sessionsPerSecond
        return rate.isFinite && rate > 0 && workload.concurrency == nil ? rate : nil
    }
}
