import ServingDomain
import Simulation

extension RankedPlan {
    /// Layouts that keep up first; by attainment (in overload over one and the same horizon), then by the
    /// worse of P95 over target, then lower price, then fewer GPUs, then the name.
    static func ordered(_ plans: [Self]) -> [Self] {
        plans.sorted { lhs, rhs in
            if lhs.survivalStanding != rhs.survivalStanding {
                return lhs.survivalStanding < rhs.survivalStanding
            }
            if lhs.report.isOverloaded != rhs.report.isOverloaded { return rhs.report.isOverloaded }
            if lhs.attainment.value != rhs.attainment.value {
                return lhs.attainment.value > rhs.attainment.value
            }
            if lhs.pressure != rhs.pressure { return lhs.pressure < rhs.pressure }
            return (lhs.usdPerHour ?? 0, lhs.deployment.gpus, lhs.deployment.description)
                < (rhs.usdPerHour ?? 0, rhs.deployment.gpus, rhs.deployment.description)
        }
    }
}
