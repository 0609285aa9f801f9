import ServingDomain
import Simulation

/// Simulates many layouts as whole clusters with the same sessions, and drops those that lose.
///
/// Every layout has one run, given up once it has missed many more rounds than the best so far. Those
/// that may still be better than the best get more, at the checkpoints of a `RunLength`, until the best
/// is one of the best within a point of attainment with 95 % probability, or the most replications are
/// made. Runs are grouped by fixed numbers, so that the outcome is the same on any number of threads.
struct Screening {
    let planningCase: Case
    let simulation: DeploymentSimulation
    let jobs: Int
    let progress: ProgressReport

    /// Layouts of the first stage that are compared with the same best one.
    static let batch = 16

    /// Layouts with what is known of each, by their places.
    private struct Field {
        let layouts: [Deployment]
        let setups: [NamedSetup]
        let replications: Replications
        var digests: [DigestedRuns]
        var runs = 0

        /// Those that were replicated most and not given up, the best first.
        var order: [Int] {
            let most = digests.map { $0.isGivenUp ? 0 : $0.count }.max() ?? 0
            return layouts.indices.filter { !digests[$0].isGivenUp && digests[$0].count == most }
                .map { (place: $0, standing: Standing(digests[$0])) }
                .sorted { ($0.standing, $0.place) < ($1.standing, $1.place) }
                .map(\.place)
        }
    }

    /// Screens `layouts`, the most promising first.
    ///
    /// - Parameter layouts: not empty.
    /// - Returns: the best of them, and how sure that is.
    func run(_ layouts: [Deployment]) async -> ScreenOutcome {
        let replications = simulation.replications
        var setups: [NamedSetup] = []
        for layout in layouts {
            setups.append(NamedSetup(await simulation.completeSetup(layout)))
        }
        // The life of sessions where they are served well says how many fill a cluster.
        let pilot = replications.run(setups[0], 0)
        var field = Field(
            layouts: layouts, setups: setups,
            replications: replications.filled(asIn: pilot),
            digests: Array(repeating: DigestedRuns(), count: layouts.count))
        await runOnce(&field)
        await replicate(&field)
        let order = field.order
        let evidence = evidence(field)
        let isServed = order.first.map { !field.digests[$0].isOverloaded } ?? false
        return ScreenOutcome(
            layouts: layouts.count, givenUp: field.digests.count(where: \.isGivenUp),
            runs: field.runs,
            best: order.prefix(planningCase.planning.finalists).map { layouts[$0] },
            probability: isServed
                ? evidence?.evidence.probability(within: ScreenOutcome.indifference) : nil,
            regretBound: isServed ? evidence?.evidence.regretBound() : nil)
    }

    /// One run of each layout, with a bound on its misses as soon as one is known to compare with.
    private func runOnce(_ field: inout Field) async {
        var bound = MissBound.none
        var next = 0
        while next < field.layouts.count {
            progress(.screening, "screening layouts \(next + 1) to \(field.layouts.count)")
            let places = Array(next..<min(next + Self.batch, field.layouts.count))
            await run(places.map { ($0, 0) }, within: bound, &field)
            for run in places.compactMap({ field.digests[$0].runs.first }) {
                bound = tighter(bound, run, field)
            }
            next += places.count
        }
    }

    /// What a layout may miss beyond a run, where that is less than before.
    private func tighter(_ bound: MissBound, _ run: RunDigest, _ field: Field) -> MissBound {
        let filling = field.replications.fillingRounds(ofReplication: 0)
        guard let next = MissBound(beyond: run, fillingRounds: filling) else { return bound }
        return next.measured < bound.measured ? next : bound
    }

    /// More runs of the layouts that may be better than the best.
    private func replicate(_ field: inout Field) async {
        let length = RunLength([], maxReplications: planningCase.planning.maxReplications)
        for checkpoint in length.checkpoints(from: 2) {
            guard let (best, rivals, evidence) = evidence(field),
                evidence.probability(within: ScreenOutcome.indifference)
                    < ScreenOutcome.confidence
            else { return }
            // What is left out keeps half of the allowed error between all of it.
            let negligible = (1 - ScreenOutcome.confidence) / 2 / Double(rivals.count)
            let open = rivals.indices
                .filter {
                    evidence.doubt(ScreenOutcome.indifference, at: $0) > negligible
                        && !field.digests[rivals[$0]].isGivenUp
                }
                .map { rivals[$0] }
            progress(.screening, "screening \(open.count + 1) layouts in \(checkpoint) runs")
            let tasks = ([best] + open).flatMap { place in
                (field.digests[place].count..<max(checkpoint, field.digests[place].count))
                    .map { (place, $0) }
            }
            await run(tasks, within: .none, &field)
        }
    }

    private func run(
        _ tasks: [(place: Int, replication: Int)], within bound: MissBound, _ field: inout Field
    ) async {
        let service = planningCase.service
        let digests = await field.replications.run(
            tasks.map { (field.setups[$0.place], $0.replication) }, within: bound,
            finished: progress.counting(.screening, of: tasks.count)
        ) { RunDigest($0, service, within: bound) }
        for (task, digest) in zip(tasks, digests) { field.digests[task.place].append(digest) }
        field.runs += tasks.count
    }

    /// The best layout with its rivals, which are all that are not known to fall behind the load.
    private func evidence(
        _ field: Field
    ) -> (best: Int, rivals: [Int], evidence: SelectionEvidence)? {
        guard let best = field.order.first else { return nil }
        let rivals = field.layouts.indices.filter {
            $0 != best && !field.digests[$0].isOverloaded
        }
        return (
            best, rivals,
            SelectionEvidence(field.digests[best], against: rivals.map { field.digests[$0] })
        )
    }
}
