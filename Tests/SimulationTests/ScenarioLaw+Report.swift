import DiscreteEvents
import ServingDomain

@testable import Simulation

/// What a result says about its rounds is what the rounds say.
extension ScenarioLaw {
    static let report = Self(name: "histograms and counts are those of the rounds") { scenario in
        let result = run(scenario.setup, scenario.sessions)
        let rounds = result.rounds
        var faults: [String] = []
        func compare(_ name: String, _ histogram: LogHistogram, _ exact: [Double]) {
            let mean = exact.reduce(0, +) / Double(max(1, exact.count))
            let isEqual =
                Int(histogram.count) == exact.count && histogram.min == exact.min()
                && histogram.max == exact.max()
                && abs((histogram.mean ?? 0) - mean) <= 1e-9 * mean
            if !isEqual { faults.append(name) }
        }
        compare("TTFT", result.ttft, rounds.map { Double($0.ttft) })
        compare("TPOT", result.tpot, rounds.filter { $0.outputTokens > 1 }.map(\.meanITL))
        compare("memory wait", result.memoryWait, rounds.map { Double($0.memoryWait) })
        compare(
            "until prefilled", result.untilPrefilled,
            rounds.map { Double($0.prefillEnded - $0.released) })
        compare("end to end", result.endToEnd, endToEnd(rounds, scenario.sessions))
        let gaps = rounds.reduce(0) { $0 + $1.decodeTime }
        if abs(Double(gaps) - result.gaps.sum) > 1e-3 * Double(rounds.count) {
            faults.append("gaps of \(result.gaps.sum) ns in rounds of \(gaps) ns")
        }
        if result.roundCount != rounds.count { faults.append("count of rounds") }
        if result.localRounds != rounds.count(where: \.isLocal) { faults.append("local rounds") }
        if result.sessions != scenario.sessions.count { faults.append("count of sessions") }
        return faults
    }

    static let attainment = Self(name: "attainment counts every offered unit once") { scenario in
        let result = run(scenario.setup, scenario.sessions)
        let attained = Attainment.all([result])
        let targets = scenario.setup.service
        let (ttft, itl) = (targets.ttft.inNanoseconds, targets.itl.inSeconds * 1e9)
        let offered = Double(scenario.sessions.rounds.count)
        func share(_ isGood: (RoundOutcome) -> Bool) -> Double {
            Double(result.rounds.count(where: isGood)) / offered
        }
        let sessions = Dictionary(grouping: result.rounds, by: \.session).values
        let good = sessions.count { rounds in
            let time = rounds.reduce(0.0) { $0 + Double($1.decodeTime) }
            let gaps = rounds.reduce(0) { $0 + $1.outputTokens - 1 }
            return rounds.allSatisfy { $0.ttft <= ttft } && time <= itl * Double(gaps)
        }
        let expected: [(ServiceLevel.Headline, Double)] = [
            (.ttftOnly, share { $0.ttft <= ttft }), (.itlOnly, share { $0.meanITL <= itl }),
            (.roundJoint, share { $0.ttft <= ttft && $0.meanITL <= itl }),
            (.sessionStrict, Double(good) / Double(scenario.sessions.count)),
        ]
        return expected.compactMap { headline, value in
            let found = attained[headline]?.value
            return found == value ? nil : "\(headline): \(found ?? -1), expected \(value)"
        }
    }

    /// First-token latency of the engine is nil in the scenarios, so that a session lasts from its
    /// arrival to its last token.
    private static func endToEnd(
        _ rounds: [RoundOutcome], _ sessions: SessionTable
    ) -> [Double] {
        rounds.filter { $0.round + 1 == sessions.rounds(of: $0.session).count }.map {
            Double($0.released + $0.ttft + $0.decodeTime - sessions.arrivals[$0.session])
        }
    }
}
