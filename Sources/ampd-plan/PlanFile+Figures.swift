import ArgumentParser
import Catalog
import Reporting
import Simulation

extension PlanFile {
    /// What the plan at this place predicts.
    func figures(rank: Int, sessionsPerSecond: Double?) -> PlanPredictions {
        PlanPredictions(document, plan: plan(rank: rank), sessionsPerSecond: sessionsPerSecond)
    }

    /// What the plan at this place predicts for one tenant.
    func figures(rank: Int, tenant: String, path: String) throws(Failure) -> PlanPredictions {
        let plan = plan(rank: rank)
        if let found = PlanPredictions(document, plan: plan, tenant: tenant) { return found }
        let names = tenants(rank: rank).map { "'\($0)'" }.joined(separator: ", ")
        throw Failure(
            ToolExit.badData,
            "\(path): has no tenant \(tenant.shownInMessage); "
                + (names.isEmpty ? "its workload names none." : "it has \(names)."))
    }

    /// Names of those whose sessions the plan at this place tells apart; sessions without one are nobody's.
    func tenants(rank: Int) -> [String] {
        plan(rank: rank)["tenants"]?.elements?.compactMap { $0["name"]?.plainText }
            .filter { !$0.isEmpty } ?? []
    }

    /// Rounds of a simulation that measured every session of a trace once, or those of one tenant; nil of any
    /// other.
    func wholeTrace(rank: Int, of tenant: String?) -> Int? {
        let plan = plan(rank: rank)
        guard plan["measured_sessions"] == .string(Replications.Measure.all.rawValue),
            plan["case"]?["workload"]?["trace"] != nil, replications(rank: rank) == 1
        else { return nil }
        guard let tenant else { return counts(rank: rank).rounds }
        let own = plan["tenants"]?.elements?.first { $0["name"] == .string(tenant) }
        return own?["rounds"]?.double.flatMap { Int(exactly: $0) }
    }

    /// Rounds and sessions that were simulated for the plan at this place; 0 where it does not tell.
    func counts(rank: Int) -> (rounds: Int, sessions: Int) {
        func count(_ key: String) -> Int {
            plan(rank: rank)[key]?.double.flatMap { Int(exactly: $0) } ?? 0
        }
        return (count("rounds_simulated"), count("sessions_simulated"))
    }
}
