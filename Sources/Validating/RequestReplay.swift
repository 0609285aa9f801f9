import DiscreteEvents
import Planning
import Scheduling
import ServingDomain
import Simulation

/// Simulates the requests of a log on its platform.
public struct RequestReplay: Sendable {
    public let log: RequestLog
    public let platform: MeasuredPlatform

    public init(log: RequestLog, platform: MeasuredPlatform) {
        self.log = log
        self.platform = platform
    }

    /// What each request of the log experiences in the simulator, in their order.
    ///
    /// Outputs are as long as they were, and so are their times counted: from the engine's first sight
    /// of a request, which is the end of the step that runs when it arrives.
    ///
    /// - Throws: where the layout cannot run, or refuses some of the requests.
    public func latencies() throws(Refusal) -> [RequestLatencies] {
        let shards = log.engine.shards
        let deployment = try MeasuredRow.Layout.aggregated(
            MeasuredRow.Pool(replicas: 1, shards: shards)
        ).deployment()
        let planningCase = planningCase
        if let obstacle = planningCase.obstacles(to: deployment).first(where: {
            $0.rule != .memory || log.engine.kvCapacity == nil
        }) {
            throw Refusal(obstacle.message)
        }
        var question = LayoutQuestion(planningCase)
        question.statedCapacity = log.engine.kvCapacity
        let setup = DeploymentSimulation(
            question: question, costs: platform.costs, measure: .all, jobs: 1
        ).setup(deployment)
        let (result, tape) = ServingSimulation.record(
            setup, sessions: sessions,
            measured: MeasuredSessions(first: 0, end: log.requests.count),
            TapeRequest(everySession: .max, limit: .max), keepsRounds: true)
        guard result.rounds.count == log.requests.count else {
            throw Refusal(
                "the simulated engine finished \(result.rounds.count) of \(log.requests.count) "
                    + "requests; the KV cache has no room for the others")
        }
        let steps = EngineSteps(tape, ranks: planningCase.engine.behaviour.dataParallelRanks)
        return result.rounds.sorted { $0.session < $1.session }.map { round in
            let seen = steps.firstSight(of: round.arrived, by: round.servingWorker ?? 0)
            let first = round.released + round.ttft
            return RequestLatencies(
                ttft: Double(first - seen) / 1e6,
                tpot: round.outputTokens > 1 ? round.meanITL / 1e6 : nil,
                latency: Double(first + round.decodeTime - seen) / 1e6)
        }
    }

    private var planningCase: Case {
        var asked = platform.planningCase
        let (hardware, gpus) = (asked.hardware, log.engine.shards.gpus.value)
        asked.cluster = Cluster(
            gpu: hardware.name, nodes: (gpus + hardware.gpusPerNode - 1) / hardware.gpusPerNode,
            gpusPerNode: hardware.gpusPerNode)
        asked.policy = ServingPolicy(name: .colocatedV1)
        // No target is asked for; nothing of the latencies depends on these.
        asked.service = ServiceLevel(ttft: .seconds(3600), itl: .seconds(3600))
        // What was measured did run.
        asked.planning.ignoresEngineRules = true
        return asked
    }

    private var sessions: SessionTable {
        var table = SessionTable()
        for request in log.requests {
            table.append(
                arrival: Int64((request.arrival * 1e9).rounded()),
                rounds: [
                    RoundScript(
                        newTokens: request.inputTokens, outputTokens: request.outputTokens,
                        delayAfter: 0)
                ])
        }
        return table
    }
}

/// When the steps of each engine ran.
private struct EngineSteps {
    private let ranks: Int
    /// By engine, in order.
    private var spans: [[Tape.Span]]

    init(_ tape: Tape, ranks: Int) {
        self.ranks = ranks
        let engines = max(1, tape.workers.count / ranks)
        spans = Array(repeating: [], count: engines)
        for step in tape.steps { spans[Int(step.worker) / ranks].append(step.span) }
        for engine in spans.indices {
            spans[engine].sort { ($0.start, $0.end) < ($1.start, $1.end) }
        }
    }

    /// The end of the step that runs at an instant, or the instant where the engine rests.
    func firstSight(of instant: Int64, by worker: Int) -> Int64 {
        let steps = spans[worker / ranks]
        var (low, high) = (0, steps.count)
        while low < high {
            let middle = (low + high) / 2
            if steps[middle].start < instant { low = middle + 1 } else { high = middle }
        }
        // Ranks of an engine step together: of those that began before, the last tells.
        guard low > 0, steps[low - 1].end >= instant else { return instant }
        return steps[low - 1].end
    }
}
