import Testing

@testable import CostModeling

@Suite("Piecewise-linear functions")
struct PiecewiseLinearTests {
    let bent = PiecewiseLinear(xs: [1, 3, 7], ys: [10, 20, 60])

    @Test("values between knots lie on the chord, beyond the last on its slope")
    func evaluation() {
        #expect(bent(2) == 15)
        #expect(bent(3) == 20)
        #expect(bent(5) == 40)
        #expect(bent(9) == 80)
        #expect(bent(0.5) == 10)
    }

    @Test(
        "compiled for many evaluations, every value is the same but for its last digits",
        arguments: 0..<40)
    func compiled(seed: Int) {
        var state = UInt64(seed + 1)
        func draw(below bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        var xs = [seed % 3 == 0 ? 0 : Double(1 + draw(below: 100)) / 8]
        for _ in 0..<(4 + Int(draw(below: 60))) {
            // Steps from far below a bucket to many octaves.
            let step = Double(1 + draw(below: 1000)) / 1000
            xs.append(xs[xs.count - 1] + step * [0.001, 1, 300, 1e6][Int(draw(below: 4))])
        }
        let plain = PiecewiseLinear(xs: xs, ys: xs.map { _ in Double(draw(below: 10_000)) })
        let compiled = plain.compiled()
        let between = zip(xs, xs.dropFirst()).flatMap { [$0, ($0 + $1) / 2, $1.nextDown] }
        for x in between + [xs[0] - 1, xs[xs.count - 1], xs[xs.count - 1] * 2 + 1] {
            // A slope instead of a division; values up to 10,000 lose no more than this.
            let last = 1e-12 * max(10_000, abs(plain(x)))
            #expect(abs(compiled(x) - plain(x)) <= last, "\(x)")
        }
    }

    @Test("a sum equals the sum of the values everywhere, outside the knots too")
    func sum() {
        let other = PiecewiseLinear(xs: [0, 2, 5, 11], ys: [1, 2, 3, 30])
        let total = bent + other
        for step in 0...60 {
            let x = Double(step) * 0.37
            #expect(abs(total(x) - bent(x) - other(x)) < 1e-9)
        }
    }

    @Test("capped by another it is the lower of both inside its range, knots at crossings")
    func capped() {
        // Crosses at 2 (15 = 15), and at 5 (40 = 40) between the knots 3 and 7.
        let limit = PiecewiseLinear(xs: [0, 2, 3, 5, 20], ys: [17, 15, 30, 40, 70])
        let lower = bent.capped(by: limit)
        for step in 0...60 {
            let x = 1 + Double(step) * 0.1
            #expect(abs(lower(x) - min(bent(x), limit(x))) < 1e-9, "\(x)")
        }
        #expect(lower.xs.first == 1 && lower.lastKnot == 7)
        #expect(lower.xs.contains(5))
        // Behind the range the last piece goes on.
        #expect(lower(9) == 40 + 2 * 4)
        #expect(bent.capped(by: .constant(1000)) == bent)
    }

    @Test("a constant plus a line is the line raised")
    func constants() {
        let raised = PiecewiseLinear.constant(5) + .line(intercept: 1, slope: 2)
        #expect(raised(10) == 26)
    }

    @Test("range is what the knots span")
    func range() {
        #expect(bent.covers(1) && bent.covers(7))
        #expect(!bent.covers(0.9) && !bent.covers(7.1))
    }
}

@Suite("Monotone fits")
struct MonotoneFitTests {
    @Test("a function with three bends is found from its own points")
    func recovers() {
        let truth = PiecewiseLinear(xs: [1, 64, 512, 4096], ys: [10, 11, 60, 900])
        let points = (0...12).map { Double(1 << $0) }.map { (x: $0, y: truth($0)) }
        let fit = MonotoneFit(points)
        for x in [1.0, 20, 64, 100, 300, 512, 2000, 4096] {
            #expect(abs(fit.curve(x) - truth(x)) <= 0.02 * truth(x))
        }
    }

    @Test("more work never takes less time, whatever the samples say")
    func monotone() {
        let noisy: [(x: Double, y: Double)] = [
            (1, 10), (2, 9), (3, 14), (4, 8), (5, 20), (6, 19), (7, 21),
        ]
        let curve = MonotoneFit(noisy).curve
        #expect(zip(curve.ys, curve.ys.dropFirst()).allSatisfy { $0 <= $1 })
    }

    @Test("times of another kernel, longer with less work, do not lift those of the most")
    func kernels() {
        // The first kernel goes up to 16; one mean over both would be near 1.8.
        let points: [(x: Double, y: Double)] = [
            (1, 1.8), (4, 2.9), (8, 4.3), (16, 7.5), (24, 1.5), (32, 1.5), (48, 1.5), (64, 1.5),
            (96, 1.5), (128, 1.7), (512, 2.1),
        ]
        let curve = MonotoneFit(points).curve
        for x in [24.0, 48, 64, 96] { #expect(abs(curve(x) - 1.5) < 0.05, "at \(x): \(curve(x))") }
        #expect(abs(curve(512) - 2.1) < 0.01)
    }

    @Test("where one time falls below the one before it, both are met as near as can be")
    func pair() {
        let curve = MonotoneFit([(1, 12), (2, 10), (3, 30)]).curve
        // Between both, nearer to the shorter one, of which the same distance is more.
        #expect(curve(1) == curve(2) && curve(1) >= 10 && curve(1) < 11, "\(curve(1))")
    }

    @Test("repeats count as their median, so that one outlier changes nothing")
    func repeats() {
        let points: [(x: Double, y: Double)] = [(1, 10), (1, 11), (1, 500), (2, 20), (2, 20)]
        #expect(MonotoneFit(points).curve(1) == 11)
    }

    @Test("points on a line need two knots only")
    func parsimony() {
        let fit = MonotoneFit((1...50).map { (x: Double($0), y: 5 + 3 * Double($0)) })
        #expect(fit.curve.xs == [1, 50])
    }
}
