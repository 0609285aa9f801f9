import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain
import Testing

@testable import Simulation

@Suite("Load and overload")
struct OverloadTests {
    /// One prefill worker of 100 ms per round.
    let setup: ClusterSetup = {
        let worker = WorkerCosts(
            degree: .one,
            prefill: PhaseCosts(linear: .constant(1e8), attention: [], fittedTokens: .infinity),
            decode: PhaseCosts(linear: .constant(1e6), attention: [], fittedTokens: .infinity))
        var setup = cluster(.alwaysRemote, worker: worker)
        setup.service = ServiceLevel(ttft: .seconds(2), itl: .milliseconds(50))
        return setup
    }()

    /// Sessions of four rounds, `load` times what the worker can serve.
    func replications(
        load: Double, delay: Double = 1, sessions: Int = 400, jobs: Int = 2
    ) -> Replications {
        let workload = Workload(
            sessions: .synthetic(
                .init(
                    rounds: .constant(4), reading: .perRound, prefillTokens: .constant(100),
                    decodeTokens: .constant(10), environmentDelay: .exponential(mean: delay))),
            rate: Rate(sessionsPerSecond: load * 2.5))
        return replications(of: workload, sessions: sessions, jobs: jobs)
    }

    func replications(of workload: Workload, sessions: Int, jobs: Int = 2) -> Replications {
        Replications(testCase(workload, setup.service, sessions: sessions), jobs: jobs)
    }

    private func report(load: Double, delay: Double = 1, sessions: Int = 400) async -> ServingReport
    {
        await replications(load: load, delay: delay, sessions: sessions).report(setup)
    }

    private func testCase(
        _ workload: Workload, _ service: ServiceLevel, sessions: Int
    ) -> Case {
        let hardware = HardwareSpec(
            name: "any", peakFLOPS: [.bf16: 1], memory: 1,
            memoryBandwidth: Bandwidth(gigabytesPerSecond: 1), reservedMemory: 0,
            intraNode: .init(bandwidth: Bandwidth(gigabytesPerSecond: 1), latency: .zero),
            interNode: .init(bandwidth: Bandwidth(gigabytesPerSecond: 1), latency: .zero),
            gpusPerNode: 1, power: 1, source: "test")
        let model = ModelSpec(
            name: "any", architecture: "any", layers: 1, hidden: 1,
            attention: .grouped(heads: 1, kvHeads: 1, headDimension: 1), intermediate: 1,
            vocabulary: 1, maxContext: 1_000_000)
        return Case(
            name: "test", model: model, weightFormat: .bf16, kvFormat: .bf16, hardware: hardware,
            cluster: Cluster(gpu: "any", nodes: 1, gpusPerNode: 1),
            transfer: KVTransfer(
                latency: .zero, bandwidth: Bandwidth(gigabytesPerSecond: 1)),
            engine: Engine(name: "any", overhead: .none), workload: workload, service: service,
            policy: ServingPolicy(),
            planning: .init(replications: 5, sessions: sessions, horizonSessions: 300))
    }

    @Test("a load of 1.2 is called overload", arguments: [100, 400, 1600])
    func overload(_ sessions: Int) async {
        #expect(await report(load: 1.2, sessions: sessions).isOverloaded)
    }

    @Test("a load of 0.3 or 0.8 is not", arguments: [0.3, 0.8])
    func steady(_ load: Double) async {
        #expect(await !report(load: load).isOverloaded)
    }

    @Test("in overload no latency is given, and attainment over a stated horizon with its interval")
    func withheld() async throws {
        let over = await report(load: 1.2)
        #expect(over.ttft == nil && over.itl == nil && over.endToEnd == nil)
        #expect(over.horizon == 300)
        let attained = try #require(over.attainment[.roundJoint])
        #expect(attained.low < attained.value && attained.value < attained.high)
        // The backlog passes two seconds of work on the way: some meet the target, others do not.
        #expect(attained.value > 0.02 && attained.value < 0.9)
        let steady = await report(load: 0.8)
        #expect(steady.horizon == nil && steady.ttft != nil)
    }

    @Test("attainment over a horizon does not depend on the measured sessions of the case")
    func horizon() async throws {
        let (short, long) = (
            await report(load: 1.3, sessions: 100), await report(load: 1.3, sessions: 900)
        )
        #expect(short.attainment == long.attainment)
    }

    @Test("a comparison with a setup in overload compares nothing")
    func incomparable() async {
        let steady = await replications(load: 0.5).run(setup)
        let over = await replications(load: 1.2).run(setup)
        #expect(PairedComparison(steady, over).differences.isEmpty)
        #expect(!PairedComparison(steady, steady).differences.isEmpty)
    }

    @Test("the backlog's trend is the slope of its readings over the measured time")
    func trend() {
        // A round more with every second job: 4,000 jobs and 2,000 rounds, whatever the spacing.
        var trend = BacklogTrend(jobs: 4_001)
        for job in 0...4_000 { trend.note(job / 2, job: job) }
        #expect((trend.growth - 2_000).magnitude < 1)
        var few = BacklogTrend(jobs: 3)
        for job in 0..<3 { few.note(7 * job, job: job) }
        #expect((few.growth - 14).magnitude < 1e-9)
        #expect(BacklogTrend(jobs: 1).growth == 0)
    }

    @Test("sessions that live for minutes fill the cluster before anything is measured")
    func filled() async {
        // 1.2 times the capacity with tool calls of two minutes: without filling, the few sessions
        // of the run would hardly meet each other.
        let long = await report(load: 1.2, delay: 120, sessions: 200)
        #expect(long.prefillUtilisation > 0.99)
        #expect(long.isOverloaded)
    }

    @Test(
        "at a load of 0.2 with loose targets everything attains, and the interval says how surely")
    func idle() async throws {
        let attained = try #require(await report(load: 0.2).attainment[.roundJoint])
        #expect(attained.value == 1 && attained.high == 1)
        #expect(attained.low > 0.99 && attained.low < 1)
    }
}
