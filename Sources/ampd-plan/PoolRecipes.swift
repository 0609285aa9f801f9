import Catalog
import CostModeling
import Crypto
import Deploying
import Foundation
import Planning
import ServingDomain

/// What the costs of a case's pools are added up from.
struct PoolRecipes {
    struct Pool {
        let name: String
        let gpu: String
        let recipe: CostRecipe
        let origin: CostOrigin
    }

    /// At least one.
    let pools: [Pool]

    var first: CostRecipe { pools[0].recipe }

    /// Of one pool its own; of several all of them with their names, and a digest of their digests.
    var origin: CostOrigin {
        guard pools.count > 1 else { return pools[0].origin }
        let digests = pools.map { "\($0.name) \($0.origin.digest)" }.joined(separator: "\n")
        return CostOrigin(
            source: pools.map { "\($0.name): \($0.origin.source)" }.joined(separator: "; "),
            digest: "sha256:" + SHA256.hash(data: Data(digests.utf8)).hexadecimal,
            profiles: pools.flatMap(\.origin.profiles))
    }

    /// The costs with what the engine adds on each GPU, by calibrations where the store has some.
    ///
    /// Constants of the first pool become those of the draft; those of others are noted in it.
    ///
    /// - Returns: the costs, and how far predictions are off with them; the widest of all pools, nil where
    ///   nobody knows of one. Where they come from, with the calibrations.
    func calibrated(
        _ draft: inout CaseDraft, by source: CaseSource
    ) throws(Failure) -> (costs: CostModel, interval: PredictionInterval?, origin: CostOrigin) {
        let usual = draft.engine
        var models: [CostModel] = []
        var intervals: [PredictionInterval?] = []
        var origin = origin
        for (place, pool) in pools.enumerated() {
            var engine = usual
            let uncalibrated = try source.usualInterval(
                of: usual.name, after: 0, timed: pool.origin.timings != ProfileFacts.untimed)
            if let known = try source.calibration(
                of: pool.gpu, draft, beside: pool.origin.timings)
            {
                let told = try known.overhead(over: usual.overhead)
                origin = origin.with(known)
                engine.overhead =
                    place == 0 ? draft.calibrate(told) : draft.note(told, inPool: place)
                intervals.append(
                    draft.ownOverhead.isEmpty ? known.interval(atLeast: uncalibrated) : nil)
            } else {
                // It is how far predictions with the engine's own constants are off.
                intervals.append(draft.ownOverhead.isEmpty ? uncalibrated : nil)
            }
            let model = pool.recipe.costs(engine.stepOverhead)
            models.append(model)
            guard draft.platform?.pools[place].phases.contains(.decode) != false else { continue }
            for slower in model.slowerExperts {
                draft.note(slower, inPool: place)
                origin = origin.with(slower.summary)
            }
        }
        return (.joining(models), Self.widest(intervals), origin)
    }

    private static func widest(_ intervals: [PredictionInterval?]) -> PredictionInterval? {
        let known = intervals.compactMap { $0 }
        guard known.count == intervals.count, let first = known.first else { return nil }
        return known.dropFirst().reduce(first) { widest, next in
            PredictionInterval(
                ttftFactor: max(widest.ttftFactor, next.ttftFactor),
                tpotFactor: max(widest.tpotFactor, next.tpotFactor),
                source: widest.source == next.source
                    ? widest.source : widest.source + "; " + next.source)
        }
    }
}

extension CostOrigin {
    /// Whose timings of kernels the costs are made of, in words.
    fileprivate var timings: String { profiles.first?.timings ?? "" }

    /// The same costs in an engine with constants of a calibration.
    fileprivate func with(_ calibration: EngineCalibration) -> Self {
        with(calibration.summary, calibration.values)
    }

    /// The same costs with something else in them.
    ///
    /// - Parameters:
    ///   - words: what it is, which says all of it where there are no values.
    ///   - values: its figures.
    /// - Returns: the origin with both in its source and its digest.
    fileprivate func with(_ words: String, _ values: String? = nil) -> Self {
        let digests = "\(digest)\n\(values ?? words)"
        return Self(
            source: "\(source); \(words)",
            digest: "sha256:" + SHA256.hash(data: Data(digests.utf8)).hexadecimal,
            profiles: profiles)
    }
}

extension CaseDraft {
    /// The worker whose unloaded times a preset of targets is made of, on the first GPUs.
    var presetWorker: WorkerKind {
        WorkerKind(
            pool: platform?.pools[0].name ?? GPUPool.onlyName, PaperServiceLevel.degree)
    }

    /// Every kind of worker that a search may look at, and those of some layouts.
    func searchedKinds(and layouts: [Deployment] = []) -> [WorkerKind] {
        let searched =
            platform.map { platform in
                Phase.allCases.flatMap {
                    planning.workerKinds(of: $0, in: platform.pools, engine.behaviour)
                }
            } ?? planning.degrees.map { WorkerKind($0) }
        let counted = layouts.map(engine.behaviour.countingEngines)
        return (searched + (layouts + counted).flatMap(\.kinds)).once.smallestFirst
    }
}

extension Deployment {
    /// Each kind of worker once, smaller degrees first.
    var kinds: [WorkerKind] {
        allGroups.map(\.kind).once.smallestFirst
    }
}

extension [Deployment] {
    /// Each kind of worker once, smaller degrees first.
    var kinds: [WorkerKind] {
        flatMap(\.kinds).once.smallestFirst
    }
}

extension [WorkerKind] {
    fileprivate var once: Self {
        reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// By degree; equal ones in their order.
    fileprivate var smallestFirst: Self {
        enumerated().sorted { ($0.element.degree, $0.offset) < ($1.element.degree, $1.offset) }
            .map(\.element)
    }
}
