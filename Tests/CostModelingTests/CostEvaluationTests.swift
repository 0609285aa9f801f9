import ServingDomain
import Testing

@testable import CostModeling

/// Curves evaluated by bisection against the plainest reading of their definition.
@Suite("Evaluation of cost curves")
struct CurveEvaluationTests {
    private static let xs: [Double] = [1, 2, 5, 9, 20]
    private static let ys: [Double] = [3, 4, 40, 41, 90]
    let curve = PiecewiseLinear(xs: xs, ys: ys)

    /// The chord of the piece that holds `x`, found by looking at all of them.
    private func chord(_ curve: PiecewiseLinear, _ x: Double) -> Double {
        guard x > curve.xs[0] else { return curve.ys[0] }
        let piece = (1..<curve.xs.count).first { x <= curve.xs[$0] } ?? curve.xs.count - 1
        let (x0, x1) = (curve.xs[piece - 1], curve.xs[piece])
        let (y0, y1) = (curve.ys[piece - 1], curve.ys[piece])
        return y0 + (x - x0) / (x1 - x0) * (y1 - y0)
    }

    @Test("a curve of five knots is its chords, held below and continued above")
    func chords() {
        for step in 0...300 {
            let x = Double(step) / 10
            #expect(abs(curve(x) - chord(curve, x)) < 1e-12 * max(1, curve(x)))
        }
        for (x, y) in zip(Self.xs, Self.ys) { #expect(curve(x) == y) }
        #expect(curve(31) == 90 + 49)
        #expect(curve.lastKnot == 20)
    }

    @Test("a sum has the knots of both, each once")
    func knotsOfSum() {
        let sum = curve + PiecewiseLinear(xs: [0, 2, 7, 20, 30], ys: [0, 1, 2, 3, 4])
        #expect(sum.xs == [0, 1, 2, 5, 7, 9, 20, 30])
        #expect(sum(2) == 5)
        #expect(sum(20) == 93)
        #expect(curve.scaled(by: 3).ys == [9, 12, 120, 123, 270])
    }

    @Test("a family is linear between its members, held below and continued above")
    func family() {
        let members = [1.0, 3, 4, 10].map { curve.scaled(by: $0) }
        let family = CurveFamily(xs: [2, 4, 8, 16], members: members)
        let scale = PiecewiseLinear(xs: [2, 4, 8, 16], ys: [1, 3, 4, 10])
        for x in [0.5, 2, 3, 4, 5, 7.5, 8, 11, 16, 40] {
            for y in [0.0, 1, 1.5, 5, 8, 20, 33] {
                let expected = chord(scale, x) * chord(curve, y)
                #expect(abs(family(x, y) - expected) < 1e-9 * expected)
            }
        }
    }

    @Test("a family covers what both neighbouring members cover")
    func familyRange() {
        let short = PiecewiseLinear(xs: [5, 10], ys: [1, 2])
        let long = PiecewiseLinear(xs: [0, 100], ys: [1, 2])
        let family = CurveFamily(xs: [2, 4, 8], members: [short, long, long])
        #expect(family.covers(2, 5) && family.covers(2, 10) && family.covers(3, 7))
        #expect(!family.covers(2, 4) && !family.covers(3, 11))
        #expect(family.covers(4, 0) && family.covers(4, 100) && family.covers(8, 100))
        #expect(family.covers(6, 50) && !family.covers(6, 101))
        #expect(!family.covers(1.9, 7) && !family.covers(8.1, 7))
    }

    @Test("prefill attention without a measured history is a curve over the work")
    func withoutHistory() {
        let shape = OperatorShape.prefillAttention(
            AttentionShape(heads: 8, kvHeads: 1, headDimension: 128, window: 0, kvFormat: .bf16),
            batch: 1)
        let alone = OperatorCurve.fit(
            shape, [16, 64, 256].map { sample(shape, $0, 0, Double($0 * $0)) })
        guard case .pairs = alone.form else {
            Issue.record("\(alone.form)")
            return
        }
        let both = OperatorCurve.fit(
            shape,
            [0, 100].flatMap { y in
                [16, 64, 256].map { sample(shape, $0, y, Double($0 * ($0 + y))) }
            })
        guard case .family = both.form else {
            Issue.record("\(both.form)")
            return
        }
    }

    @Test("a family at one member changes its slope at that member's knots, else at both's")
    func familyKnots() {
        let family = CurveFamily(
            xs: [2, 4, 8],
            members: [
                PiecewiseLinear(xs: [1, 5], ys: [1, 2]), PiecewiseLinear(xs: [2, 6], ys: [1, 2]),
                PiecewiseLinear(xs: [3, 7], ys: [1, 2]),
            ])
        #expect(family.knots(at: 2) == [1, 5])
        #expect(family.knots(at: 3) == [1, 5, 2, 6])
        #expect(family.knots(at: 4) == [2, 6])
        #expect(family.knots(at: 9) == [2, 6, 3, 7])
    }
}

@Suite("Evaluation of steps")
struct StepEvaluationTests {
    private static let attention = OperatorShape.decodeAttention(
        AttentionShape(heads: 8, kvHeads: 1, headDimension: 128, window: 0, kvFormat: .bf16))

    /// 10 + 2 n for the tokens, 5 s for the sequences, c for new and cached tokens alike, and three
    /// layers of attention that take (1 + n) y / 10.
    private var costs: PhaseCosts {
        let members = [0.0, 1, 9].map { PiecewiseLinear.line(intercept: 0, slope: (1 + $0) / 10) }
        let family = CurveFamily(xs: [0, 1, 9], members: members)
        let curve = OperatorCurve(shape: Self.attention, form: .family(family))
        var costs = PhaseCosts(
            linear: .line(intercept: 10, slope: 2), attention: [.init(curve: curve, layers: 3)],
            fittedTokens: 40)
        costs.sampled = .line(intercept: 0, slope: 5)
        costs.context = .line(intercept: 0, slope: 1)
        return costs
    }

    @Test("one sequence costs its tokens, its sample, its whole context and its attention")
    func one() {
        // 10 + 2 · 4 + 5 + (4 + 100) + 3 · (1 + 4) · 100 / 10
        #expect(costs.time(tokens: 4, cached: 100) == 18 + 5 + 104 + 150)
    }

    @Test("several sequences share what depends on all tokens")
    func several() {
        // 10 + 2 · 5, two samples, 104 + 51, 3 · 5 · 10 + 3 · 2 · 5
        let worker = WorkerCosts(degree: .one, prefill: costs, decode: costs)
        let time = worker.prefillTime(of: [
            (history: 100, increment: 4), (history: 50, increment: 1),
        ])
        #expect(time == 20 + 10 + 155 + 150 + 30)
    }

    @Test("the range of a step ends where tokens, context or attention were not measured")
    func range() {
        func bounded(_ last: Double) -> PhaseCosts {
            let member = PiecewiseLinear(xs: [0, last], ys: [1, 2])
            let family = CurveFamily(xs: [0, 100], members: [member, member])
            var costs = PhaseCosts(
                linear: .constant(1),
                attention: [
                    .init(
                        curve: OperatorCurve(shape: Self.attention, form: .family(family)),
                        layers: 1)
                ], fittedTokens: 40)
            costs.fittedContext = 200
            return costs
        }
        #expect(bounded(1000).covers(tokens: 40, cached: 160))
        #expect(!bounded(1000).covers(tokens: 41, cached: 10))
        #expect(!bounded(1000).covers(tokens: 40, cached: 161))
        #expect(bounded(150).covers(tokens: 40, cached: 150))
        #expect(!bounded(150).covers(tokens: 40, cached: 151))
    }

    @Test("a decode step is asked for the mean context of its batch")
    func decodeStep() {
        let worker = WorkerCosts(degree: .one, prefill: costs, decode: costs)
        #expect(
            worker.decodeStepTime(batch: 4, totalContext: 400) == costs.time(tokens: 4, cached: 100)
        )
        #expect(
            worker.prefillTime(history: 100, increment: 4) == costs.time(tokens: 4, cached: 100))
    }

    @Test("costs are equal when every part of them is")
    func equality() {
        let other = PhaseCosts(linear: .constant(1), attention: [], fittedTokens: 1)
        let worker = WorkerCosts(degree: .one, prefill: costs, decode: other)
        #expect(worker == WorkerCosts(degree: .one, prefill: costs, decode: other))
        #expect(worker != WorkerCosts(degree: degree(2), prefill: costs, decode: other))
        #expect(worker != WorkerCosts(degree: .one, prefill: other, decode: other))
        #expect(worker != WorkerCosts(degree: .one, prefill: costs, decode: costs))
        #expect(
            worker
                != WorkerCosts(
                    degree: .one, prefill: costs, decode: other,
                    firstToken: FirstTokenLatency(base: .nanoseconds(1))))
    }

    @Test("a transfer goes at the pace of its narrower side, whichever that is")
    func lanes() {
        let transfer = TransferCosts(
            latency: .nanoseconds(2_000), bandwidth: Bandwidth(bytesPerSecond: 0.5e9),
            bytesPerToken: 3)
        func took(_ tokens: Int, _ source: Int, _ target: Int) -> Double {
            transfer.time(
                tokens: tokens, between: degree(source), and: degree(target), over: .interNode)
        }
        // Six nanoseconds per token over one lane.
        for (time, truth) in [
            (took(8, 1, 4), 2_048.0), (took(8, 4, 1), 2_048), (took(8, 4, 2), 2_024),
            (took(1, 8, 8), 2_000.75),
        ] {
            #expect(abs(time - truth) < 1e-9)
        }
    }
}

@Suite("Time in ticks")
struct TicksTests {
    @Test("rounding goes to the nearest tick and stops far from the ends of the range")
    func rounding() {
        let values = [
            0, 0.5, 0.49999999999999994, 1.5, 2.5, 1e9 + 0.5, 0x1p51 + 0.5, 0x1p52 + 1, 0x1p53 + 2,
            0x1.fffffffffffffp61, 3.141592653589793,
        ]
        for value in values + values.map({ -$0 }) {
            #expect(Ticks.nearest(value) == Int64(value.rounded()), "\(value)")
        }
        #expect(Ticks.rounding(nanoseconds: 1) == 1 << 20)
        #expect(Ticks.rounding(nanoseconds: 0.75 / 1_048_576) == 1)
        #expect(Ticks.rounding(nanoseconds: -0.75 / 1_048_576) == -1)
        #expect(Ticks.rounding(nanoseconds: 1e30) == Int64(Double(Int64.max / 4)))
        #expect(Ticks.rounding(nanoseconds: -1e30) == -Int64(Double(Int64.max / 4)))
    }

    @Test("whole nanoseconds there and back, halves go up, negative ones too")
    func nanoseconds() {
        for value: Int64 in [0, 1, -1, 7, 1 << 40, -(1 << 45), 1 << 62, .max / 2] {
            #expect(Ticks.nanoseconds(Ticks.ticks(nanoseconds: value)) == value)
            #expect(Ticks.ticks(nanoseconds: value) == Int128(value) << 20)
        }
        let half = Int128(1 << 19)
        #expect(Ticks.nanoseconds(half) == 1)
        #expect(Ticks.nanoseconds(half - 1) == 0)
        #expect(Ticks.nanoseconds(-half) == 0)
        #expect(Ticks.nanoseconds(-half - 1) == -1)
    }

    @Test("wide keeps the sign, and nanoseconds keep their fraction on either side of 64 bits")
    func exact() {
        #expect(Ticks.wide(5) == 5 && Ticks.wide(-5) == -5 && Ticks.wide(.min) == Int128(Int64.min))
        #expect(Ticks.exactNanoseconds(Int128(3) << 18) == 0.75)
        #expect(Ticks.exactNanoseconds(-(Int128(3) << 18)) == -0.75)
        #expect(Ticks.exactNanoseconds(Int128(1) << 83) == 0x1p63)
        #expect(Ticks.exactNanoseconds(Int128(5) << 63) == 5 * 0x1p43)
    }

    @Test("a piece of a line never gives less than nothing nor more than the range holds")
    func piece() {
        func ticks(_ base: Int64, _ slope: Int64, _ context: Int) -> Int64 {
            StepLine.Piece(start: 10, base: base, slope: slope, isFitted: true).ticks(context)
        }
        #expect(ticks(100, 7, 10) == 100)
        #expect(ticks(100, 7, 14) == 128)
        #expect(ticks(100, -30, 14) == 0)
        #expect(ticks(100, .max / 2, 14) == .max / 4)
        #expect(ticks(.max - 1, 1, 14) == .max / 4)
    }

    @Test("a context belongs to the last piece that starts at or before it")
    func index() {
        let line = StepLine(
            pieces: [0, 3, 10, 11].map { .init(start: $0, base: 0, slope: 0, isFitted: true) })
        #expect([0, 2, 3, 9, 10, 11, 500].map(line.index) == [0, 0, 1, 1, 2, 3, 3])
    }
}
