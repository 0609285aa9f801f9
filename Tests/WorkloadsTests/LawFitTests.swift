import DiscreteEvents
import ServingDomain
import Testing

@testable import Workloads

@Suite("Laws of samples")
struct LawFitTests {
    private static let ten = [1, 2, 2, 3, 5, 7, 7, 11, 20, 45]

    private static func sample(
        _ values: [Int], _ kind: FittingSample.Kind, scale: Double = 1
    ) throws -> FittingSample {
        var counted = CountedValues()
        for value in values { counted.add(value) }
        return try #require(FittingSample(counted, kind, scale: scale))
    }

    /// So many draws of a law, in thousandths where they are not whole.
    private static func draws(
        _ law: Distribution, _ kind: FittingSample.Kind, count: Int = 20_000
    ) throws -> FittingSample {
        let (stream, sampler) = (RandomStream(seed: 8, named: "draws"), Sampler(law))
        let scale = kind == .continuous ? 1e-3 : 1
        return try sample(
            (0..<count).map { Int((sampler.sample(unit: stream.unit($0)) / scale).rounded()) },
            kind, scale: scale)
    }

    /// Expected parameters and likelihoods are those of SciPy 1.17 for `ten`.
    @Test(
        "ten values give the likeliest law of each family",
        arguments: [
            (LawFamily.lognormal, 10.166397053995409, 1.5241573957236145, -32.29113320131763),
            (.gamma, 10.3, 1.0276104425555366, -33.311631062915026),
            (.weibull, 10.226809225520629, 1.0980231043249291, -33.238783751112294),
            (.negativeBinomial, 10.3, 1.1378075750758676, -32.437573818324964),
            (.geometric, 10.3, .nan, -32.819481994459224),
        ])
    func likeliest(family: LawFamily, mean: Double, cv: Double, likelihood: Double) throws {
        let isCounting = family == .negativeBinomial || family == .geometric
        let fit = LawFit(
            try Self.sample(Self.ten, isCounting ? .counts : .whole), in: 1...1e7)
        let found = try #require(fit.candidates.first { $0.family == family })
        switch found.law {
        case .geometric(let m): #expect((m / mean - 1).magnitude < 1e-5)
        case .lognormal(let m, let c), .gamma(let m, let c), .weibull(let m, let c),
            .negativeBinomial(let m, let c):
            #expect((m / mean - 1).magnitude < 1e-5 && (c / cv - 1).magnitude < 1e-5)
        default: Issue.record("\(found.law)")
        }
        let summed = try #require(found.logLikelihood)
        #expect((summed - likelihood).magnitude < 1e-6)
    }

    @Test(
        "the family that a sample was drawn from is found again, with its parameters",
        arguments: [
            (Distribution.lognormal(mean: 900, cv: 1.4), LawFamily.lognormal),
            (.gamma(mean: 900, cv: 0.7), .gamma), (.weibull(mean: 900, cv: 0.6), .weibull),
        ])
    func found(law: Distribution, family: LawFamily) throws {
        let fit = LawFit(try Self.draws(law, .whole), in: 1...1e7)
        #expect(fit.chosen.family == family)
        guard case .lognormal(let mean, let cv) = law.asLognormal,
            case .lognormal(let foundMean, let foundCV) = fit.chosen.law.distribution.asLognormal
        else { return }
        // Standard errors are about cv / √n and less than 2 cv / √n.
        #expect((foundMean / mean - 1).magnitude < 4 * cv / 20_000.0.squareRoot())
        #expect((foundCV / cv - 1).magnitude < 8 * cv / 20_000.0.squareRoot())
    }

    @Test("whole numbers of few values follow laws of such numbers")
    func counts() throws {
        let negative = LawFit(
            try Self.draws(.negativeBinomial(mean: 12, cv: 1.3), .counts), in: 1...10_000)
        #expect(negative.chosen.family == .negativeBinomial)
        let geometric = LawFit(try Self.draws(.geometric(mean: 60), .counts), in: 1...10_000)
        #expect(geometric.chosen.family == .geometric)
        #expect(!geometric.candidates.contains { $0.family == .lognormal })
    }

    @Test("two peaks make a mixture, with the place and the share of each")
    func peaks() throws {
        let fit = LawFit(
            try Self.draws(
                .mixture([
                    .init(weight: 0.7, law: .lognormal(mean: 100, cv: 0.3)),
                    .init(weight: 0.3, law: .lognormal(mean: 4000, cv: 0.5)),
                ]), .whole), in: 1...1e7)
        #expect(fit.chosen.family == .twoLognormals)
        guard case .mixture(let parts) = fit.chosen.law else { return }
        let share = parts[0].weight / (parts[0].weight + parts[1].weight)
        #expect((share - 0.7).magnitude < 0.02)
        #expect((parts[0].law.mean / 100 - 1).magnitude < 0.02)
        #expect((parts[1].law.mean / 4000 - 1).magnitude < 0.03)
    }

    @Test("a heavy tail behind a body is a Pareto law with its index and cap")
    func tail() throws {
        let sample = try Self.draws(
            .mixture([
                .init(weight: 0.9, law: .lognormal(mean: 300, cv: 0.4)),
                .init(weight: 0.1, law: .pareto(low: 600, high: 60_000, index: 0.9)),
            ]), .whole)
        let fit = LawFit(sample, in: 1...1e7)
        #expect(fit.chosen.family == .lognormalWithParetoTail)
        guard case .mixture(let parts) = fit.chosen.law,
            case .pareto(_, let high, let index) = parts[1].law
        else { return }
        #expect(high == sample.greatest)
        #expect((index - 0.9).magnitude < 0.15)
    }

    @Test("times of nothing are a part of their own")
    func zeros() throws {
        let fit = LawFit(
            try Self.draws(
                .mixture([
                    .init(weight: 0.25, law: .constant(0)),
                    .init(weight: 0.75, law: .gamma(mean: 40, cv: 1.2)),
                ]), .continuous), in: 0...1e6)
        guard case .mixture(let parts) = fit.chosen.law else {
            Issue.record("\(fit.chosen.law)")
            return
        }
        #expect(parts[0].law == .constant(0))
        #expect((parts[0].weight - 0.25).magnitude < 0.02)
        #expect(fit.chosen.family == .gamma)
    }

    @Test("values that no law comes near stay a table with their percentiles and their mean")
    func table() throws {
        let values = (0..<3000).map { $0 % 3 == 0 ? 17 : $0 % 3 == 1 ? 1000 + $0 : 90_000 }
        let fit = LawFit(try Self.sample(values, .whole), in: 1...1e7)
        #expect(fit.chosen.family == .quantiles)
        #expect(fit.candidates.filter { $0.family != .quantiles }.allSatisfy { $0.fault != nil })
        #expect(fit.chosen.distance < 0.003)
        #expect((fit.chosen.mean / fit.source.mean - 1).magnitude < 0.002)
        #expect((fit.chosen.p50 / fit.source.p50 - 1).magnitude < 0.01)
        #expect(fit.chosen.p95 == 90_000)
        guard case .quantiles(let probabilities, let table) = fit.chosen.law else { return }
        #expect(probabilities == probabilities.sorted() && table == table.sorted())
        #expect(probabilities.first == 0 && probabilities.last == 1)
        #expect(table.count < 40)
    }

    @Test("few values keep their percentiles by interpolation, one is a constant")
    func few() throws {
        let fit = LawFit(try Self.sample([10, 20, 400], .whole), in: 1...1e7)
        guard case .quantiles(let probabilities, let values) = fit.chosen.law else {
            // A law is as good, where it comes near enough.
            #expect(fit.chosen.distance <= LawFit.mostDistance)
            return
        }
        #expect(probabilities == [0, 0.5, 1] && values == [10, 20, 400])
        let one = LawFit(try Self.sample([7, 7, 7], .counts), in: 1...10_000)
        #expect(one.chosen.law == .constant(7) && one.chosen.distance == 0)
    }

    @Test("a law that would draw far beyond all that was seen is not taken")
    func wild() throws {
        // A lognormal law cut at its 99th percentile, as a context window cuts prompts.
        let law = Distribution.lognormal(mean: 1000, cv: 3)
        let stream = RandomStream(seed: 3, named: "cut")
        let values = (0..<20_000).map {
            Int(law.sample(unit: 0.99 * stream.unit($0)).rounded())
        }
        let fit = LawFit(try Self.sample(values, .whole), in: 1...1e7)
        let lognormal = try #require(fit.candidates.first { $0.family == .lognormal })
        #expect(lognormal.distance <= LawFit.mostDistance)
        #expect(lognormal.fault != nil)
    }

    @Test("percentiles interpolate, and their intervals hold the true ones in 19 of 20 samples")
    func intervals() throws {
        let ten = try Self.sample(Self.ten, .whole)
        #expect(ten.percentile(50) == 6 && (ten.percentile(95) - 33.75).magnitude < 1e-9)
        #expect(ten.mean == 10.3)
        let law = Sampler(.exponential(mean: 1e6))
        let stream = RandomStream(seed: 4, named: "intervals")
        var (medians, tails) = (0, 0)
        for set in 0..<400 {
            let sample = try Self.sample(
                (0..<300).map { Int(law.sample(unit: stream.unit(set, $0))) }, .whole)
            if sample.interval(50).contains(1e6 * 0.6931471805599453) { medians += 1 }
            if sample.interval(95).contains(1e6 * 2.995732273553991) { tails += 1 }
        }
        // 95 % of 400 is 380, with a standard deviation of 4.4.
        #expect((365...398).contains(medians), "\(medians)")
        #expect((365...398).contains(tails), "\(tails)")
    }

    @Test("the distance is the largest difference of the distribution functions, draws rounded")
    func distance() throws {
        let sample = try Self.sample([1, 2, 2, 4], .whole)
        // Uniform between ½ and 4½ gives 1, 2, 3 and 4 alike: 0.25, 0.5, 0.75 and 1 against 0.25,
        // 0.75, 0.75 and 1.
        let law = Distribution.uniform(low: 0.5, high: 4.5)
        #expect(FittedDistance(law, .whole).kolmogorovSmirnov(sample) == 0.25)
        #expect(FittedDistance(law, .whole).percentile(50) == 2)
        #expect(FittedDistance(law, .whole).percentile(95) == 4)
        // Between values the sample stands still and the law goes on.
        let far = try Self.sample([1, 1, 1, 9], .whole)
        #expect(
            FittedDistance(.uniform(low: 0.5, high: 9.5), .whole).kolmogorovSmirnov(far)
                == 0.75 - 1.0 / 9)
    }
}

extension Distribution {
    fileprivate var asLognormal: Distribution {
        switch self {
        case .gamma(let mean, let cv), .weibull(let mean, let cv): .lognormal(mean: mean, cv: cv)
        default: self
        }
    }
}
