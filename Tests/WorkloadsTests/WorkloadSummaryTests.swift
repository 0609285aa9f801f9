import ServingDomain
import Testing
import Workloads

@Suite("Summary of a workload")
struct WorkloadSummaryTests {
    @Test("first rounds, later rounds and longest contexts are counted apart")
    func summary() throws {
        var table = SessionTable()
        table.append(
            arrival: 0,
            rounds: [
                RoundScript(newTokens: 100, outputTokens: 10, delayAfter: 2_000_000_000),
                RoundScript(newTokens: 20, outputTokens: 30, delayAfter: 9_000_000_000),
            ])
        table.append(
            arrival: 0, rounds: [RoundScript(newTokens: 300, outputTokens: 20, delayAfter: 0)])
        let summary = try #require(WorkloadSummary(table))
        #expect(summary.sessions == 2 && summary.meanRounds == 1.5)
        #expect(summary.meanInitialTokens == 200 && summary.meanIncrementalTokens == 20)
        #expect(summary.meanOutputTokens == 20)
        #expect(summary.meanDelay == .seconds(2))
        #expect(summary.longestContextMean == 240 && summary.longestContextMax == 320)
        #expect((summary.longestContextP95 - 312).magnitude < 1e-9)
    }

    @Test("sessions that outgrow the context window are named with their number")
    func warning() throws {
        var table = SessionTable()
        for tokens in [10, 20, 30] {
            table.append(
                arrival: 0, rounds: [RoundScript(newTokens: tokens, outputTokens: 5, delayAfter: 0)]
            )
        }
        let summary = try #require(WorkloadSummary(table))
        #expect(summary.contextWarning(window: 35) == nil)
        #expect(summary.sessionsBeyond(contextWindow: 25) == 1)
        #expect(
            summary.contextWarning(window: 24) == """
                2 of 3 sessions outgrow the model's context window of 24 tokens; the longest has 35.
                """)
        #expect(summary.meanIncrementalTokens == nil && summary.meanDelay == nil)
    }

    @Test("an empty table has no summary")
    func empty() { #expect(WorkloadSummary(SessionTable()) == nil) }
}
