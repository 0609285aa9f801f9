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
    /// Where it began, and what it looked at, best first.
    private let start: Deployment
    private let replications: Replications
    private var found: [(layout: Deployment, run: RunDigest, standing: Standing)] = []

    /// - Parameters:
    ///   - start: a layout of separate workers.
    ///   - pilot: a run whose sessions' lives tell how many fill a cluster.
    ///   - planningCase: whose targets count.
    ///   - simulation: of its layouts.
    ///   - neighbours: where it can go.
    ///   - progress: told of every step.
    init(
        from start: Deployment, filledAsIn pilot: SimulationResult, planningCase: Case,
        simulation: DeploymentSimulation, neighbours: LayoutNeighbours, progress: ProgressReport
    ) {
        self.start = start
        self.planningCase = planningCase
        self.simulation = simulation
        self.neighbours = neighbours
        self.progress = progress
        replications = simulation.replications.filled(asIn: pilot)
    }

    /// The layouts that one run of each calls the best, best first.
    ///
    /// A run is given up once it has missed many more rounds than the best so far. Called again, it goes on with
    /// what is known by then.
    ///
    /// - Parameter isOverloaded: whether a layout falls behind its load, as more runs have told than the one
    ///   that is made here; false where there are none.
    /// - Returns: at most `kept`; nothing where the climb was interrupted.
    mutating func run(knowing isOverloaded: (Deployment) -> Bool) async -> [Deployment] {
        let filling = replications.fillingRounds(ofReplication: 0)
        var open = found.isEmpty ? [start] : []
        for _ in 0..<Self.mostSteps {
            let best = found.first { !$0.standing.isOverloaded }
            let bound = best.flatMap { MissBound(beyond: $0.run, fillingRounds: filling) }
            found += await simulate(open, within: bound ?? .none)
            guard !Task.isCancelled else { return [] }
            for place in found.indices where isOverloaded(found[place].layout) {
                found[place].standing.isOverloaded = true
            }
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
        _ layouts: [Deployment], within bound: MissBound
    ) async -> [(layout: Deployment, run: RunDigest, standing: Standing)] {
        guard !layouts.isEmpty else { return [] }
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
