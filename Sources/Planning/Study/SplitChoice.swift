import Scheduling
import ServingDomain

/// Which layouts of equal workers in each phase a split of the GPUs allows, and which is the best.
struct SplitChoice {
    struct Split: Hashable {
        /// GPUs of prefill workers; 0 for co-located ones.
        let prefill: Int
        /// GPUs of decode or co-located workers.
        let decode: Int
    }

    let planningCase: Case
    let candidates: CandidateWorkers
    /// Layouts may leave GPUs over, whatever the case asks for.
    let bounds: LayoutBounds

    init(_ planningCase: Case, _ candidates: CandidateWorkers) {
        (self.planningCase, self.candidates) = (planningCase, candidates)
        var free = planningCase
        free.planning.fillsBudget = false
        bounds = free.bounds(candidates, within: LayoutBudget(gpus: planningCase.gpuBudget))
    }

    /// Why no prefill workers are looked at; nil where they are.
    var onlyColocated: String? {
        guard planningCase.policy.definition.usesPrefillWorkers else {
            return "policy \(planningCase.policy.name.rawValue) prefills where it decodes"
        }
        guard !candidates.prefill.isEmpty, !candidates.decode.isEmpty else {
            return "no \(candidates.prefill.isEmpty ? "prefill" : "decode") worker can run"
        }
        guard candidates.leastPair ?? 0 > planningCase.gpuBudget else { return nil }
        return "a prefill and a decode worker do not fit into \(planningCase.gpuBudget) GPUs"
    }

    /// Co-located workers first, then every pair of both axes within the budget.
    func splits(_ chosen: Deployment) -> [Split] {
        let (most, own) = (planningCase.gpuBudget, split(of: chosen))
        let isColocated = own.prefill == 0
        let alone = SplitMap.axis(upTo: most, and: isColocated ? own.decode : 0)
        let colocated = alone.map { Split(prefill: 0, decode: $0) }
        guard onlyColocated == nil else { return colocated }
        let decodes = SplitMap.axis(upTo: most, and: isColocated ? 0 : own.decode)
        return colocated
            + SplitMap.axis(upTo: most, and: own.prefill).flatMap { prefill in
                decodes.filter { prefill + $0 <= most }.map { Split(prefill: prefill, decode: $0) }
            }
    }

    func split(of layout: Deployment) -> Split {
        func gpus(_ groups: [WorkerGroup]) -> Int { groups.reduce(0) { $0 + $1.gpus.value } }
        return Split(prefill: gpus(layout.prefillGroups), decode: gpus(layout.servingGroups))
    }

    // MARK: Layouts

    /// Every layout of a split that can run.
    func layouts(_ split: Split) -> [Deployment] {
        let serving = split.prefill == 0 ? candidates.colocated : candidates.decode
        let decodes = Self.groups(of: split.decode, serving)
        let all =
            split.prefill == 0
            ? decodes.map { Deployment.colocated([$0]) }
            : Self.groups(of: split.prefill, candidates.prefill).flatMap { prefill in
                decodes.filter { bounds.allows(prefill: prefill.kind, decode: $0.kind) }.map {
                    Deployment.disaggregated(prefill: [prefill], decode: [$0])
                }
            }
        return all.filter { canRun($0) }
    }

    private static func groups(of gpus: Int, _ kinds: [WorkerKind]) -> [WorkerGroup] {
        kinds.filter { gpus.isMultiple(of: $0.gpus) }.map { WorkerGroup($0, gpus / $0.gpus) }
    }

    private func canRun(_ layout: Deployment) -> Bool {
        bounds.holds(layout.allGroups) && planningCase.allObstacles(to: layout).isEmpty
    }

    func columns(of layouts: [Deployment]) -> [ReplicaColumn] {
        let columns = layouts.flatMap { layout in
            Phase.allCases.flatMap { phase in
                layout.groups(of: phase).map {
                    ReplicaColumn(phase: phase, kind: $0.kind, replicas: $0.replicas)
                }
            }
        }
        return columns.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// The least of the larger of both phases' pressures, then of their sum; the first of several.
    func best(_ layouts: [Deployment], _ figures: [LatencyCoefficient]) -> Deployment? {
        func pressures(_ layout: Deployment) -> (Int, Double, Double) {
            let own = columns(of: [layout]).compactMap { column in
                figures.last {
                    $0.phase == column.phase && $0.kind == column.kind
                        && $0.replicas <= column.replicas
                }
            }
            let ratios = own.map(\.ratio)
            return (
                own.count(where: \.overloaded), ratios.max() ?? .infinity, ratios.reduce(0, +)
            )
        }
        return layouts.min { pressures($0) < pressures($1) }
    }

    // MARK: Obstacles

    /// Why a split has no layout.
    func obstacle(to split: Split) -> (SplitMap.Obstacle, String) {
        let serving: Phase = .decode
        let sides =
            (split.prefill > 0 ? [(Phase.prefill, split.prefill, candidates.prefill)] : [])
            + [
                (
                    serving, split.decode,
                    split.prefill > 0 ? candidates.decode : candidates.colocated
                )
            ]
        for (phase, gpus, kinds) in sides where Self.groups(of: gpus, kinds).isEmpty {
            return missing(gpus, phase, kinds)
        }
        let pairs = Self.groups(of: split.prefill, candidates.prefill).flatMap { prefill in
            Self.groups(of: split.decode, candidates.decode).map { (prefill, $0) }
        }
        if split.prefill > 0,
            !pairs.contains(where: { bounds.allows(prefill: $0.0.kind, decode: $0.1.kind) })
        {
            let rule = planningCase.engine.rules.degreePairs.map { ": " + $0.value.sentence } ?? ""
            return (.engine, "\(planningCase.engineName) refuses the degrees\(rule)")
        }
        return (.node, "no nodes have room for such workers")
    }

    /// Workers of a size that would do were rejected, or there are none.
    private func missing(
        _ gpus: Int, _ phase: Phase, _ kinds: [WorkerKind]
    ) -> (SplitMap.Obstacle, String) {
        let wanted = planningCase.workerKinds(of: phase).filter { gpus.isMultiple(of: $0.gpus) }
        for kind in wanted.reversed() where !kinds.contains(kind) {
            let obstacle = planningCase.obstacles(to: kind, phase).first
            let rejection = candidates.rejected.first { $0.layout == kind.label }
            guard let reason = obstacle?.message ?? rejection?.reason else { continue }
            return (SplitMap.Obstacle(obstacle?.rule ?? .memory), "\(kind.label): \(reason)")
        }
        let sizes = Set(kinds.map(\.gpus)).sorted().map(String.init).joined(separator: ", ")
        return (.size, "no equal workers of \(sizes) GPUs take exactly \(gpus)")
    }
}

extension SplitMap.Obstacle {
    fileprivate init(_ rule: LayoutObstacle.Rule) {
        switch rule {
        case .memory: self = .memory
        case .heads, .blocks, .experts: self = .heads
        case .node, .budget, .pool: self = .node
        case .ranks: self = .size
        }
    }
}
