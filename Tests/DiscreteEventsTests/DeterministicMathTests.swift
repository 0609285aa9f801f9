import Foundation
import Testing

@testable import DiscreteEvents

@Suite("Mathematics with the same bits everywhere")
struct DeterministicMathTests {
    private let random = RandomStream(seed: 5, named: "arguments")

    @Test("the logarithm is within 2 ulp over every power of two, subnormals included")
    func logarithm() {
        var worst = 0.0
        for exponent in -1_074...1_023 {
            for draw in 0..<20 {
                let x = scalbn(1 + random.unit(exponent, draw), exponent)
                worst = max(worst, ulps(DeterministicMath.log(x), Foundation.log(x)))
            }
        }
        for draw in 0..<20_000 {
            let x = 1 + (random.unit(draw, 99) - 0.5) * 0.9
            worst = max(worst, ulps(DeterministicMath.log(x), Foundation.log(x)))
        }
        #expect(worst <= 2)
    }

    @Test("the exponential is within 2 ulp from underflow to overflow")
    func exponential() {
        var worst = 0.0
        for draw in 0..<40_000 {
            let wide = -745 + 1_454.5 * random.unit(draw)
            let near = 2 * random.unit(draw, 1) - 1
            for x in [wide, near, near * 1e-9] {
                worst = max(worst, ulps(DeterministicMath.exp(x), Foundation.exp(x)))
            }
        }
        #expect(worst <= 2)
    }

    @Test("special arguments have their special values")
    func specials() {
        #expect(DeterministicMath.log(0) == -.infinity)
        #expect(DeterministicMath.log(-0.0) == -.infinity)
        #expect(DeterministicMath.log(1) == 0)
        #expect(DeterministicMath.log(.infinity) == .infinity)
        #expect(DeterministicMath.log(-1).isNaN && DeterministicMath.log(.nan).isNaN)
        #expect(DeterministicMath.exp(0) == 1)
        #expect(DeterministicMath.exp(-.infinity) == 0 && DeterministicMath.exp(-746) == 0)
        #expect(DeterministicMath.exp(.infinity) == .infinity)
        #expect(DeterministicMath.exp(709.79) == .infinity)
        #expect(DeterministicMath.exp(709.78).isFinite && DeterministicMath.exp(-745) > 0)
        #expect(DeterministicMath.exp(.nan).isNaN)
    }

    @Test("the normal distribution function leads back from every quantile")
    func quantile() {
        for p in [1e-300, 1e-100, 1e-20, 1e-9, 1e-3, 0.02, 0.074, 0.0751, 0.3, 0.4999] {
            let z = DeterministicMath.normalQuantile(p)
            // The relative change of the tail per change of z is about |z|, hence the factor.
            #expect((erfc(-z / 2.0.squareRoot()) / 2 / p - 1).magnitude < 1e-15 * (10 + z * z * 2))
        }
        #expect((DeterministicMath.normalQuantile(0.975) - 1.959963984540054).magnitude < 1e-15)
        #expect(DeterministicMath.normalQuantile(0.5) == 0)
        #expect(DeterministicMath.normalQuantile(0.25) == -DeterministicMath.normalQuantile(0.75))
    }

    @Test("quantiles outside (0, 1) are infinite or not a number")
    func quantileSpecials() {
        #expect(DeterministicMath.normalQuantile(0) == -.infinity)
        #expect(DeterministicMath.normalQuantile(1) == .infinity)
        for p in [-0.1, 1.1, .nan] { #expect(DeterministicMath.normalQuantile(p).isNaN) }
    }

    private func ulps(_ ours: Double, _ theirs: Double) -> Double {
        ours == theirs ? 0 : (ours - theirs).magnitude / theirs.ulp
    }
}
