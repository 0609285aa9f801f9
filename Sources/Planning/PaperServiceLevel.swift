public import CostModeling
public import ServingDomain
import Workloads

/// The `paper` preset: targets as multiples of what an unloaded worker of degree 4 achieves.
///
/// 8 times the prefill of the workload's mean increment over its mean history, and 1.6 times a
/// decode step of 8 sequences at half the mean final context (prototype study of the paper, whose
/// own values are not published).
public enum PaperServiceLevel {
    /// The targets for `workload`.
    ///
    /// - Precondition: `costs` was built for `worker`, which is of degree 4.
    public static func level(
        workload: Workload, costs: CostModel, worker: WorkerKind, seed: UInt64,
        attainmentGoal: Double,
        headline: ServiceLevel.Headline, itlStatistic: ServiceLevel.ITLStatistic
    ) -> ServiceLevel {
        let sessions = SessionGenerator(workload: workload, seed: seed)
            .sessions(count: 1000, rate: workload.rate)
        let means = RoundMeans(sessions)
        let prefill = costs.requirePrefill(worker)
            .prefillTime(history: means.history, increment: means.increment)
        let step = costs.require(worker).decodeStepTime(
            batch: 8, totalContext: 8 * means.finalContext / 2)
        return ServiceLevel(
            ttft: .nanoseconds(Int64((8 * prefill).rounded())),
            itl: .nanoseconds(Int64((1.6 * step).rounded())),
            itlStatistic: itlStatistic, attainmentGoal: attainmentGoal, headline: headline)
    }

    /// The degree whose unloaded times the preset is made of.
    public static let degree = TensorParallelDegree.usual[2]
}

/// Mean lengths over all rounds of a table, in whole tokens.
private struct RoundMeans {
    let increment: Int
    let history: Int
    let finalContext: Int

    init(_ sessions: SessionTable) {
        var (increments, histories, contexts) = (0, 0, 0)
        for session in 0..<sessions.count {
            var context = 0
            for place in sessions.firstRound[session]..<sessions.firstRound[session + 1] {
                let round = sessions.rounds[place]
                context = sessions.histories.kept(of: context, byRound: place)
                histories += context
                increments += Int(round.newTokens)
                context += Int(round.newTokens) + Int(round.outputTokens)
            }
            contexts += context
        }
        let rounds = max(1, sessions.rounds.count)
        increment = max(1, increments / rounds)
        history = histories / rounds
        finalContext = contexts / max(1, sessions.count)
    }
}
