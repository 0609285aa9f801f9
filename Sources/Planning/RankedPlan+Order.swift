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
            // Only where all have a price do prices tell layouts apart.
            let isPriced = plans.allSatisfy { $0.usdPerHour != nil }
            let (one, other) = (lhs.usdPerHour ?? 0, rhs.usdPerHour ?? 0)
            if isPriced, one != other { return one < other }
            return (lhs.deployment.gpus, lhs.deployment.description)
                < (rhs.deployment.gpus, rhs.deployment.description)
        }
    }
}
