public import ServingDomain
public import Simulation

/// A layout with what every one of its runs measured.
public struct SimulatedLayout: Sendable {
    public let layout: Deployment
    public let report: ServingReport
    /// One result for each replication, in their order.
    public let results: [SimulationResult]

    /// What is different with this layout, pair by pair on the same sessions.
    ///
    /// - Parameters:
    ///   - base: a layout that was simulated for the same question.
    ///   - statistics: figures to compare.
    /// - Returns: those that both sides measured.
    public func differences(
        from base: Self, in statistics: [ServingStatistic]
    ) -> [PairedDifference] {
        let count = min(results.count, base.results.count)
        return PairedComparison(
            Array(base.results.prefix(count)), Array(results.prefix(count)), of: statistics
        ).differences
    }
}

extension DeploymentSimulation {
    /// Runs every replication of a layout and keeps what each measured.
    ///
    /// - Precondition: as for `run(_:until:)`.
    public func simulated(_ layout: Deployment) async -> SimulatedLayout {
        let setup = await completeSetup(layout)
        let results = await replications.run(setup)
        return SimulatedLayout(
            layout: layout, report: await replications.report(results, of: setup),
            results: results)
    }
}
