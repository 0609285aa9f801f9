import Foundation
import Testing

/// The engine against a second implementation that was written from docs/semantics.md alone.
@Suite("Oracle")
struct OracleTests {
    /// Whether a scenario that differs is made as small as can be, which takes up to minutes.
    private static let findsSmallest =
        ProcessInfo.processInfo.environment["AMPD_ORACLE_SMALLEST"] != "off"

    /// Other scenarios in place of the usual ones: a file of them, or seeds with commas between.
    private static let replayed = ProcessInfo.processInfo.environment["AMPD_ORACLE"]

    /// 800 scenarios in every test run, 2,000 with AMPD_VERIFY, 100,000 in portions with AMPD_SOAK.
    private static var portions: [Range<Int>] {
        let environment = ProcessInfo.processInfo.environment
        guard environment["AMPD_SOAK"] == nil else {
            return (0..<50).map { $0 * 2_000..<($0 + 1) * 2_000 }
        }
        return [0..<(environment["AMPD_VERIFY"] == nil ? 800 : 2_000)]
    }

    @Test("both give every round the same times, to the nanosecond")
    func agreement() async throws {
        if let replayed = Self.replayed { return try await compare(Self.scenarios(replayed)) }
        for seeds in Self.portions {
            try await compare(seeds.map(OracleScenario.init))
        }
    }

    @Test("both agree on every scenario on which they once differed")
    func onceDiffering() async throws {
        let folder = Oracle.program.deletingLastPathComponent()
        try await compare(Self.scenarios(folder.appending(path: "differences.jsonl").path))
    }

    private func compare(_ scenarios: [OracleScenario]) async throws {
        let told = try await Oracle.outcomes(
            of: scenarios, processes: ProcessInfo.processInfo.activeProcessorCount)
        try #require(told.count == scenarios.count)
        let differing = try zip(scenarios, told).filter { scenario, outcome in
            try Oracle.Outcome(engineOf: scenario) != outcome
        }.map(\.0)
        if let first = differing.first, Self.findsSmallest {
            Issue.record("\(try await OracleDifference(smallestOf: first))")
        }
        #expect(differing.map(\.name) == [])
    }

    private static func scenarios(_ fileOrSeeds: String) throws -> [OracleScenario] {
        let seeds = fileOrSeeds.split(separator: ",").map { Int($0) }
        if !seeds.contains(nil) { return seeds.compactMap(\.self).map(OracleScenario.init) }
        return try Data(contentsOf: URL(filePath: fileOrSeeds)).split(separator: UInt8(ascii: "\n"))
            .map {
                try Oracle.decoder.decode(OracleScenario.self, from: Data($0))
            }
    }
}
