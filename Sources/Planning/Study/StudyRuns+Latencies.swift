import ServingDomain
import Simulation

extension StudyRuns {
    /// TTFT and ITL in as many runs as the case asks for; nothing in overload, where a latency only tells
    /// how long one looked.
    func latencies(of layout: Deployment) async -> [LatencySpread] {
        let simulation = simulation(of: planningCase)
        let setup = await simulation.completeSetup(layout)
        let runs = await simulation.replications.run(setup)
        guard !Backlog(runs).isOverloaded else { return [] }
        let service = planningCase.service
        return [
            LatencySpread(.ttft, runs, target: service.ttft),
            LatencySpread(.itl, runs, target: service.itl),
        ].compactMap { $0 }
    }
}
