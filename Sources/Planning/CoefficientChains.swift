import ServingDomain

/// Coefficients by phase and degree, for layouts of any number of replicas.
struct CoefficientChains {
    private struct Key: Hashable {
        let phase: Phase
        let degree: TensorParallelDegree
    }

    /// By increasing number of replicas; looked up, never iterated.
    private let chains: [Key: [LatencyCoefficient]]

    init(_ coefficients: [LatencyCoefficient]) {
        chains = Dictionary(grouping: coefficients) { Key(phase: $0.phase, degree: $0.degree) }
            .mapValues { $0.sorted { $0.replicas < $1.replicas } }
    }

    /// The larger of both phases' P95 over its target, each from the next smaller number of replicas
    /// that was simulated; infinite where there is none, and for co-located workers.
    func pressure(_ layout: Deployment) -> Double {
        guard let (prefill, decode) = layout.homogeneousPair else { return .infinity }
        let pressures = [(Phase.prefill, prefill), (.decode, decode)].map { phase, group in
            chain(phase, group.degree).last { $0.replicas <= group.replicas }?.ratio ?? .infinity
        }
        return pressures.max() ?? .infinity
    }

    private func chain(_ phase: Phase, _ degree: TensorParallelDegree) -> [LatencyCoefficient] {
        chains[Key(phase: phase, degree: degree)] ?? []
    }
}

extension Deployment {
    /// Prefill and decode workers of one kind each; nil for other layouts.
    var homogeneousPair: (prefill: WorkerGroup, decode: WorkerGroup)? {
        guard case .disaggregated(let prefill, let decode) = self,
            let first = prefill.first, let second = decode.first,
            prefill.count == 1, decode.count == 1
        else { return nil }
        return (first, second)
    }
}
