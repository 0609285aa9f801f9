import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain
import Testing

@testable import Simulation

@Suite("Steps in closed form against steps one by one")
struct SteppingTests {
    /// Decode steps that grow with the context, bend at odd places and differ by batch size.
    private static let bending: WorkerCosts = {
        let shape = OperatorShape.decodeAttention(
            AttentionShape(heads: 8, kvHeads: 1, headDimension: 128, window: 0, kvFormat: .bf16))
        func member(_ scale: Double) -> PiecewiseLinear {
            PiecewiseLinear(
                xs: [2, 37, 101.5, 400], ys: [3, 40, 41.25, 700].map { $0 * scale })
        }
        let family = CurveFamily(xs: [1, 3, 8], members: [member(0.3), member(0.7), member(1.9)])
        let curve = OperatorCurve(shape: shape, form: .family(family))
        return WorkerCosts(
            degree: .one,
            prefill: PhaseCosts(
                linear: .line(intercept: 0, slope: 700.3), attention: [], fittedTokens: .infinity),
            decode: PhaseCosts(
                linear: .line(intercept: 500.7, slope: 90.1),
                attention: [.init(curve: curve, layers: 3)], fittedTokens: .infinity))
    }()

    func scenario(_ seed: Int) -> Scenario {
        let policies = Policies.names
        var scenario = Scenario(
            seed: UInt64(seed), policy: policies[seed % policies.count],
            load: .of(seed / policies.count))
        scenario.setup.decode = .workers(
            scenario.setup.decodeSeats.map {
                .init(costs: Self.bending, capacity: $0.capacity)
            })
        return scenario
    }

    @Test("both give every round the same times, exactly", arguments: 0..<1100)
    func agree(seed: Int) {
        var scenario = scenario(seed)
        let quick = run(scenario.setup, scenario.sessions)
        scenario.setup.stepping = .oneByOne
        let slow = run(scenario.setup, scenario.sessions)
        #expect(quick.rounds == slow.rounds)
        #expect(quick.endToEnd == slow.endToEnd)
        #expect(quick.evictions == slow.evictions)
        #expect(quick.preemptions == slow.preemptions)
        #expect(quick.recomputedTokens == slow.recomputedTokens)
        #expect(quick.peakMemoryShare == slow.peakMemoryShare)
        #expect(quick.decodeUtilisation == slow.decodeUtilisation)
        #expect(quick.prefillUtilisation == slow.prefillUtilisation)
        #expect(quick.backlogRounds == slow.backlogRounds)
        #expect(quick.gaps.count == slow.gaps.count)
        for percent in [0.0, 25, 50, 95, 99, 100] {
            #expect(quick.gaps.percentile(percent) == slow.gaps.percentile(percent))
        }
        if let mean = quick.gaps.mean, let other = slow.gaps.mean {
            #expect(abs(mean - other) <= 1e-12 * other)
        }
    }

    @Test("runs save events, or the comparison would prove nothing")
    func saves() {
        var scenario = Scenario(seed: 3, policy: .alwaysRemote, load: .light)
        func events() -> Int {
            var simulation = RunningCluster(
                scenario.setup, scenario.sessions,
                MeasuredSessions(first: 0, end: scenario.sessions.count), keepsRounds: false)
            simulation.start()
            var count = 0
            while simulation.step() { count += 1 }
            return count
        }
        let quick = events()
        scenario.setup.stepping = .oneByOne
        #expect(Double(quick) < 0.8 * Double(events()))
    }
}

@Suite("Compiled decode steps")
struct StepLineTests {
    @Test("a line is the cost function, but for half a tick per token of context")
    func line() {
        let shape = OperatorShape.decodeAttention(
            AttentionShape(heads: 8, kvHeads: 1, headDimension: 128, window: 0, kvFormat: .bf16))
        let member = PiecewiseLinear(xs: [2, 100, 1000, 5000], ys: [5, 17, 300, 350])
        let family = CurveFamily(
            xs: [1, 4, 16], members: [1.0, 2.5, 9].map { member.scaled(by: $0) })
        let costs = PhaseCosts(
            linear: .line(intercept: 1000, slope: 7),
            attention: [
                .init(curve: OperatorCurve(shape: shape, form: .family(family)), layers: 11)
            ], fittedTokens: .infinity)
        for batch in [1, 2, 3, 4, 9, 16, 40] {
            let line = costs.line(batch: batch)
            for mean in [0, 1, 2, 3, 99, 100, 101, 777, 1000, 4999, 5000, 60_000] {
                let context = mean * batch
                let ticks = line.pieces[line.index(context)].ticks(context)
                let exact = costs.time(tokens: batch, cached: mean)
                let difference: Double = Double(ticks) / 1_048_576 - exact
                #expect(difference.magnitude < 0.001 + Double(context) / 2_097_152)
            }
            let inside = line.pieces[line.index(1000 * batch)].isFitted
            #expect(inside == (batch <= 16))
            #expect(!line.pieces[line.index(6000 * batch)].isFitted)
        }
    }
}
