import DiscreteEvents
public import ServingDomain

/// The law of a family that comes nearest to a sample, with what speaks for it and against it.
public struct LawCandidate: Hashable, Sendable {
    public let family: LawFamily
    public let law: Law
    /// Sum over the sample; nil for a table.
    public let logLikelihood: Double?
    /// Bayes' information criterion: parameters × ln n − 2 ln L, less is better; nil for a table.
    public let criterion: Double?
    /// Kolmogorov and Smirnov's distance to the sample.
    public let distance: Double
    /// Of draws as they come out, whole ones rounded and 1 at least.
    public let mean: Double
    public let p50: Double
    public let p95: Double
    /// Why it is not taken; nil where it may be.
    public let fault: LawFault?
}

/// Families of laws that are fitted, in the order in which they are tried.
public enum LawFamily: String, Hashable, Sendable, CaseIterable {
    case constant, geometric
    case negativeBinomial = "negative_binomial"
    case lognormal, gamma, weibull
    case twoLognormals = "two_lognormals"
    case threeLognormals = "three_lognormals"
    case lognormalWithParetoTail = "lognormal_with_pareto_tail"
    case quantiles
}

/// Why a law is not taken for a sample.
public enum LawFault: String, Hashable, Sendable {
    case distance = "ks_distance"
    case median = "p50"
    case p95
    case mean
    /// Sessions of more than one round differ from those of the trace by more than it may.
    case multiRound = "multi_round"
    /// It would draw values of more than twice the greatest.
    case tail
    /// Its parameters are outside of what a workload file may hold.
    case range
}

/// A law for one quantity of a trace.
///
/// Each family is fitted by maximum likelihood. Of those that come near enough, the one with the
/// least criterion is taken; where none does, a table of the sample's quantiles.
public struct LawFit: Hashable, Sendable {
    /// The largest distance of Kolmogorov and Smirnov that a law may have.
    public static let mostDistance = 0.08
    /// The largest relative errors of a law's median, P95 and mean.
    public static let mostErrors = (p50: 0.025, p95: 0.05, mean: 0.05)

    /// Figures of the sample, and where the percentiles of what is behind it lie with 95 %
    /// confidence if its values are independent.
    public struct Source: Hashable, Sendable {
        public let count: Int
        public let mean: Double
        public let p50: Double
        public let p95: Double
        public let p50Interval: ClosedRange<Double>
        public let p95Interval: ClosedRange<Double>
    }

    public let source: Source
    public let chosen: LawCandidate
    /// All that were tried, the chosen one included.
    public let candidates: [LawCandidate]

    /// - Parameters:
    ///   - sample: of the quantity.
    ///   - range: in which means and bounds must lie.
    init(_ sample: FittingSample, in range: ClosedRange<Double>) {
        source = Source(
            count: Int(sample.count), mean: sample.mean, p50: sample.percentile(50),
            p95: sample.percentile(95), p50Interval: sample.interval(50),
            p95Interval: sample.interval(95))
        let judge = LawJudge(sample: sample, source: source, range: range)
        candidates = LawFamily.allCases.compactMap { family in
            family.law(of: sample).map { judge.candidate(family, $0.rounded) }
        }
        let taken = candidates.filter { $0.fault == nil }
        chosen =
            taken.filter { $0.criterion != nil }.min { ($0.criterion ?? 0) < ($1.criterion ?? 0) }
            ?? taken.first ?? candidates[candidates.count - 1]
    }
}

/// Compares laws with a sample.
private struct LawJudge {
    let sample: FittingSample
    let source: LawFit.Source
    let range: ClosedRange<Double>

    func candidate(_ family: LawFamily, _ law: Law) -> LawCandidate {
        let drawn = law.distribution
        let distance = FittedDistance(drawn, sample.kind)
        let likelihood = LogDensity(drawn)?.total(sample)
        let parameters = Double(law.parameterCount)
        let (ks, mean) = (distance.kolmogorovSmirnov(sample), distance.mean(from: law.mean))
        let (p50, p95) = (distance.percentile(50), distance.percentile(95))
        var fault: LawFault?
        if !law.isRepresentable(in: range) {
            fault = .range
        } else if family != .quantiles {
            let far = sample.count * distance.exceedance(of: 2 * sample.greatest) >= 1
            fault = self.fault(mean, ks, p50, p95) ?? multiRoundFault(drawn) ?? (far ? .tail : nil)
        }
        return LawCandidate(
            family: family, law: law, logLikelihood: likelihood,
            criterion: likelihood.map {
                parameters * DeterministicMath.log(sample.count) - 2 * $0
            },
            distance: ks, mean: mean, p50: p50, p95: p95, fault: fault)
    }

    private func fault(
        _ mean: Double, _ ks: Double, _ p50: Double, _ p95: Double
    ) -> LawFault? {
        let most = LawFit.mostErrors
        if !(ks <= LawFit.mostDistance) { return .distance }
        if !isNear(p50, source.p50, most.p50) { return .median }
        if !isNear(p95, source.p95, most.p95) { return .p95 }
        return isNear(mean, source.mean, most.mean) ? nil : .mean
    }

    /// What a count says of the sessions that have more than one.
    private func multiRoundFault(_ law: Distribution) -> LawFault? {
        guard let sample = sample.aboveOne else { return nil }
        let (distance, most) = (FittedDistance(law, .counts, above: 1), LawFit.mostErrors)
        let isNear =
            distance.kolmogorovSmirnov(sample) <= LawFit.mostDistance
            && isNear(distance.percentile(50), sample.percentile(50), most.p50)
            && isNear(distance.percentile(95), sample.percentile(95), most.p95)
        return isNear ? nil : .multiRound
    }

    private func isNear(_ value: Double, _ target: Double, _ error: Double) -> Bool {
        (value - target).magnitude <= error * target
    }
}

extension LawFamily {
    /// The likeliest law of the family; nil where the sample has none.
    fileprivate func law(of sample: FittingSample) -> Law? {
        if self == .quantiles { return TableFit(sample).law }
        guard sample.values.count > 1 else {
            return self == .constant ? .constant(sample.values[0].value) : nil
        }
        // Times of nothing are a law of their own.
        if let (share, rest) = sample.positive {
            return law(of: rest)?.mixed(withZero: 1 - share)
        }
        return positiveLaw(of: sample)
    }

    private func positiveLaw(of sample: FittingSample) -> Law? {
        let likelihood = MaximumLikelihood(sample)
        guard (sample.kind == .counts) == isCounting else { return nil }
        switch self {
        case .constant, .quantiles: return nil
        case .geometric: return likelihood.geometric
        case .negativeBinomial: return likelihood.negativeBinomial
        case .lognormal: return likelihood.lognormal
        case .gamma: return likelihood.gamma
        case .weibull: return likelihood.weibull
        case .twoLognormals: return MixtureFit(sample).lognormals(2)
        case .threeLognormals: return MixtureFit(sample).lognormals(3)
        case .lognormalWithParetoTail:
            return [0.8, 0.9, 0.95, 0.98].compactMap(MixtureFit(sample).bodyAndTail)
                .max { likelihoodOf($0, sample) < likelihoodOf($1, sample) }
        }
    }

    /// Whether it gives whole numbers only.
    private var isCounting: Bool { self == .geometric || self == .negativeBinomial }

    private func likelihoodOf(_ law: Law, _ sample: FittingSample) -> Double {
        LogDensity(law.distribution)?.total(sample) ?? -.infinity
    }
}
