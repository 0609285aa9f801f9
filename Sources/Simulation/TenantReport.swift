import DiscreteEvents
public import ServingDomain

/// What a deployment does to the sessions of one tenant, over all replications.
public struct TenantReport: Hashable, Sendable {
    /// Empty for sessions without a tenant.
    public let name: String
    /// As in `ServingReport`; nil in overload, and where nothing was measured.
    public let ttft: LatencyQuantiles?
    public let itl: LatencyQuantiles?
    public let tpot: LatencyQuantiles?
    public let endToEnd: LatencyQuantiles?
    /// Share of good units under each reading of the targets that the tenant has.
    public let attainment: [ServiceLevel.Headline: Estimate]
    /// Measured sessions over all replications, refused ones included.
    public let sessions: Int
    /// Measured rounds that ended.
    public let rounds: Int

    /// Those that have sessions, in the order of the workload, first sessions without a tenant.
    static func all(
        _ runs: [SimulationResult], givesLatencies: Bool, caution: Caution?
    ) -> [Self] {
        let figures = runs.first?.tenants ?? []
        return figures.indices.compactMap { place in
            guard runs.contains(where: { $0.tenants[place].sessions > 0 }) else { return nil }
            return Self(runs, place, givesLatencies: givesLatencies, caution)
        }
    }

    private init(
        _ runs: [SimulationResult], _ place: Int, givesLatencies: Bool, _ caution: Caution?
    ) {
        let figures = runs.map { $0.tenants[place] }
        func latency(_ histogram: KeyPath<TenantFigures, LogHistogram>) -> LatencyQuantiles? {
            givesLatencies
                ? LatencyQuantiles(
                    histograms: figures.map { $0[keyPath: histogram] }, caution: caution) : nil
        }
        name = figures[0].name
        (ttft, itl, tpot) = (latency(\.ttft), latency(\.gaps), latency(\.tpot))
        endToEnd = latency(\.endToEnd)
        attainment = Attainment.all(runs, tenant: place)
        sessions = figures.reduce(0) { $0 + $1.sessions }
        rounds = figures.reduce(0) { $0 + $1.roundCount }
    }
}
