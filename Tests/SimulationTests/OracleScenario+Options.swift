import DiscreteEvents

extension OracleScenario {
    /// What most engines leave out, each in a part of the scenarios: steps that are formed ahead,
    /// prompts that prefill workers keep, host memory, steps that wait for the longest context.
    mutating func drawOptions(seed: Int, longest: Int) {
        var draw = Draw(RandomSequence(seed: UInt64(seed), named: "oracle options"))
        asyncScheduling = draw.one(of: [nil, nil, true])
        let (cache, host) = (draw.integer(below: 4) == 0, draw.integer(below: 3) == 0)
        if cache { drawPrefillCache(&draw, longest: longest) }
        if host { drawHost(&draw, longest: longest) }
        if draw.integer(below: 4) == 0 {
            for index in costs.indices { costs[index].decode.spread = draw.one(of: [2.5, 8, 40]) }
        }
        service.itlStat = draw.one(of: ["mean", "p95", "p99", "max"])
        service.jobNs = draw.one(of: [nil, nil, 500_000, 2_000_000])
        leastHistoryRead = draw.one(of: [nil, nil, longest / 8, longest / 2])
        drawWindow(seed: seed)
        drawState(seed: seed)
    }

    /// Layers with a window in one scenario of three.
    private mutating func drawWindow(seed: Int) {
        var draw = Draw(RandomSequence(seed: UInt64(seed), named: "oracle window"))
        guard draw.integer(below: 3) == 0 else { return }
        let kept = Window(
            tokens: draw.one(of: [8, 40, 300]), layers: draw.one(of: [1, 2, 5]),
            wholeLayers: draw.one(of: [1, 2]))
        window = kept
        transfer.window = kept.tokens
        transfer.windowBytes = draw.one(of: [16, 200])
        // Room for one sequence more, so that the longest still finds some.
        let blocks = (kept.tokens / blockSize + 2) * kept.layers / kept.wholeLayers + 1
        for index in serving.indices {
            serving[index].capacityTokens += blocks * blockSize
        }
    }

    /// Layers with a state in one of four other scenarios.
    private mutating func drawState(seed: Int) {
        var draw = Draw(RandomSequence(seed: UInt64(seed), named: "oracle state"))
        guard window == nil, draw.integer(below: 4) == 0 else { return }
        let blocks = draw.one(of: [1, 2, 7])
        stateBlocks = blocks
        transfer.stateBytes = draw.one(of: [100, 5000])
        for index in serving.indices {
            serving[index].capacityTokens += blocks * blockSize
        }
    }

    /// Host memory for a part of the longest session up to three of them.
    ///
    /// No copy ends near the middle of a nanosecond.
    private mutating func drawHost(_ draw: inout Draw, longest: Int) {
        host = Host(
            capacityTokens: longest * (1 + draw.integer(below: 12)) / 4,
            latencyNs: Int64(draw.one(of: [0, 3_000, 20_000])), bytesPerToken: 64,
            bytesPerSecond: draw.one(of: [1e9, 3e8, 1e8]))
    }

    /// Memory of prefill workers for all prompts, or for a part of the longest up to three of it.
    private mutating func drawPrefillCache(_ draw: inout Draw, longest: Int) {
        historySource = "prefill_cache"
        guard draw.integer(below: 4) > 0 else { return }
        for index in prefill.indices {
            prefill[index].capacityTokens = longest * draw.integer(below: 12) / 4
        }
    }
}
