import ServingDomain

/// Layouts that differ from another in one respect: how many GPUs either phase has, or which degrees.
struct LayoutNeighbours {
    let degrees: [TensorParallelDegree]
    let cluster: Cluster
    /// Most GPUs of a layout, and whether it must take all of them.
    let budget: Int
    let fillsBudget: Bool
    /// Degrees that the engine does not let stand beside each other.
    var forbidden: Set<DegreePair> = []

    /// Those with 1, 2, 4 … prefill workers more or less, and those of other degrees with as many GPUs for
    /// prefills.
    ///
    /// Each takes as many GPUs of the budget as the decode workers can fill; none of co-located layouts.
    func around(_ layout: Deployment) -> [Deployment] {
        guard let (prefill, decode) = layout.homogeneousPair else { return [] }
        let most = max(prefill.replicas, decode.gpus.value / prefill.degree.value)
        let shifts = sequence(first: 1) { 2 * $0 }.prefix { $0 == 1 || $0 < most }
        let shifted = shifts.flatMap { [prefill.replicas + $0, prefill.replicas - $0] }
            .map { filled(prefill.degree, $0, decode.degree) }
        let others = degrees.flatMap { first in
            degrees.map { second in
                filled(first, max(1, prefill.gpus.value / first.value), second)
            }
        }
        return (shifted + others).compactMap { $0 }.reduce(into: []) { found, next in
            if next != layout, !found.contains(next) { found.append(next) }
        }
    }

    /// So many prefill workers, and as many decode workers as there are GPUs left for.
    private func filled(
        _ prefill: TensorParallelDegree, _ replicas: Int, _ decode: TensorParallelDegree
    ) -> Deployment? {
        let left = budget - replicas * prefill.value
        guard replicas > 0, left >= decode.value,
            !forbidden.contains(DegreePair(prefill: prefill, decode: decode)),
            !fillsBudget || left.isMultiple(of: decode.value)
        else { return nil }
        let layout = Deployment.disaggregated(
            prefill: [group(prefill, replicas)], decode: [group(decode, left / decode.value)])
        return cluster.holds(layout.allGroups) ? layout : nil
    }

    private func group(_ degree: TensorParallelDegree, _ replicas: Int) -> WorkerGroup {
        WorkerGroup(parallelism: Parallelism(tensor: degree), replicas: replicas)
    }
}

extension LayoutNeighbours {
    /// Layouts that a case may have within a budget.
    init(_ planningCase: Case, degrees: [TensorParallelDegree], budget: Int) {
        self.init(
            degrees: degrees, cluster: planningCase.cluster, budget: budget,
            fillsBudget: planningCase.planning.fillsBudget,
            forbidden: planningCase.forbiddenPairs(among: degrees))
    }
}
