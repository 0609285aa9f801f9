import ChildProcesses
import Foundation

@testable import Simulation

/// The second implementation in Tests/Oracle, run in processes of its own.
enum Oracle {
    static let program = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Oracle/oracle.py")

    /// One round, as either implementation tells it.
    struct Round: Codable, Hashable {
        var session: Int
        var round: Int
        var released: Int64
        var memoryWait: Int64
        var prefillStarted: Int64
        var prefillEnded: Int64
        var ttft: Int64
        var decodeTime: Int64
        var outputTokens: Int
        var servingWorker: Int?
        /// None where the round was prefilled on its serving worker.
        var prefillWorker: Int?
    }

    /// Lists have a count for each statistic of gaps: mean, p95, p99, max.
    struct GoodCounts: Codable, Hashable {
        var ttft: Int
        var joint: [Int]
        var itl: [Int]
        var sessions: [Int]
    }

    struct Jobs: Codable, Hashable {
        var refused: Int
        var good: Int
    }

    struct Outcome: Codable, Hashable {
        var name: String
        /// In order of session and round.
        var rounds: [Round]
        var evictions: Int
        var preemptions: Int
        var loadedTokens: Int
        var refusedSessions: Int
        var good: GoodCounts
        /// Where sessions start others or a job has a target.
        var jobs: Jobs?
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = .sortedKeys
        return encoder
    }

    static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }

    /// What the oracle makes of each scenario, in their order, on `processes` processes.
    static func outcomes(
        of scenarios: [OracleScenario], processes: Int, limit: Double = 300
    ) async throws -> [Outcome] {
        let share = max(1, (scenarios.count + processes - 1) / processes)
        let starts = Array(stride(from: 0, to: scenarios.count, by: share))
        return try await withThrowingTaskGroup(of: (Int, [Outcome]).self) { group in
            for start in starts {
                let part = scenarios[start..<min(start + share, scenarios.count)]
                group.addTask { (start, try await run(Array(part), limit: limit)) }
            }
            var parts: [Int: [Outcome]] = [:]
            for try await (start, part) in group { parts[start] = part }
            return starts.flatMap { parts[$0] ?? [] }
        }
    }

    private static func run(_ scenarios: [OracleScenario], limit: Double) async throws -> [Outcome]
    {
        let folder = FileManager.default.temporaryDirectory
        let input = folder.appending(path: "oracle-\(UUID().uuidString).jsonl")
        try lines(of: scenarios).write(to: input)
        defer { try? FileManager.default.removeItem(at: input) }
        let child = try ChildProcess(
            ["python3", "-B", program.path, input.path], in: folder,
            environment: ProcessInfo.processInfo.environment)
        let ending = try await child.end(limit: limit)
        guard ending.code == 0, !ending.wasSignalled else {
            throw Failure(description: "the oracle ended with \(ending.code): \(ending.words)")
        }
        return try ending.output.split(separator: UInt8(ascii: "\n")).map {
            try decoder.decode(Outcome.self, from: Data($0))
        }
    }

    /// Scenarios as lines of JSON.
    static func lines(of scenarios: [OracleScenario]) throws -> Data {
        try scenarios.reduce(into: Data()) {
            $0 += try encoder.encode($1) + [UInt8(ascii: "\n")]
        }
    }
}

extension Oracle.Outcome {
    /// What the engine makes of a scenario.
    init(engineOf scenario: OracleScenario) throws {
        let result = run(try scenario.setup(), scenario.table)
        name = scenario.name
        rounds = result.rounds.map(Oracle.Round.init).sorted {
            ($0.session, $0.round) < ($1.session, $1.round)
        }
        evictions = result.evictions
        preemptions = result.preemptions
        loadedTokens = result.loadedTokens
        refusedSessions = result.refusedSessions
        good = Oracle.GoodCounts(
            ttft: result.good.ttft, joint: result.good.joint.counts, itl: result.good.itl.counts,
            sessions: result.good.sessions.counts)
        jobs = result.jobs.map { Oracle.Jobs(refused: $0.refused, good: $0.good) }
    }
}

extension PerStatistic {
    fileprivate var counts: [Int] { indices.map { self[$0] } }
}

extension Oracle.Round {
    init(_ outcome: RoundOutcome) {
        session = outcome.session
        round = outcome.round
        released = outcome.released
        memoryWait = outcome.memoryWait
        prefillStarted = outcome.prefillStarted
        prefillEnded = outcome.prefillEnded
        ttft = outcome.ttft
        decodeTime = outcome.decodeTime
        outputTokens = outcome.outputTokens
        servingWorker = outcome.servingWorker
        prefillWorker = outcome.prefillWorker
    }
}
