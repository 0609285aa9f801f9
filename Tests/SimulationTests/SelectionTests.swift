import DiscreteEvents
import Scheduling
import ServingDomain
import Testing

@testable import Simulation

@Suite("Which of many setups is best, and how sure that is")
struct SelectionTests {
    /// Runs of 300 units of 100 sessions with these misses.
    private func runs(_ misses: [Int], units: Int = 300) -> DigestedRuns {
        misses.reduce(into: DigestedRuns()) {
            $0.append(RunDigest(missed: $1, units: units, sessions: units / 3))
        }
    }

    @Test("a rival that misses far more is no doubt, and one that misses less is")
    func plain() {
        let chosen = runs([10, 12, 11, 9, 10])
        let evidence = SelectionEvidence(
            chosen, against: [runs([150, 160, 155, 140, 150]), runs([2, 3, 1, 2, 2])])
        #expect(evidence.doubt(0, at: 0) < 1e-4)
        #expect(evidence.doubt(0, at: 1) > 0.95)
        #expect(evidence.probability(within: 0) < 0.05)
        // It is about 2.7 points better, and that is what the bound is above.
        let bound = evidence.regretBound()
        #expect(bound > 0.027 && bound < 0.1)
        #expect(evidence.probability(within: bound) >= 0.95)
        #expect(evidence.probability(within: bound - 0.001) < 0.95)
    }

    @Test("setups without a miss may differ by as much as their few units allow")
    func unanimous() {
        let few = SelectionEvidence(runs([0]), against: [runs([0])])
        let many = SelectionEvidence(
            runs(Array(repeating: 0, count: 20)), against: [runs(Array(repeating: 0, count: 20))])
        #expect(few.doubt(0, at: 0) == 0.5 && many.doubt(0, at: 0) == 0.5)
        #expect(few.regretBound() > many.regretBound() && many.regretBound() > 0)
        // Three units of a session miss together: some two standard errors of one unit in 300.
        #expect(few.regretBound() > 1.9 * 3.0.squareRoot() / 300)
    }

    @Test("a run that was given up is taken for as many misses as were allowed")
    func givenUp() {
        var rival = DigestedRuns()
        rival.append(RunDigest(missed: 60, units: nil, sessions: 100))
        let evidence = SelectionEvidence(runs([15]), against: [rival])
        #expect(rival.isGivenUp && rival.attainment == nil && !rival.isOverloaded)
        #expect(evidence.doubt(-0.1, at: 0) > evidence.doubt(0, at: 0))
        #expect(evidence.doubt(0, at: 0) < 0.02)
    }

    /// Sessions of `count` setups with attainments near 0.9, in replications that have good and bad hours
    /// in common, and misses that come by the session.
    @Test("the probability of a good selection is not above its frequency")
    func calibrated() {
        let random = RandomStream(seed: 5, named: "selection")
        var (claimed, good, within, problems) = (0.0, 0.0, 0, 0)
        for problem in 0..<500 {
            let count = 3 + random.integer(below: 12, problem, 0)
            let truths = (0..<count).map { 0.98 - 0.06 * random.unit(problem, 100 + $0) }
            let replications = 2 + random.integer(below: 6, problem, 2)
            let shared = (0..<replications).map { 0.5 + random.unit(problem, 200 + $0) }
            let setups = truths.indices.map { setup in
                runs(
                    (0..<replications).map { replication in
                        let own = 0.8 + 0.4 * random.unit(problem, 300 + 20 * setup + replication)
                        let share = (1 - truths[setup]) * shared[replication] * own
                        return (0..<100).count { session in
                            random.unit(problem, 1000 * (1 + 20 * setup + replication) + session)
                                < share
                        } * 3
                    })
            }
            let order = setups.indices.sorted {
                (setups[$0].attainment ?? 0) > (setups[$1].attainment ?? 0)
            }
            let (best, rivals) = (order[0], Array(order.dropFirst()))
            let evidence = SelectionEvidence(setups[best], against: rivals.map { setups[$0] })
            let regret = (truths.max() ?? 0) - truths[best]
            claimed += evidence.probability(within: 0.01)
            good += regret <= 0.01 ? 1 : 0
            within += regret <= evidence.regretBound() ? 1 : 0
            problems += 1
        }
        let total = Double(problems)
        let error = (0.25 / total).squareRoot()
        #expect(good / total >= claimed / total - 2 * error)
        #expect(Double(within) / total >= 0.95 - 2 * (0.95 * 0.05 / total).squareRoot())
    }

    @Test("a run that misses too much is given up, and no other changes")
    func bounded() {
        let setup = cluster(.alwaysRemote)
        var (sessions, random) = (SessionTable(), RandomSequence(seed: 3, named: "bounded"))
        var time = 0.0
        for _ in 0..<400 {
            // Twice what one worker can prefill.
            time -= 50_000 * DeterministicMath.log(random.unit())
            sessions.append(
                arrival: Int64(time),
                rounds: [RoundScript(newTokens: 100, outputTokens: 3, delayAfter: 0)])
        }
        let measured = MeasuredSessions(first: 100, end: 300)
        let whole = ServingSimulation.run(setup, sessions: sessions, measured: measured)
        let counted = ServingSimulation.run(
            setup, sessions: sessions, measured: measured, within: .none)
        #expect(counted.roundCount == whole.roundCount && counted.ttft == whole.ttft)
        #expect(!counted.isGivenUp)
        let missed = counted.roundCount - counted.good.joint[0]
        #expect(counted.misses.measured == missed && missed > 20)
        let bounded = ServingSimulation.run(
            setup, sessions: sessions, measured: measured,
            within: MissBound(measured: 10, filling: .max))
        #expect(bounded.isGivenUp && bounded.misses.measured == 11)
        #expect(bounded.roundCount < whole.roundCount)
        let early = ServingSimulation.run(
            setup, sessions: sessions, measured: measured,
            within: MissBound(measured: .max, filling: 10))
        #expect(early.isGivenUp && early.misses.filling == 11)
        let exact = ServingSimulation.run(
            setup, sessions: sessions, measured: measured,
            within: MissBound(measured: missed, filling: counted.misses.filling))
        #expect(!exact.isGivenUp)
    }
}
