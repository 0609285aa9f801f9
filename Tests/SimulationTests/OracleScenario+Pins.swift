import DiscreteEvents
import ServingDomain

extension OracleScenario {
    /// Names of tools, and how long policies pin histories in their calls.
    mutating func drawPins(seed: Int) {
        var draw = Draw(RandomSequence(seed: UInt64(seed), named: "oracle pins"))
        switch policy.name {
        case "continuum_code":
            policy.settings = [
                "pin_s": draw.one(of: [0, 5_000, 20_000, 20_000, 100_000, 400_000]) / 1e9,
                // A mean of n calls is never so close that rounding decides.
                "longest_pinned_call_s": draw.one(of: [0.347, 50_000.347, 200_000.347, 1e6]) / 1e9,
            ]
        case "continuum_v6":
            policy.settings = ["enough_calls": draw.one(of: [0, 1, 3, 1_000])]
            // Where little is known only those who wait for seconds are pinned.
            if draw.integer(below: 3) == 0 { slowDown(by: 1 << 14) }
        default: return
        }
        let labels = draw.one(of: [["read", nil], ["read", "write", nil]])
        for session in sessions.indices where draw.integer(below: 4) > 0 {
            sessions[session].tools = sessions[session].rounds.map { _ in draw.one(of: labels) }
        }
    }

    /// Makes every time so many times as long.
    private mutating func slowDown(by factor: Int64) {
        costs = costs.map { $0.slowed(by: Double(factor)) }
        firstTokenNs *= factor
        promptTokenNs = promptTokenNs.map { $0 * factor }
        policy.windowNs *= factor
        policy.stateDelayNs *= factor
        service = Service(ttftNs: service.ttftNs * factor, itlNs: service.itlNs * factor)
        for session in sessions.indices {
            sessions[session].arrival *= factor
            for round in sessions[session].rounds.indices {
                sessions[session].rounds[round][2] *= factor
            }
        }
    }
}

extension OracleScenario.Costs {
    fileprivate func slowed(by factor: Double) -> Self {
        func slowed(_ knots: OracleScenario.Knots) -> OracleScenario.Knots {
            knots.map { [$0[0], $0[1] * factor] }
        }
        var copy = self
        copy.prefill = Prefill(
            tokens: slowed(prefill.tokens), sequences: slowed(prefill.sequences),
            context: slowed(prefill.context))
        copy.decode = Decode(
            batch: slowed(decode.batch), meanContext: slowed(decode.meanContext))
        return copy
    }
}

extension OracleScenario.Session {
    /// Names the tools of the newest session of a table, which is this one.
    func nameTools(in table: inout SessionTable) {
        for (round, tool) in zip(rounds.indices, tools ?? []) {
            guard let tool else { continue }
            let known = table.tools.names.firstIndex(of: tool).map { Int16($0) }
            guard let label = known ?? table.tools.add(tool) else { continue }
            table.setTool(label, afterRound: round)
        }
    }
}
