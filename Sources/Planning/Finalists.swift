import ServingDomain
import Simulation

/// Layouts that are simulated whole with the same sessions, each as often as it takes to tell the best ones
/// from each other.
struct Finalists {
    /// A layout with what it did so far.
    private struct Simulated {
        let setup: NamedSetup
        var runs: [SimulationResult]
    }

    private let planningCase: Case
    private let simulation: DeploymentSimulation
    private let progress: ProgressReport
    /// Looked up by layout, never iterated.
    private var simulated: [Deployment: Simulated] = [:]
    /// Of layouts that need no more replications; looked up, never iterated.
    private var reports: [Deployment: ServingReport] = [:]

    /// Attainment that is worth no further replications.
    static let indifference = 0.005
    /// Replications of which a layout has at least so many, or as many as the case asks for.
    private static let fewest = 3

    init(
        _ simulation: DeploymentSimulation, planningCase: Case, progress: ProgressReport = .none
    ) {
        self.progress = progress
        self.simulation = simulation
        self.planningCase = planningCase
    }

    private var headline: ServingStatistic { .attainment(planningCase.service.headline) }

    /// Simulates layouts in as many replications as the case asks for, unless that was done before.
    mutating func simulate(_ layouts: [Deployment]) async {
        await prepare(layouts)
        await replicate(layouts, upTo: planningCase.planning.replications)
    }

    private mutating func prepare(_ layouts: [Deployment]) async {
        for layout in layouts where simulated[layout] == nil {
            simulated[layout] = Simulated(
                setup: NamedSetup(await simulation.completeSetup(layout)),
                runs: [])
        }
    }

    /// Simulates layouts against each other.
    ///
    /// After three replications those that are told from the best one are done; the others get as many as
    /// the case asks for, and then more where that does not settle it. Where none has a steady state all of
    /// them get what the case asks for.
    mutating func compete(_ layouts: [Deployment]) async {
        let asked = planningCase.planning.replications
        await prepare(layouts)
        await replicate(layouts, upTo: min(Self.fewest, asked))
        while !Task.isCancelled {
            let contenders = contenders(layouts)
            let open = (contenders.isEmpty ? layouts : contenders).filter {
                runs($0).count < asked
            }
            guard !open.isEmpty else { break }
            await replicate(open, upTo: asked)
        }
        await settle(layouts)
    }

    /// Replicates those layouts that are not told from the best one, until they are, or they differ by less
    /// than is worth it, or the most replications are made.
    ///
    /// Decisions are made at fixed numbers of replications, so that they are the same on any number of
    /// threads.
    mutating func settle(_ layouts: [Deployment]) async {
        let length = RunLength([], maxReplications: planningCase.planning.maxReplications)
        guard !Task.isCancelled else { return }
        for checkpoint in length.checkpoints(from: planningCase.planning.replications) {
            let open = undecided(layouts)
            guard !open.isEmpty, !Task.isCancelled else { break }
            await replicate(open, upTo: checkpoint)
        }
        // Whoever is best in the end is known as well as those that it is compared with.
        for _ in layouts {
            let contenders = contenders(layouts)
            await replicate(
                Array(contenders.prefix(1)), upTo: contenders.map { runs($0).count }.max() ?? 0)
        }
    }

    /// Runs as many replications of a layout as the most of others that keep up have.
    ///
    /// - Returns: whether there were fewer.
    mutating func match(_ layout: Deployment, with others: [Deployment]) async -> Bool {
        let most =
            others.filter { isKnown($0) && !Backlog(runs($0)).isOverloaded }
            .map { runs($0).count }.max() ?? 0
        guard !Task.isCancelled, runs(layout).count < most else { return false }
        await replicate([layout], upTo: most)
        return true
    }

    /// Runs replications of layouts up to a number, where they have fewer.
    private mutating func replicate(_ layouts: [Deployment], upTo most: Int) async {
        let tasks = layouts.flatMap { layout in
            (runs(layout).count..<max(most, runs(layout).count)).map {
                (layout: layout, replication: $0)
            }
        }
        let results = await simulation.replications.run(
            tasks.compactMap { task in
                simulated[task.layout].map { ($0.setup, task.replication) }
            }, finished: progress.counting(.simulation, of: tasks.count)
        ) { $0 }
        var interrupted: Set<Deployment> = []
        for (task, result) in zip(tasks, results) {
            // Replications count from the first on.
            if result.isInterrupted { interrupted.insert(task.layout) }
            guard !interrupted.contains(task.layout) else { continue }
            simulated[task.layout]?.runs.append(result)
            reports[task.layout] = nil
        }
    }

    /// The best layout first, and those that are not told from it; nothing where none has a steady state.
    private func contenders(_ layouts: [Deployment]) -> [Deployment] {
        let steady = layouts.filter { isKnown($0) && !Backlog(runs($0)).isOverloaded }
        guard let best = steady.max(by: { attainment($0) < attainment($1) }) else { return [] }
        return [best]
            + steady.filter { $0 != best && gap(from: best, to: $0)?.isSignificant == false }
    }

    /// The best and those contenders that may be more than the indifference below it; nothing where there
    /// are none.
    private func undecided(_ layouts: [Deployment]) -> [Deployment] {
        let contenders = contenders(layouts)
        let open = contenders.dropFirst().filter { layout in
            let low = gap(from: contenders[0], to: layout)?.difference.low ?? 0
            return low < -Self.indifference
        }
        return open.isEmpty ? [] : [contenders[0]] + open
    }

    /// Whether a layout keeps up and serves all but a point of attainment, so that none is better by more.
    func isServed(_ layouts: [Deployment]) -> Bool {
        contenders(layouts).first.map { attainment($0) >= 1 - ScreenOutcome.indifference } ?? false
    }

    /// The first run of the best of these layouts, steady ones before others; nil where none has a run.
    func bestRun(of layouts: [Deployment]) -> (layout: Deployment, run: SimulationResult)? {
        let known = layouts.filter(isKnown)
        let best = contenders(known).first ?? known.max { attainment($0) < attainment($1) }
        return best.flatMap { layout in runs(layout).first.map { (layout, $0) } }
    }

    /// Whether a layout keeps up in all of its runs.
    func isSteady(_ layout: Deployment) -> Bool {
        isKnown(layout) && !Backlog(runs(layout)).isOverloaded
    }

    private func attainment(_ layout: Deployment) -> Double {
        headline.estimate(runs(layout))?.value ?? 0
    }

    /// Whether a layout has a run.
    func isKnown(_ layout: Deployment) -> Bool { !runs(layout).isEmpty }

    private func runs(_ layout: Deployment) -> [SimulationResult] { simulated[layout]?.runs ?? [] }

    /// How much more or less of its sessions a layout serves well than another; nil where one of them has
    /// no steady state.
    func gap(from base: Deployment, to layout: Deployment) -> PairedDifference? {
        PairedComparison(runs(base), runs(layout), of: [headline])[headline]
    }

    /// What a simulated layout does to its sessions.
    mutating func report(_ layout: Deployment) async -> ServingReport {
        if let known = reports[layout] { return known }
        guard let found = simulated[layout] else {
            preconditionFailure("only layouts that were simulated are reported")
        }
        let report = await simulation.replications.report(found.runs, of: found.setup.setup)
        reports[layout] = report
        return report
    }
}
