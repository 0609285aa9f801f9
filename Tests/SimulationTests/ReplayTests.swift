import Scheduling
import ServingDomain
import Simulation
import Testing

/// Small clusters drawn from a seed, under every policy and kind of load.
@Suite("Random scenarios")
struct RandomScenarioTests {
    @Test("laws of every run", arguments: ScenarioLaw.all)
    func law(_ law: ScenarioLaw) {
        law.expect(ofFirst: Scenario.count(200))
    }

    @Test("the scenarios reach the hard cases, or the laws would prove little")
    func coverage() {
        var (evictions, preemptions, refused, local) = (0, 0, 0, 0)
        for number in 0..<Scenario.count(200) {
            let scenario = Scenario(number: number)
            let result = run(scenario.setup, scenario.sessions)
            evictions += result.evictions
            preemptions += result.preemptions
            refused += result.refusedSessions
            local += scenario.policy == .ampd ? result.localRounds : 0
        }
        #expect(evictions > 0 && preemptions > 0 && refused > 0 && local > 0)
    }
}

/// One scenario that the environment names, as failing tests print it.
@Suite("Replay of a scenario")
struct ReplayTests {
    @Test("the chosen scenario keeps every law", .enabled(if: Scenario.asked != nil))
    func chosen() throws {
        let name = try #require(Scenario.asked)
        let scenario = try #require(
            Scenario(name),
            "AMPD_SCENARIO is seed,policy,load, as in \(Scenario(number: 7)), or with ,jobs")
        for law in ScenarioLaw.laws(of: scenario) { law.expect(of: scenario) }
    }

    @Test("a scenario's name is enough to draw it again")
    func names() throws {
        for number in 0..<50 {
            let scenario =
                number % 2 == 0 ? Scenario(number: number) : Scenario(number: number).withJobs
            let again = try #require(Scenario(scenario.description))
            #expect(again.sessions == scenario.sessions)
            #expect(
                run(again.setup, again.sessions).rounds
                    == run(scenario.setup, scenario.sessions).rounds)
        }
        #expect(Scenario("7,ampd") == nil)
        #expect(Scenario("7,no_policy,heavy") == nil)
    }
}
