import CostModeling
import DiscreteEvents
import Scheduling
import ServingDomain
import Testing

@testable import Simulation

@Suite("Steps in closed form against steps one by one")
struct SteppingTests {
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
