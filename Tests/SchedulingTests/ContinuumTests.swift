import Foundation
import ServingDomain
import Testing

@testable import Scheduling

/// How long Continuum pins a history, in seconds.
@Suite("Pins of Continuum")
struct ContinuumTests {
    private func pin(
        _ name: ServingPolicy.Name, tool: Int16 = 0, recomputation: Double = 0,
        _ experience: ToolExperience
    ) -> Double? {
        let policy = ServingPolicy(name: name)
        return policy.definition.pin?(policy)(
            ToolCall(tool: tool, recomputation: recomputation, experience: experience))
    }

    private func seen(_ durations: [Double], tool: Int16 = 0) -> ToolExperience {
        var experience = ToolExperience()
        for duration in durations { experience.note(duration: duration, tool: tool) }
        return experience
    }

    @Test("the code pins for two seconds until a tool is known to take longer")
    func code() {
        #expect(pin(.continuumCode, ToolExperience()) == 2)
        #expect(pin(.continuumCode, seen([1, 3])) == 2)
        #expect(pin(.continuumCode, seen([1, 3.01])) == 0)
        #expect(pin(.continuumCode, tool: 1, seen([9])) == 2)
        #expect(pin(.continuumCode, tool: ToolLabels.none, seen([9], tool: ToolLabels.none)) == 0)
    }

    @Test("version 6 begins with an exponential law of one second")
    func coldStart() throws {
        #expect(pin(.continuumV6, recomputation: 1, ToolExperience()) == 0)
        #expect(pin(.continuumV6, recomputation: 0.5, ToolExperience()) == 0)
        let cold = try #require(pin(.continuumV6, recomputation: 3, ToolExperience()))
        #expect(abs(cold - log(3)) < 1e-15)
        var waited = seen(Array(repeating: 0.1, count: 100))
        waited.note(wait: 2)
        waited.note(wait: 6)
        let later = try #require(pin(.continuumV6, recomputation: 1, waited))
        #expect(abs(later - log(5)) < 1e-15)
    }

    @Test("version 6 weighs how many come back in time against the time itself")
    func marginal() {
        // 60 calls of 1 s, 40 of 3 s, one of 50 s. With 4 s to save: 60/101 x 4 - 1 = 1.376 against
        // 100/101 x 4 - 3 = 0.960. With 10 s: 4.940 against 6.901.
        let calls = seen(
            Array(repeating: 1, count: 60) + Array(repeating: 3, count: 40) + [50])
        #expect(pin(.continuumV6, recomputation: 4, calls) == 1)
        #expect(pin(.continuumV6, recomputation: 10, calls) == 3)
        #expect(pin(.continuumV6, recomputation: 0.5, calls) == 0)
        // A tool that nobody knows is like all others.
        #expect(pin(.continuumV6, tool: 7, recomputation: 10, calls) == 3)
    }

    @Test("version 6 trusts the calls of a tool when more than a hundred have ended")
    func enoughCalls() {
        // With 3.9 s to save the tool's own three seconds gain 0.9. Among as many calls of one second
        // of another tool: 1/2 x 3.9 - 1 against 3.9 - 3.
        var calls = seen(Array(repeating: 1, count: 100), tool: 1)
        for _ in 0..<100 { calls.note(duration: 3, tool: 0) }
        #expect(pin(.continuumV6, recomputation: 3.9, calls) == 1)
        calls.note(duration: 3, tool: 0)
        #expect(pin(.continuumV6, recomputation: 3.9, calls) == 3)
    }

    @Test("waits count by how surely sessions with many rounds behind them have few left")
    func correlation() {
        var experience = seen(Array(repeating: 1, count: 101))
        experience.note(wait: 8)
        #expect(experience.correlationOfRoundsLeft == nil)
        experience.note(rounds: 3)
        // (1, 2) and (2, 1).
        #expect(experience.correlationOfRoundsLeft == -1)
        #expect(pin(.continuumV6, experience) == 1)
        // (1, 1) beside them: still -1/2 after centring: sums 4, squares 6, products 5.
        experience.note(rounds: 2)
        #expect(experience.correlationOfRoundsLeft == -0.5)
        experience.note(rounds: 6)
        // With (1, 5) ... (5, 1): 8 calls, sum 19, squares 61, products 40.
        #expect(experience.correlationOfRoundsLeft == -41.0 / 127)
    }

    @Test("only the latest durations are remembered, the mean is that of all")
    func memory() {
        let experience = seen(
            Array(repeating: 5, count: 10) + Array(repeating: 1, count: ToolExperience.memory))
        let durations = experience.durations(of: 0)
        #expect(durations.sorted == Array(repeating: 1, count: ToolExperience.memory))
        #expect(durations.mean > 1)
        #expect(durations.count == ToolExperience.memory + 10)
    }
}
