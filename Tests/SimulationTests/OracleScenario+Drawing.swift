import DiscreteEvents
import ServingDomain

extension OracleScenario {
    /// A scenario drawn from a seed; half of them have all times on a coarse grid, so that many
    /// events fall into one instant.
    init(seed: Int) {
        var draw = Draw(RandomSequence(seed: UInt64(seed), named: "oracle"))
        let grid = draw.one(of: [1, 1, 1_000, 10_000])
        var sessions = Self.sessions(grid: grid, &draw)
        segments = Self.segments(&draw, &sessions)
        let blockSize = draw.one(of: [1, 4, 16])
        let longest = sessions.map(\.longestContext).max() ?? 1
        name = "seed-\(seed)"
        costs = (0..<2).map { _ in Costs(grid: grid, &draw) }
        prefill = (0..<draw.one(of: [1, 1, 2, 3])).map { _ in
            PrefillWorker(costs: draw.one(of: [0, 0, 1]), node: draw.integer(below: 2))
        }
        serving = (0..<draw.one(of: [1, 1, 2, 3])).map { _ in
            ServingWorker(
                costs: draw.one(of: [0, 0, 1]), node: draw.integer(below: 2),
                capacityTokens: draw.capacity(longest: longest) / blockSize * blockSize)
        }
        transfer = Transfer(&draw)
        firstTokenNs = Int64(draw.one(of: [0, 5_000]))
        self.blockSize = blockSize
        maxSequences = draw.one(of: [1, 2, 4, 256])
        tokenBudget = draw.one(of: [30, 100, 300, 8192])
        localPrefill = draw.one(of: ["whole_prompts", "chunked"])
        prefillBatch = draw.one(of: [
            PrefillBatch(), PrefillBatch(), PrefillBatch(tokens: 200), PrefillBatch(tasks: 3),
        ])
        firstTokenSite = draw.one(of: ["decode", "decode", "prefill_shipped", "prefill_direct"])
        historySource = draw.one(of: ["read_from_decode", "read_from_decode", "recompute"])
        retention = draw.one(of: ["kept", "kept", "pinned", "discarded"])
        policy = Policy(&draw)
        service = Service(
            ttftNs: Int64(draw.one(of: [60_000, 250_000, 1_000_000])),
            itlNs: Int64(draw.one(of: [1_000, 4_000, 20_000])))
        self.sessions = sessions
        concurrency = draw.one(of: [nil, nil, nil, 1, 3])
        if Policy.colocated.contains(policy.name) { prefill = [] }
        if policy.name == "distserve" {
            firstTokenSite = "prefill_direct"
            prefillBatch = PrefillBatch(tasks: draw.one(of: [1, 3, 1_000]))
        }
        tellDraws()
        drawRanks(seed: seed)
        drawShares(seed: seed)
        drawPins(seed: seed)
        drawOptions(seed: seed, longest: longest)
        drawHistories(seed: seed)
        drawLatencies(seed: seed)
    }

    /// Prompts that take the longer to the engine the longer they are, in one scenario of three.
    private mutating func drawLatencies(seed: Int) {
        var draw = Draw(RandomSequence(seed: UInt64(seed), named: "oracle latencies"))
        promptTokenNs = draw.one(of: [nil, nil, nil, nil, 7, 400])
    }

    /// Data-parallel ranks in one scenario of four, if there are workers to pair.
    private mutating func drawRanks(seed: Int) {
        var draw = Draw(RandomSequence(seed: UInt64(seed), named: "oracle ranks"))
        var pooling = Draw(RandomSequence(seed: UInt64(seed), named: "oracle pooling"))
        if pooling.integer(below: 4) == 0 {
            promptPooling = Pooling(
                steps: pooling.one(of: [1, 3, 20]), share: pooling.one(of: [0.25, 0.5, 1]))
        }
        if pooling.integer(below: 4) == 0 { receiveInterval = pooling.one(of: [2, 3, 10, 40]) }
        guard draw.integer(below: 4) == 0, let last = serving.last else { return }
        let ranks = draw.one(of: [2, 2, 3])
        while !serving.count.isMultiple(of: ranks) { serving.append(last) }
        dataParallelRanks = ranks
        guard draw.integer(below: 2) == 0 else { return }
        promptBalance = Balance(
            patience: draw.one(of: [1, 2, 5, 20]), gathering: draw.one(of: [0, 0, 1, 4]))
    }

    /// What ranks compute together in half the scenarios, and prefill workers of several ranks.
    private mutating func drawShares(seed: Int) {
        var draw = Draw(RandomSequence(seed: UInt64(seed), named: "oracle shares"))
        prefillRanks = draw.one(of: [nil, nil, 2, 3])
        guard draw.integer(below: 2) == 0 else { return }
        for index in costs.indices { costs[index].drawShares(&draw) }
    }
}

extension OracleScenario.Costs {
    fileprivate init(grid: Int, _ draw: inout Draw) {
        let unit = Double(grid)
        degree = draw.one(of: [1, 2, 4])
        prefill = Prefill(
            tokens: [[0, 0], [64, draw.one(of: [32_000, 64_000])]],
            sequences: [[0, 0], [1, draw.one(of: [0, 1_000])]],
            context: draw.one(of: [[[0, 0]], [[0, 0], [32, 3_200], [64, 16_000]]]))
        decode = Decode(
            batch: [[0, draw.one(of: [500, 3_000])], [1, draw.one(of: [3_100, 4_000])]],
            meanContext: draw.one(of: [[[0, 0]], [[0, 0], [16, 20], [48, 500.25]]]))
        if grid > 1 {
            prefill = Prefill(
                tokens: [[0, 0], [1, unit]], sequences: [[0, 0]], context: [[0, 0]])
            decode = Decode(batch: [[0, unit], [1, unit]], meanContext: [[0, 0]])
        }
    }
}

extension OracleScenario.Costs {
    /// A half or an eighth of what tokens take.
    fileprivate mutating func drawShares(_ draw: inout Draw) {
        let part = draw.one(of: [0.5, 0.125])
        func share(_ knots: OracleScenario.Knots) -> OracleScenario.Knots {
            knots.map { [$0[0], ($0[1] - knots[0][1]) * part] }
        }
        prefill.shared = share(prefill.tokens)
        decode.shared = share(decode.batch)
    }
}

extension OracleScenario.Transfer {
    fileprivate init(_ draw: inout Draw) {
        latencyNs = Int64(draw.one(of: [0, 2_000, 2_000, 30_000]))
        perBlockNs = Int64(draw.one(of: [0, 0, 70]))
        bytesPerToken = draw.one(of: [0, 64, 64, 4_096])
        intraNodeBytesPerSecond = draw.one(of: [nil, 1e9, 1.6e10])
        interNodeBytesPerSecond = draw.one(of: [5e8, 8e9, 3e8])
        networkLanes = draw.one(of: [1, 2, 8])
        contention = draw.one(of: ["none", "shared", "shared"])
    }
}

/// Draws from lists.
struct Draw {
    private var random: RandomSequence

    init(_ random: RandomSequence) { self.random = random }

    mutating func integer(below bound: Int) -> Int { random.integer(below: bound) }

    mutating func one<Value>(of values: [Value]) -> Value {
        values[random.integer(below: values.count)]
    }

    /// Scarce memory in two of three: the longest session may not even fit.
    mutating func capacity(longest: Int) -> Int {
        one(of: [20 * longest, longest + integer(below: 40), longest * (3 + integer(below: 8)) / 4])
    }
}
