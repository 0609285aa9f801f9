import CostModeling
import DiscreteEvents
import ServingDomain

@testable import Simulation

/// A small cluster and its sessions, drawn from a seed.
struct Scenario {
    enum Load: CaseIterable {
        case light, heavy, scarceMemory, burst

        static func of(_ index: Int) -> Self { allCases[index % allCases.count] }

        /// Mean nanoseconds between arrivals.
        var gap: Int {
            switch self {
            case .light: 2_000_000
            case .heavy, .scarceMemory: 60_000
            case .burst: 1
            }
        }
    }

    var setup: ClusterSetup
    let sessions: SessionTable

    init(seed: UInt64, policy: ServingPolicy.Name, load: Load) {
        var random = RandomSequence(seed: seed, named: "scenario")
        sessions = Self.sessions(load, &random)
        let longest = (0..<sessions.count).map(sessions.finalContext).max() ?? 1
        // Scarce memory: the longest session fits into one worker in three scenarios of four.
        let capacity =
            load == .scarceMemory
            ? longest * (3 + random.integer(below: 4)) / 4 : 20 * longest
        let blockSize = [1, 16][random.integer(below: 2)]
        var setup = cluster(
            policy, prefill: 1 + random.integer(below: 3), decode: 1 + random.integer(below: 3),
            capacity: capacity / blockSize * blockSize, blockSize: blockSize)
        setup.maxSequences = [1, 4, 256][random.integer(below: 3)]
        setup.policy.stateDelay = .nanoseconds([0, 0, 5_000][random.integer(below: 3)])
        setup.policy.window = .microseconds(500)
        setup.service = ServiceLevel(ttft: .microseconds(250), itl: .nanoseconds(900))
        self.setup = setup
    }

    private static func sessions(_ load: Load, _ random: inout RandomSequence) -> SessionTable {
        var (table, time) = (SessionTable(), 0)
        for _ in 0..<(5 + random.integer(below: 30)) {
            time += random.integer(below: 2 * load.gap)
            let rounds = (0..<(1 + random.integer(below: 4))).map { _ in
                RoundScript(
                    newTokens: 1 + random.integer(below: 150),
                    outputTokens: 1 + random.integer(below: 12),
                    delayAfter: Int64(
                        [0, random.integer(below: 400_000)][random.integer(below: 2)])
                )
            }
            table.append(arrival: Int64(time), rounds: rounds)
        }
        return table
    }
}

/// A run that is stopped after each event to look at the books.
struct WatchedRun {
    private(set) var faults: [String] = []
    /// Integral over time of the sessions that are waiting or being served, in nanoseconds.
    private(set) var sessionTime: Int64 = 0
    let result: SimulationResult

    init(_ scenario: Scenario) {
        let sessions = scenario.sessions
        var simulation = ServingSimulation(
            scenario.setup, sessions, MeasuredSessions(first: 0, end: sessions.count))
        simulation.start()
        var (before, inService) = (SimulatedTime.zero, 0)
        var faults: [String] = []
        while faults.isEmpty, simulation.step() {
            sessionTime += Int64(inService) * (simulation.now.nanoseconds - before.nanoseconds)
            before = simulation.now
            inService = simulation.states.count { $0.isInService }
            faults = Self.memoryFaults(simulation)
        }
        simulation.finish()
        result = simulation.result
        self.faults = faults + Self.closingFaults(simulation) + Self.reportFaults(result, sessions)
    }

    /// INV-4: what the workers say is used is what the sessions hold.
    private static func memoryFaults(_ simulation: ServingSimulation) -> [String] {
        var held = simulation.decodeWorkers.map { _ in (all: 0, idle: 0, waiting: 0) }
        for state in simulation.states {
            guard let worker = state.worker else { continue }
            held[worker].all += state.reserved
            if state.stage == .idle { held[worker].idle += state.reserved }
            if state.stage == .waitingForMemory { held[worker].waiting += state.reserved }
        }
        return zip(simulation.decodeWorkers, held).enumerated().flatMap { index, pair in
            let (worker, held) = pair
            return [
                worker.memory.used == held.all ? nil : "memory of \(index)",
                worker.idleTokens == held.idle ? nil : "idle tokens of \(index)",
                worker.waitingTokens == held.waiting ? nil : "waiting tokens of \(index)",
                held.all <= worker.memory.capacity ? nil : "capacity of \(index)",
            ].compactMap { $0 }
        }
    }

    /// Everybody has left, and nobody left anything behind.
    private static func closingFaults(_ simulation: ServingSimulation) -> [String] {
        let workers = simulation.decodeWorkers
        return [
            simulation.outstanding == 0 ? nil : "\(simulation.outstanding) sessions never end",
            simulation.states.allSatisfy { $0.stage == .ended } ? nil : "a session has not ended",
            workers.allSatisfy { $0.memory.used == 0 } ? nil : "memory was not given back",
            workers.allSatisfy { $0.batch.count == 0 && $0.batch.totalContext == 0 }
                ? nil : "a batch is not empty",
            workers.allSatisfy { $0.localQueue.isEmpty && $0.localQueue.queuedWork == 0 }
                ? nil : "a local queue is not empty",
            simulation.prefillWorkers.allSatisfy {
                $0.queue.isEmpty && $0.waitingWork == 0 && $0.computing == nil
            } ? nil : "a prefill worker is not idle",
        ].compactMap { $0 }
    }

    /// Every offered round once, every gap once.
    private static func reportFaults(
        _ result: SimulationResult, _ sessions: SessionTable
    ) -> [String] {
        let identities = Set(result.rounds.map { [$0.session, $0.round] })
        let gaps = result.rounds.reduce(0) { $0 + $1.outputTokens - 1 }
        return [
            identities.count == result.rounds.count ? nil : "a round is reported twice",
            result.rounds.count + result.refusedRounds == sessions.rounds.count
                ? nil : "rounds are lost",
            result.endToEnd.count + result.refusedSessions == sessions.count
                ? nil : "sessions are lost",
            Int(result.gaps.count) == gaps ? nil : "\(result.gaps.count) gaps, expected \(gaps)",
        ].compactMap { $0 }
    }
}

extension SessionState {
    fileprivate var isInService: Bool { stage == .waitingForMemory || stage == .active }
}

// MARK: Scaling

extension WorkerCosts {
    func slowed(by factor: Double) -> Self {
        Self(degree: degree, prefill: prefill.slowed(by: factor), decode: decode.slowed(by: factor))
    }
}

extension PhaseCosts {
    fileprivate func slowed(by factor: Double) -> Self {
        Self(linear: linear.scaled(by: factor), attention: [], fittedTokens: fittedTokens)
    }
}

extension ClusterSetup {
    /// Twice as slow in everything, with targets and windows twice as long.
    var stretched: Self {
        var copy = self
        if case .workers(let costs) = prefill {
            copy.prefill = .workers(costs.map { $0.slowed(by: 2) })
        }
        if case .workers(let seats) = decode {
            copy.decode = .workers(
                seats.map { DecodeSeat(costs: $0.costs.slowed(by: 2), capacity: $0.capacity) })
        }
        // Twice the latency, and half the bandwidth of `plainTransfer`.
        copy.transfer = TransferCosts(
            latency: .nanoseconds(4000), bandwidth: Bandwidth(bytesPerSecond: 0.5e9),
            bytesPerToken: 3)
        copy.policy.window = policy.window * 2
        copy.policy.stateDelay = policy.stateDelay * 2
        copy.service.ttft = service.ttft * 2
        copy.service.itl = service.itl * 2
        return copy
    }
}

extension SessionTable {
    var stretched: Self {
        var copy = Self()
        for session in 0..<count {
            copy.append(
                arrival: arrivals[session] * 2,
                rounds: rounds(of: session).map {
                    RoundScript(
                        newTokens: Int($0.newTokens), outputTokens: Int($0.outputTokens),
                        delayAfter: $0.delayAfter * 2)
                })
        }
        return copy
    }
}
