import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain

@testable import Simulation

/// A small cluster and its sessions, drawn from a seed.
struct Scenario {
    enum Load: String, CaseIterable {
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

    let seed: UInt64
    let policy: ServingPolicy.Name
    let load: Load
    /// Whether sessions start others; see `withJobs`.
    var hasJobs = false
    var setup: ClusterSetup
    var sessions: SessionTable

    init(seed: UInt64, policy: ServingPolicy.Name, load: Load) {
        (self.seed, self.policy, self.load) = (seed, policy, load)
        var random = RandomSequence(seed: seed, named: "scenario")
        sessions = Self.sessions(load, &random)
        let longest = sessions.longestContexts.max() ?? 1
        // Scarce memory: the longest session fits into one worker in three scenarios of four.
        let capacity =
            load == .scarceMemory
            ? longest * (3 + random.integer(below: 4)) / 4 : 20 * longest
        let blockSize = [1, 16][random.integer(below: 2)]
        var setup = cluster(
            policy, prefill: 1 + random.integer(below: 3), decode: 1 + random.integer(below: 3),
            capacity: capacity / blockSize * blockSize, blockSize: blockSize)
        setup.maxSequences = [1, 4, 256][random.integer(below: 3)]
        setup.localPrefill = [.wholePrompts, .chunked][random.integer(below: 2)]
        setup.tokenBudget = [30, 100, 8192][random.integer(below: 3)]
        setup.prefillBatch =
            [.oneTask, .oneTask, .tokens(200), .tasks(3)][random.integer(below: 4)]
        setup.firstTokenSite = [.decode, .prefillShipped, .prefillDirect][random.integer(below: 3)]
        setup.historySource = [.readFromDecode, .recompute][random.integer(below: 2)]
        setup.prefixCaching = random.integer(below: 4) > 0
        setup.policy.dispatch =
            [nil, Dispatch.allCases[random.integer(below: 7)]][
                random.integer(below: 2)]
        setup.retention = [.kept, .kept, .pinned, .discarded][random.integer(below: 4)]
        setup.transfer = Self.transfer(&random)
        setup.contention = [.shared, .shared, .none][random.integer(below: 3)]
        setup.placement = .nodes(
            prefill: setup.prefillCosts.map { _ in random.integer(below: 2) },
            serving: setup.decodeSeats.map { _ in random.integer(below: 2) })
        if policy == .distserve { setup.decodeTokenCap = 50 + random.integer(below: 400) }
        setup.policy.stateDelay = .nanoseconds([0, 0, 5_000][random.integer(below: 3)])
        setup.policy.window = .microseconds(500)
        setup.service = ServiceLevel(ttft: .microseconds(250), itl: .nanoseconds(900))
        self.setup = setup
        drawPins()
        drawHost(longest)
        drawRanks()
        drawPooling()
        drawWindow()
        var reads = RandomSequence(seed: seed, named: "reads")
        if reads.integer(below: 3) == 0 {
            setup.leastHistoryRead = longest * reads.integer(below: 8) / 8
        }
    }

    /// Layers with a window or a state in one scenario of three, and room for what one sequence keeps there.
    private mutating func drawWindow() {
        var random = RandomSequence(seed: seed, named: "window")
        guard random.integer(below: 3) == 0, case .workers(let seats) = setup.decode else { return }
        let kept: KeptBeside =
            random.integer(below: 3) == 0
            ? .state(
                KeptState(
                    bytes: Bytes(1 + random.integer(below: 9000)), bytesPerToken: Bytes(100)))
            : .window(
                KeptWindow(
                    tokens: 1 + random.integer(below: 60), layers: 1 + random.integer(below: 3),
                    wholeLayers: 1 + random.integer(below: 2)))
        setup.keptBeside = kept
        let more = kept.blocks(of: setup.blockSize) * setup.blockSize
        setup.decode = .workers(
            seats.map { .init(costs: $0.costs, capacity: $0.capacity + Tokens(more)) })
    }

    /// Prompts that wait for more in one scenario of four, and in one of five to be looked at.
    private mutating func drawPooling() {
        var random = RandomSequence(seed: seed, named: "pooling")
        if random.integer(below: 5) == 0 {
            setup.receiveInterval = [2, 10, 40][random.integer(below: 3)]
        }
        guard random.integer(below: 4) == 0 else { return }
        setup.promptPooling = PromptPooling(
            steps: [1, 3, 20][random.integer(below: 3)],
            share: [0.1, 0.5, 1][random.integer(below: 3)])
    }

    /// Data-parallel ranks in one scenario of four.
    private mutating func drawRanks() {
        var random = RandomSequence(seed: seed, named: "ranks")
        guard random.integer(below: 4) == 0, case .workers(var seats) = setup.decode,
            case .nodes(let prefill, let serving) = setup.placement
        else { return }
        let ranks = 2 + random.integer(below: 2)
        while !seats.count.isMultiple(of: ranks) { seats.append(seats[0]) }
        setup.decode = .workers(seats)
        setup.placement = .nodes(
            prefill: prefill, serving: serving + seats.dropFirst(serving.count).map { _ in 0 })
        setup.dataParallelRanks = ranks
        setup.prefillRanks = 1 + random.integer(below: 3)
        guard random.integer(below: 2) == 0 else { return }
        setup.promptBalance = PromptBalance(
            patience: [1, 3, 20][random.integer(below: 3)],
            gathering: [0, 2][random.integer(below: 2)])
    }

    /// Host memory in one scenario of three, for a part of a session up to many of them.
    private mutating func drawHost(_ longest: Int) {
        var random = RandomSequence(seed: seed, named: "host")
        setup.formsStepsAhead = random.integer(below: 3) == 0
        if random.integer(below: 4) == 0 {
            setup.historySource = .prefillCache
            setup.prefillMemory = setup.prefillCosts.map { _ in
                Tokens(longest * random.integer(below: 12) / 4)
            }
        }
        guard random.integer(below: 3) == 0 else { return }
        setup.host = HostTier(
            capacity: Tokens(longest * (1 + random.integer(below: 12)) / 4),
            latency: .nanoseconds([0, 3000][random.integer(below: 2)]),
            bandwidth: Bandwidth(bytesPerSecond: [1e9, 1e7][random.integer(below: 2)]),
            bytesPerToken: 3)
    }

    /// Tools with names, and pins about as long as their runs.
    private mutating func drawPins() {
        guard policy.definesPins else { return }
        var random = RandomSequence(seed: seed, named: "pins")
        setup.policy[.pinTime] = Double(1 + random.integer(below: 400)) * 1e-6
        setup.policy[.longestPinnedCall] = Double(100 + random.integer(below: 300)) * 1e-6
        setup.policy[.enoughCalls] = Double(random.integer(below: 4))
        sessions = sessions.naming(tools: 2, &random)
    }

    /// From links that are never felt to links that are the bottleneck.
    private static func transfer(_ random: inout RandomSequence) -> TransferCosts {
        TransferCosts(
            KVTransfer(
                latency: .nanoseconds([0, 2_000][random.integer(below: 2)]),
                perBlock: .nanoseconds([0, 7][random.integer(below: 2)]),
                intraNode: Bandwidth(
                    bytesPerSecond: [.infinity, 1e9, 0.7e7][random.integer(below: 3)]),
                interNode: Bandwidth(bytesPerSecond: [1e9, 0.3e7][random.integer(below: 2)])),
            bytesPerToken: 3)
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
            if random.integer(below: 3) == 0 { share(&table, Int(rounds[0].newTokens), &random) }
        }
        return table
    }
}

extension Scenario {
    /// Lets the newest session's prompts begin as others do, where its first one is long enough:
    /// with one or two links of a chain of segments.
    fileprivate static func share(
        _ table: inout SessionTable, _ prompt: Int, _ random: inout RandomSequence
    ) {
        if table.prefixes.segmentTokens.isEmpty {
            let first = table.prefixes.define(tokens: 20)
            _ = table.prefixes.define(tokens: 37, after: first)
            _ = table.prefixes.define(tokens: 48)
        }
        let last = Int32(random.integer(below: 3))
        guard prompt >= [20, 57, 48][Int(last)] else { return }
        table.setPrefix(table.prefixes.addList(endingWith: last))
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
        var cluster = RunningCluster(
            scenario.setup, sessions, MeasuredSessions(first: 0, end: sessions.count),
            keepsRounds: true)
        cluster.start()
        var (before, inService) = (SimulatedTime.zero, 0)
        var census = Census()
        var faults: [String] = []
        while faults.isEmpty, cluster.step() {
            sessionTime += Int64(inService) * (cluster.now - before)
            before = cluster.now
            let books = Books(cluster)
            inService = books.inService
            faults = books.faults + census.faults(cluster)
        }
        cluster.finish()
        result = cluster.result
        self.faults =
            faults + Books(cluster).closingFaults + Self.closingFaults(cluster)
            + Self.reportFaults(result, sessions)
    }

    /// What the sessions say about the memory and the workers say about the sessions.
    private struct Books {
        struct Memory: Equatable {
            var used = 0
            var idle = 0
            var pinned = 0
            var host = 0
            var waiting = 0
            var pledged = 0
        }

        private(set) var inService = 0
        private(set) var faults: [String] = []
        private(set) var closingFaults: [String] = []

        /// INV-4: what the workers say is used is what the sessions hold.
        init(_ cluster: borrowing RunningCluster) {
            var held = Array(repeating: Memory(), count: cluster.workers.count)
            for slot in cluster.slots.indices {
                let state = cluster.slots[slot]
                guard state.stage != .ended else { continue }
                closingFaults.append("a session has not ended")
                if state.stage != .idle { inService += 1 }
                guard state.worker >= 0 else { continue }
                let worker = Int(state.worker)
                held[worker].pledged += state.pledged
                if state.stage == .decoding {
                    held[worker].used += Self.blocks(of: state, cluster)
                } else {
                    held[worker].used += state.blocks
                }
                if state.stage == .idle, state.blocks > 0 { faults.append("idle with own blocks") }
                if state.stage == .waiting { held[worker].waiting += state.blocks }
                addHistories(of: state, cluster, &held)
            }
            for index in cluster.workers.indices {
                addSegments(on: index, cluster, &held[index])
            }
            for index in cluster.workers.indices {
                let pool = cluster.workers[index].pool
                let told = Memory(
                    used: pool.used, idle: pool.idle, pinned: pool.pinned,
                    host: cluster.workers[index].host.blocks, waiting: pool.waiting,
                    pledged: cluster.workers[index].pledged)
                if told != held[index] {
                    faults.append("worker \(index) says \(told), its sessions \(held[index])")
                }
                if pool.used > pool.capacity { faults.append("capacity of \(index)") }
                if cluster.workers[index].host.blocks > cluster.hostCapacity {
                    faults.append("host memory of \(index)")
                }
            }
        }

        /// What a session has on workers that do not serve it.
        private func addHistories(
            of state: SessionState, _ cluster: borrowing RunningCluster, _ held: inout [Memory]
        ) {
            var entry = Int(state.entry)
            while entry >= 0 {
                let (worker, blocks) = (
                    Int(cluster.entries[entry].worker), Int(cluster.entries[entry].blocks)
                )
                let state = cluster.entries[entry]
                entry = Int(state.sibling)
                guard !state.isOnHost else {
                    held[worker].host += blocks
                    continue
                }
                held[worker].used += blocks
                if state.pinEnd == .zero {
                    held[worker].idle += blocks
                } else {
                    held[worker].pinned += blocks
                }
            }
        }

        /// Blocks of the segments that a worker has, or the host memory beside it.
        static func blocks(
            of segments: SegmentDirectory, on worker: Int, _ cluster: borrowing RunningCluster
        ) -> Int {
            guard !segments.isEmpty else { return 0 }
            var sum = 0
            for segment in cluster.sessions.prefixes.segmentTokens.indices {
                guard let entry = segments.entry(of: segment, on: worker) else { continue }
                sum += Int(cluster.entries[entry].blocks)
            }
            return sum
        }

        /// Segments that prompts share, in use or not.
        private func addSegments(
            on worker: Int, _ cluster: borrowing RunningCluster, _ held: inout Memory
        ) {
            guard !cluster.segments.isEmpty else { return }
            held.host += Self.blocks(of: cluster.hostedSegments, on: worker, cluster)
            for segment in cluster.sessions.prefixes.segmentTokens.indices {
                guard let entry = cluster.segments.entry(of: segment, on: worker) else { continue }
                held.used += Int(cluster.entries[entry].blocks)
                if cluster.entries[entry].users == 0 {
                    held.idle += Int(cluster.entries[entry].blocks)
                }
            }
        }

        /// Blocks of a running sequence: of its length before the run, and those of the run's
        /// steps that the worker has taken.
        private static func blocks(
            of state: SessionState, _ cluster: borrowing RunningCluster
        ) -> Int {
            let worker = Int(state.worker)
            let length = cluster.workers[worker].batch.length(of: state)
            let isRunning = cluster.workers[worker].isBusy && cluster.workers[worker].decodes
            let tokens = length + (isRunning ? cluster.workers[worker].charged : 0)
            return (tokens + cluster.setup.blockSize - 1) / cluster.setup.blockSize
                + Int(state.besideBlocks) - Int(state.sharedBlocks)
        }
    }

    /// Everybody has left, and nobody left anything behind.
    private static func closingFaults(_ cluster: borrowing RunningCluster) -> [String] {
        var faults: [String] = []
        func expect(_ holds: Bool, _ fault: String) { if !holds { faults.append(fault) } }
        expect(cluster.outstanding == 0, "\(cluster.outstanding) sessions never end")
        for index in cluster.workers.indices {
            let pool = cluster.workers[index].pool
            expect(pool.used == pool.idle, "memory was not given back")
            expect(cluster.workers[index].activeBlocks == 0, "blocks of no round are active")
            expect(cluster.workers[index].batch.count == 0, "a batch is not empty")
            expect(cluster.workers[index].batch.totalContext == 0, "a batch has context")
            expect(cluster.workers[index].queue.isEmpty, "a local queue is not empty")
            expect(cluster.workers[index].queue.queuedWork == 0, "a local queue has work")
            expect(cluster.workers[index].joining.isEmpty, "somebody never joined")
            expect(cluster.workers[index].loaded.isEmpty, "a copied history was never used")
            expect(cluster.workers[index].pool.pinned == 0, "an ended session is pinned")
            expect(
                cluster.workers[index].host.historyBlocks == 0
                    && cluster.workers[index].host.segmentBlocks
                        == Books.blocks(of: cluster.hostedSegments, on: index, cluster),
                "host memory was not given back")
            expect(cluster.workers[index].partials.isEmpty, "a prompt was never finished")
        }
        for index in cluster.prefillWorkers.indices {
            expect(cluster.prefillWorkers[index].queue.isEmpty, "a prefill queue is not empty")
            expect(cluster.prefillWorkers[index].face.waitingWork == 0, "a queue has work")
            expect(cluster.prefillWorkers[index].computing.isEmpty, "a worker computes")
            expect(
                cluster.prefillWorkers[index].cachedBlocks
                    == Books.blocks(of: cluster.prefillSegments, on: index, cluster),
                "a prompt was not given back")
        }
        expect(cluster.transfers.underWay == 0, "a transfer never arrived")
        return faults
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
        copy.host = host.map {
            HostTier(
                capacity: $0.capacity, latency: $0.latency * 2,
                bandwidth: Bandwidth(bytesPerSecond: $0.bandwidth.bytesPerSecond / 2),
                bytesPerToken: $0.bytesPerToken)
        }
        copy.policy.window = policy.window * 2
        copy.policy[.pinTime] *= 2
        copy.policy[.longestPinnedCall] *= 2
        copy.policy.stateDelay = policy.stateDelay * 2
        copy.service.ttft = service.ttft * 2
        copy.service.itl = service.itl * 2
        return copy
    }
}
