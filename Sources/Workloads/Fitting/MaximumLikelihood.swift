import DiscreteEvents
import ServingDomain

/// Laws of one peak that make a sample most likely.
///
/// Values must be above 0 and not all the same.
struct MaximumLikelihood {
    private let sample: FittingSample
    private let logs: [Double]
    private let meanOfLogs: Double

    init(_ sample: FittingSample) {
        self.sample = sample
        logs = sample.values.map { DeterministicMath.log($0.value) }
        meanOfLogs =
            zip(logs, sample.values).reduce(0) { $0 + $1.0 * $1.1.weight } / sample.count
    }

    /// Mean and variance of the logarithms are those of the sample.
    var lognormal: Law {
        let variance =
            zip(logs, sample.values).reduce(0) { sum, pair in
                sum + (pair.0 - meanOfLogs) * (pair.0 - meanOfLogs) * pair.1.weight
            } / sample.count
        return .lognormal(logMean: meanOfLogs, logVariance: variance)
    }

    /// The mean is that of the sample, and ln a − ψ(a) of the shape a is ln of the mean less the mean
    /// of the logarithms.
    var gamma: Law {
        let excess = DeterministicMath.log(sample.mean) - meanOfLogs
        let shape = Self.root(between: 1e-4, 1e8) { shape in
            excess - (DeterministicMath.log(shape) - DeterministicMath.digamma(shape))
        }
        return .gamma(mean: sample.mean, cv: 1 / shape.squareRoot())
    }

    /// Shape k solves Σ xᵏ ln x / Σ xᵏ − 1/k = mean of ln x.
    var weibull: Law {
        let highest = logs[logs.count - 1]
        func moments(_ shape: Double) -> (plain: Double, logged: Double) {
            var (plain, logged) = (0.0, 0.0)
            for (log, (_, weight)) in zip(logs, sample.values) {
                let power = weight * DeterministicMath.exp(shape * (log - highest))
                plain += power
                logged += power * log
            }
            return (plain, logged)
        }
        let shape = Self.root(between: 0.12, 127) { shape in
            let (plain, logged) = moments(shape)
            return logged / plain - 1 / shape - meanOfLogs
        }
        let power = DeterministicMath.log(moments(shape).plain / sample.count) / shape + highest
        let law = WeibullLaw(shape: shape, scale: DeterministicMath.exp(power))
        return .weibull(mean: law.mean, cv: law.coefficientOfVariation)
    }

    /// The mean is that of the sample.
    var geometric: Law { .geometric(mean: sample.mean) }

    /// The mean is that of the sample, and the derivative by the shape vanishes; nil where the sample
    /// varies no more than Poisson numbers do.
    var negativeBinomial: Law? {
        let (n, excess) = (sample.count, sample.mean - 1)
        let variance =
            sample.values.reduce(0) {
                $0 + ($1.value - sample.mean) * ($1.value - sample.mean) * $1.weight
            } / n
        guard excess > 0, variance > excess else { return nil }
        let shape = Self.root(between: 1e-3, 1e6) { shape in
            let digammas = sample.values.reduce(0) {
                $0 + $1.weight * DeterministicMath.digamma(shape + $1.value - 1)
            }
            return n
                * (DeterministicMath.digamma(shape)
                    - DeterministicMath.log(shape / (shape + excess)))
                - digammas
        }
        let law = NegativeBinomialLaw(mean: sample.mean, shape: shape)
        return .negativeBinomial(mean: law.mean, cv: law.coefficientOfVariation)
    }

    /// Where a function that grows changes its sign, by halving on a logarithmic scale; a bound where
    /// it does not.
    static func root(between low: Double, _ high: Double, _ growing: (Double) -> Double) -> Double {
        var (low, high) = (low, high)
        for _ in 0..<60 {
            let middle = (low * high).squareRoot()
            if growing(middle) < 0 { low = middle } else { high = middle }
        }
        return (low * high).squareRoot()
    }
}

extension Law {
    static func lognormal(logMean: Double, logVariance: Double) -> Law {
        .lognormal(
            mean: DeterministicMath.exp(logMean + logVariance / 2),
            cv: (DeterministicMath.exp(logVariance) - 1).squareRoot())
    }
}
