import Foundation

/// A scenario on which both implementations differ, made as small as leaving out allows.
struct OracleDifference: CustomStringConvertible {
    let seed: String
    let scenario: OracleScenario
    let description: String

    init(smallestOf original: OracleScenario) async throws {
        var smallest = original
        while let smaller = try await Self.firstDiffering(of: smallest.smaller) {
            smallest = smaller
        }
        seed = original.name
        scenario = smallest
        description = try await Self.report(original, smallest)
    }

    private static func firstDiffering(of candidates: [OracleScenario]) async throws
        -> OracleScenario?
    {
        let told = try await Oracle.outcomes(of: candidates, processes: 1)
        return try zip(candidates, told).first { try Oracle.Outcome(engineOf: $0) != $1 }?.0
    }

    /// The first difference, and how to see it again.
    private static func report(_ original: OracleScenario, _ smallest: OracleScenario)
        async throws -> String
    {
        let file = FileManager.default.temporaryDirectory
            .appending(path: "oracle-\(original.name).jsonl")
        try Oracle.lines(of: [smallest, original]).write(to: file)
        let engine = try Oracle.Outcome(engineOf: smallest)
        let oracle = try await Oracle.outcomes(of: [smallest], processes: 1)
        return """
            \(original.name) differs. Replay its smallest part and the whole with
              AMPD_ORACLE=\(file.path) swift test --filter Oracle
            \(String(decoding: try Oracle.lines(of: [smallest]), as: UTF8.self))\
            \(oracle.first.map { firstDifference(engine, $0) } ?? "the oracle says nothing")
            """
    }

    private static func firstDifference(_ engine: Oracle.Outcome, _ oracle: Oracle.Outcome)
        -> String
    {
        let differing = zip(engine.rounds, oracle.rounds).filter { $0 != $1 }
        if let (first, second) = differing.min(by: { $0.0.prefillStarted < $1.0.prefillStarted }) {
            return "engine \(first)\noracle \(second)"
        }
        if engine.rounds.count != oracle.rounds.count {
            return "engine \(engine.rounds.count) rounds, oracle \(oracle.rounds.count)"
        }
        var (left, right) = (engine, oracle)
        left.rounds = []
        right.rounds = []
        return "engine \(left)\noracle \(right)"
    }
}

extension OracleScenario {
    /// Every scenario that lacks one session, or one session's last round, or one worker.
    fileprivate var smaller: [Self] {
        let fewerSessions = sessions.indices.map { index in without(session: index) }
        let fewerRounds = sessions.indices.filter { isShortened($0) }.map { index in
            changed { $0.sessions[index].rounds.removeLast() }
        }
        let fewerPrefill = prefill.count > 1 ? [changed { $0.prefill.removeLast() }] : []
        let ranks = dataParallelRanks ?? 1
        let fewerServing =
            (serving.count > ranks ? [changed { $0.serving.removeLast(ranks) }] : [])
            + (ranks > 1 ? [changed { $0.dataParallelRanks = nil }] : [])
        return fewerSessions + fewerRounds + fewerPrefill + fewerServing + fewerOptions
    }

    private var fewerOptions: [Self] {
        [
            changed { $0.asyncScheduling = nil },
            changed { $0.prefillRanks = nil },
            changed { $0.promptBalance = nil },
            changed { $0.promptPooling = nil },
            changed { $0.receiveInterval = nil },
            changed {
                for index in $0.costs.indices {
                    $0.costs[index].prefill.shared = nil
                    $0.costs[index].decode.shared = nil
                }
            },
            changed { $0.host = nil },
            changed { $0.window = nil },
            changed { ($0.stateBlocks, $0.transfer.stateBytes) = (nil, nil) },
            changed { ($0.transfer.window, $0.transfer.windowBytes) = (nil, nil) },
            changed { for index in $0.costs.indices { $0.costs[index].decode.spread = nil } },
            changed { for index in $0.prefill.indices { $0.prefill[index].capacityTokens = nil } },
        ].filter { $0 != self }
    }

    /// Without a session and all that it starts.
    private func without(session: Int) -> Self {
        var (kept, places) = ([Session](), [Int: Int]())
        for (index, each) in sessions.enumerated() where index != session {
            var copy = each
            if let start = each.startedBy {
                guard let parent = places[start[0]] else { continue }
                copy.startedBy = [parent, start[1]]
            }
            places[index] = kept.count
            kept.append(copy)
        }
        return changed { $0.sessions = kept }
    }

    /// Whether a session can do without its last round.
    private func isShortened(_ session: Int) -> Bool {
        let last = sessions[session].rounds.count - 1
        return last > 0 && !sessions.contains { $0.startedBy == [session, last] }
    }

    private func changed(_ change: (inout Self) -> Void) -> Self {
        var copy = self
        change(&copy)
        copy.tellDraws()
        return copy
    }
}
