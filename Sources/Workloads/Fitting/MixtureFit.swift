import DiscreteEvents
import ServingDomain

/// Mixtures that make a sample likely, by the method of expectation and maximisation.
///
/// Values must be above 0. The start is fixed, and so the result is always the same.
struct MixtureFit {
    /// One law of the mixture, over logarithms.
    private enum Part {
        case lognormal(mean: Double, variance: Double)
        /// From a bound on to the greatest value.
        case pareto(low: Double, high: Double, index: Double)

        var law: Law {
            switch self {
            case .lognormal(let mean, let variance):
                .lognormal(logMean: mean, logVariance: variance)
            case .pareto(let low, let high, let index):
                .pareto(
                    low: DeterministicMath.exp(low), high: DeterministicMath.exp(high), index: index
                )
            }
        }

        /// ln of the density of the logarithm.
        func logDensity(_ x: Double) -> Double {
            switch self {
            case .lognormal(let mean, let variance):
                return -(x - mean) * (x - mean) / (2 * variance) - DeterministicMath.log(variance)
                    / 2
                    - 0.918938533204672741780
            case .pareto(let low, let high, let index):
                guard x >= low, x <= high else { return -.infinity }
                return DeterministicMath.log(index) - index * (x - low)
                    - DeterministicMath.log(1 - DeterministicMath.exp(index * (low - high)))
            }
        }

        /// The likeliest law of the kind for values whose moments are known.
        func fitted(_ moments: Moments) -> Self {
            let mean = moments.first / moments.weight
            switch self {
            case .lognormal:
                let variance = moments.second / moments.weight - mean * mean
                return .lognormal(mean: mean, variance: max(MixtureFit.leastVariance, variance))
            case .pareto(let low, let high, _):
                return .pareto(
                    low: low, high: high,
                    index: MixtureFit.index(meanExcess: mean - low, width: high - low))
            }
        }
    }

    /// Sums over the values that are a part's, as far as they are.
    private struct Moments {
        var (weight, first, second) = (0.0, 0.0, 0.0)

        mutating func add(_ x: Double, _ share: Double) {
            weight += share
            first += share * x
            second += share * x * x
        }
    }

    /// Of a logarithm: narrower peaks are single values, not laws.
    private static let leastVariance = 0.0025
    private static let mostSteps = 400

    private let values: [(log: Double, weight: Double)]
    private let count: Double

    init(_ sample: FittingSample) {
        values = sample.values.map { (DeterministicMath.log($0.value), $0.weight) }
        count = sample.count
    }

    /// So many lognormal laws, which begin as those of equal parts of the sorted sample.
    func lognormals(_ number: Int) -> Law? {
        var parts: [(weight: Double, part: Part)] = []
        for place in 0..<number {
            let range = (Double(place) / Double(number), Double(place + 1) / Double(number))
            let moments = moments(between: range.0 * count, range.1 * count)
            guard moments.weight > 0 else { return nil }
            parts.append((1, Part.lognormal(mean: 0, variance: 1).fitted(moments)))
        }
        return fitted(parts)
    }

    /// A lognormal body with a Pareto tail that begins where that share of the values is below, and
    /// ends with the greatest.
    func bodyAndTail(above share: Double) -> Law? {
        let low = log(atRank: share * count)
        let high = values[values.count - 1].log
        guard high > low + 0.1 else { return nil }
        return fitted([
            (
                share,
                Part.lognormal(mean: 0, variance: 1).fitted(moments(between: 0, count * share))
            ),
            (1 - share, .pareto(low: low, high: high, index: 1)),
        ])
    }

    /// The mixture that follows from a start; nil where one of its parts dies out.
    private func fitted(_ start: [(weight: Double, part: Part)]) -> Law? {
        var parts = start
        var before = -Double.infinity
        for _ in 0..<Self.mostSteps {
            var moments = parts.map { _ in Moments() }
            let likelihood = expect(parts, &moments)
            guard likelihood > -.infinity, moments.allSatisfy({ $0.weight > 1e-3 * count }) else {
                return nil
            }
            parts = zip(parts, moments).map { ($1.weight, $0.part.fitted($1)) }
            if likelihood - before < 1e-8 * count { break }
            before = likelihood
        }
        return .mixture(
            parts.map { Law.Component(weight: $0.weight / count, law: $0.part.law) })
    }

    /// Shares out the values among the parts, and returns the logarithm of the likelihood.
    private func expect(
        _ parts: [(weight: Double, part: Part)], _ moments: inout [Moments]
    ) -> Double {
        let total = parts.reduce(0) { $0 + $1.weight }
        let fronts = parts.map { DeterministicMath.log($0.weight / total) }
        var likelihood = 0.0
        var densities = fronts
        for (x, weight) in values {
            for place in parts.indices {
                densities[place] = fronts[place] + parts[place].part.logDensity(x)
            }
            let largest = densities.reduce(-.infinity, max)
            guard largest > -.infinity else { return -.infinity }
            var sum = 0.0
            for place in parts.indices {
                densities[place] = DeterministicMath.exp(densities[place] - largest)
                sum += densities[place]
            }
            for place in parts.indices { moments[place].add(x, weight * densities[place] / sum) }
            likelihood += weight * (largest + DeterministicMath.log(sum))
        }
        return likelihood
    }

    /// Of the values whose ranks lie between two bounds, parts of equal ones included.
    private func moments(between low: Double, _ high: Double) -> Moments {
        var (moments, passed) = (Moments(), 0.0)
        for (x, weight) in values {
            let share = min(high, passed + weight) - max(low, passed)
            if share > 0 { moments.add(x, share) }
            passed += weight
        }
        return moments
    }

    private func log(atRank rank: Double) -> Double {
        var passed = 0.0
        for (x, weight) in values {
            passed += weight
            if passed >= rank { return x }
        }
        return values[values.count - 1].log
    }

    /// The index of a Pareto tail of that width on the logarithmic scale: 1/a − width / (eᵃʷ − 1) is
    /// the mean excess.
    private static func index(meanExcess: Double, width: Double) -> Double {
        MaximumLikelihood.root(between: 0.05, 100) { index in
            let rest = width / (DeterministicMath.exp(min(700, index * width)) - 1)
            return meanExcess - (1 / index - rest)
        }
    }
}
