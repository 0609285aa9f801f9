public import ServingDomain
public import Simulation

/// What becomes of the targets for each split of the GPUs between prefill and decode.
public struct SplitMap: Hashable, Sendable {
    /// Why no layout has so many GPUs for each phase.
    public enum Obstacle: String, Hashable, Sendable, CaseIterable {
        /// The model and the sessions do not fit.
        case memory
        /// Attention heads cannot be split, or blocks of weights would be cut.
        case heads
        /// A worker would span nodes, or no node has room.
        case node
        /// The engine refuses these workers beside each other.
        case engine
        /// No number of equal workers takes so many GPUs.
        case size
    }

    public enum Outcome: Hashable, Sendable {
        case simulated(Deployment, Figures)
        case impossible(Obstacle, reason: String)
    }

    public struct Figures: Hashable, Sendable {
        /// In nanoseconds; nil in overload.
        public let ttftP95: Estimate?
        public let itlP95: Estimate?
        /// The larger of both over its target; nil in overload.
        public let pressure: Double?
        public let verdict: Verdict
    }

    public struct Cell: Hashable, Sendable {
        /// GPUs of prefill workers; 0 for co-located workers, which do both.
        public let prefill: Int
        /// GPUs of decode or co-located workers.
        public let decode: Int
        public let outcome: Outcome
        /// Whether it is the split of the plan; its layout is the plan's then.
        public let isChosen: Bool
    }

    /// By GPUs for prefill, then for decode; none takes more than the budget.
    public let cells: [Cell]
    /// Most GPUs of a layout.
    public let budget: Int
    /// Why no split is shown but co-located workers; nil where some are.
    public let onlyColocated: String?

    /// Runs of each layout, at most.
    public static let replications = 3
    /// Values on an axis, at most, beside those of the plan.
    public static let mostValues = 8

    /// GPUs that are looked at: multiples of a power of two, below the budget or up to it.
    static func axis(upTo most: Int, and own: Int) -> [Int] {
        var step = 1
        while most / step > mostValues { step *= 2 }
        let values = Array(stride(from: step, through: most, by: step))
        return Set(values + (own > 0 ? [own] : [])).sorted()
    }
}

extension SplitMap.Figures {
    init(_ report: ServingReport, _ service: ServiceLevel) {
        let checks = TargetCheck.all(report, service)
        let ratios = checks.compactMap { check in
            [.ttftP95, .itlP95].contains(check.target) ? check.miss.map { $0 + 1 } : nil
        }
        (ttftP95, itlP95) = (report.ttft?.p95, report.itl?.p95)
        pressure = report.isOverloaded ? nil : ratios.max()
        verdict = .all(checks.map(\.verdict))
    }
}

extension StudyRuns {
    /// The best layout of equal workers in each phase for every split, the plan's own among them.
    func splits(_ chosen: Deployment) async -> SplitMap {
        let replications = Replications(planningCase, jobs: 1)
        let context = replications.longestContext(percent: 95)
        let candidates = CandidateWorkers(planningCase, contextP95: context)
        let choice = SplitChoice(planningCase, candidates)
        let splits = choice.splits(chosen)
        progress(.coefficients, "choosing workers for \(splits.count) splits of the GPUs")
        var table = CoefficientTable(
            ReplicaSimulation(
                planningCase: planningCase, costs: costs, candidates: candidates,
                replications: replications),
            within: choice.bounds, jobs: jobs)
        let layouts = await best(of: splits, choice, &table)
        return await map(splits, layouts, choice, chosen)
    }

    /// The layout that coefficients of single replicas tell to be the best of each split, or of co-located
    /// workers one short run; nil where there is none.
    private func best(
        of splits: [SplitChoice.Split], _ choice: SplitChoice, _ table: inout CoefficientTable
    ) async -> [Deployment?] {
        let remote = splits.filter { $0.prefill > 0 }.flatMap(choice.layouts)
        if !remote.isEmpty {
            await table.begin()
            while await table.refine(choice.columns(of: remote)) {}
        }
        let colocated = splits.filter { $0.prefill == 0 }.flatMap(choice.layouts)
        let pilots = Dictionary(
            uniqueKeysWithValues: zip(
                colocated, await steadyReports(colocated, replications: 1, planningCase)))
        return splits.map { split in
            let layouts = choice.layouts(split)
            guard split.prefill == 0 else { return choice.best(layouts, table.columns) }
            func pressure(_ layout: Deployment) -> Double {
                pilots[layout].flatMap {
                    SplitMap.Figures($0, planningCase.service).pressure
                } ?? .infinity
            }
            return layouts.min { pressure($0) < pressure($1) }
        }
    }

    private func map(
        _ splits: [SplitChoice.Split], _ layouts: [Deployment?], _ choice: SplitChoice,
        _ chosen: Deployment
    ) async -> SplitMap {
        let shown = zip(splits, layouts).map { $0 == choice.split(of: chosen) ? chosen : $1 }
        let known = shown.compactMap { $0 }
        progress(.simulation, "simulating \(known.count) splits of the GPUs")
        let reports = await steadyReports(
            known, replications: SplitMap.replications, planningCase)
        var next = reports.makeIterator()
        let cells = zip(splits, shown).map { split, layout -> SplitMap.Cell in
            let outcome: SplitMap.Outcome
            if let layout, let report = next.next() {
                outcome = .simulated(layout, SplitMap.Figures(report, planningCase.service))
            } else {
                let (obstacle, reason) = choice.obstacle(to: split)
                outcome = .impossible(obstacle, reason: reason)
            }
            return SplitMap.Cell(
                prefill: split.prefill, decode: split.decode, outcome: outcome,
                isChosen: layout == chosen)
        }
        return SplitMap(
            cells: cells, budget: planningCase.gpuBudget, onlyColocated: choice.onlyColocated)
    }
}
