import ServingDomain
import Simulation

/// Goes from a layout to better ones around it, by one run of the whole cluster each.
///
/// Coefficients of single replicas do not know what the phases do to each other: prompts that are prefilled
/// where they decode, memory that is held while a prompt waits. Near the highest load that can be served this
/// decides, and the layouts that the integer program proposes may all miss what one beside them meets.
struct LayoutClimb {
    /// Steps after which the climb ends, wherever it is.
    private static let mostSteps = 12
    /// Layouts that are worth more runs.
    static let kept = 3

    let planningCase: Case
    let simulation: DeploymentSimulation
    let neighbours: LayoutNeighbours
    let progress: ProgressReport

    /// The layouts that one run of each calls the best, best first.
    ///
    /// A run is given up once it has missed many more rounds than the best so far.
    ///
    /// - Parameters:
    ///   - start: a layout of separate workers.
    ///   - isSteady: whether it keeps up, as more runs have told than the one that is made here.
    ///   - pilot: a run whose sessions' lives tell how many fill a cluster.
    /// - Returns: at most `kept`; nothing where the climb was interrupted.
    func run(
        from start: Deployment, isSteady: Bool, filledAsIn pilot: SimulationResult
    ) async -> [Deployment] {
        let replications = simulation.replications.filled(asIn: pilot)
        let filling = replications.fillingRounds(ofReplication: 0)
        var found: [(layout: Deployment, run: RunDigest, standing: Standing)] = []
        var open = [start]
        for _ in 0..<Self.mostSteps {
            let best = found.first { !$0.standing.isOverloaded }
            let bound = best.flatMap { MissBound(beyond: $0.run, fillingRounds: filling) }
            found += await simulate(open, replications, within: bound ?? .none)
            guard !Task.isCancelled else { return [] }
            if open == [start], !isSteady { found[0].standing.isOverloaded = true }
            // The sort is stable: what was found first stays before what is as good.
            found = found.enumerated()
                .sorted { ($0.element.standing, $0.offset) < ($1.element.standing, $1.offset) }
                .map(\.element)
            open = neighbours.around(found[0].layout).filter { next in
                !found.contains { $0.layout == next }
            }
            if open.isEmpty { break }
        }
        return found.filter { !$0.standing.isGivenUp }.prefix(Self.kept).map(\.layout)
    }

    private func simulate(
        _ layouts: [Deployment], _ replications: Replications, within bound: MissBound
    ) async -> [(layout: Deployment, run: RunDigest, standing: Standing)] {
        progress(.screening, "looking around \(layouts.count) layouts")
        var setups: [NamedSetup] = []
        for layout in layouts {
            setups.append(NamedSetup(await simulation.completeSetup(layout)))
        }
        let service = planningCase.service
        let digests = await replications.run(
            setups.map { ($0, 0) }, within: bound,
            finished: progress.counting(.screening, of: layouts.count)
        ) { RunDigest($0, service, within: bound) }
        return zip(layouts, digests).map { ($0, $1, Standing(DigestedRuns([$1]))) }
    }
}
