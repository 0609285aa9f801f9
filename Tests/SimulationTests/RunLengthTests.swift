import ServingDomain
import Testing

@testable import Simulation

@Suite("How long a simulation goes on")
struct RunLengthTests {
    private let load = OverloadTests()

    private func precision(_ share: Double) -> RunLength.Precision {
        RunLength.Precision(.latency(.ttft, .p95), relativeHalfWidth: share)
    }

    @Test("checkpoints grow by half up to the most, and do not depend on anything else")
    func checkpoints() {
        #expect(RunLength([], maxReplications: 40).checkpoints(from: 5) == [5, 8, 12, 18, 27, 40])
        #expect(RunLength([], maxReplications: 3).checkpoints(from: 5) == [3])
        #expect(RunLength([], maxReplications: 4).checkpoints(from: 1) == [2, 3, 4])
    }

    @Test("replications go on until the interval is narrow enough")
    func precise() async throws {
        let replications = load.replications(load: 0.5, sessions: 200)
        let length = RunLength([precision(0.05)], maxReplications: 200)
        let runs = await replications.run([load.setup], until: length)[0]
        #expect(runs.count > 5 && runs.count < 200)
        #expect(length.isReached(runs))
        let before = length.checkpoints(from: 5).last { $0 < runs.count }
        #expect(!length.isReached(Array(runs.prefix(try #require(before)))))
    }

    @Test("budgets end it: replications, or rounds at the next checkpoint")
    func budgets() async {
        let replications = load.replications(load: 0.5, sessions: 50)
        let few = RunLength([precision(0.0001)], maxReplications: 9)
        #expect(await replications.run([load.setup], until: few)[0].count == 9)
        #expect(!few.isReached(await replications.run([load.setup], until: few)[0]))
        // 200 rounds a replication: 5 replications have 1,000, 8 have 1,600.
        let rounds = RunLength([precision(0.0001)], maxReplications: 99, maxRounds: 1_200)
        #expect(await replications.run([load.setup], until: rounds)[0].count == 8)
    }

    @Test("in overload nothing gets more precise, and nothing goes on")
    func overload() async {
        let length = RunLength([precision(0.01)], maxReplications: 40)
        let runs = await load.replications(load: 1.2, sessions: 400).run(
            [load.setup], until: length)
        #expect(runs[0].count == 5)
    }

    @Test("where nothing was measured nothing is known")
    func nothing() {
        #expect(!RunLength([precision(1)], maxReplications: 9).isReached([SimulationResult()]))
    }

    @Test("the outcome is the same for any number of jobs", arguments: [2, 3, 7])
    func jobs(_ jobs: Int) async {
        let length = RunLength([precision(0.08)], maxReplications: 30)
        let setups = [load.setup, load.setup]
        let one = await load.replications(load: 0.6, sessions: 100, jobs: 1)
            .run(setups, until: length)
        let many = await load.replications(load: 0.6, sessions: 100, jobs: jobs)
            .run(setups, until: length)
        #expect(one.map(\.count) == many.map(\.count))
        for (lhs, rhs) in zip(one.joined(), many.joined()) {
            #expect(lhs.ttft == rhs.ttft && lhs.gaps == rhs.gaps)
            #expect(lhs.backlogRounds == rhs.backlogRounds)
        }
        #expect(ServingReport(one[0]) == ServingReport(many[1]))
    }

    @Test("every statistic has one name, and the name leads back to it")
    func names() {
        let names = ServingStatistic.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.map { ServingStatistic(name: $0) } == ServingStatistic.all)
        #expect(ServingStatistic(name: "ttft_p95") == .latency(.ttft, .p95))
        #expect(ServingStatistic(name: "ttft_p96") == nil)
    }
}
