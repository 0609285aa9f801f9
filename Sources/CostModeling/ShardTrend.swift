import ServingDomain

/// Experts that are split over more GPUs than were measured, from two smaller degrees.
///
/// Halving the shards of experts never halves their time: tiles of the kernels are wider than what is
/// left of an expert. What halving saved last is saved once more, less a fifth. Over the points of
/// public tables of Hopper that were timed at three degrees in a row, the median error of that is 12 %
/// at 4 GPUs and 7 % at 8 to 32, where half the time is 11 %, 19 %, 29 % and 39 % too short
/// (docs/cost-model.md).
struct ShardTrend {
    private let fit: ProfileFit
    /// The share of a saving that is lost with the next halving.
    private static let loss = 0.2

    init(_ fit: ProfileFit) { self.fit = fit }

    /// Nanoseconds by tokens; nil where no two degrees below are known.
    func line(_ shape: ExpertShape) -> PiecewiseLinear? {
        guard shape.tensorDegree >= 4, let half = known(shape.overGPUs(shape.tensorDegree / 2)),
            let quarter = known(shape.overGPUs(shape.tensorDegree / 4))
        else { return nil }
        let (low, high) = (max(half.xs[0], quarter.xs[0]), min(half.lastKnot, quarter.lastKnot))
        // One token count, or none, that both were timed at tells no trend over tokens.
        guard low < high else { return nil }
        let knots = Set(half.xs + quarter.xs).filter { low <= $0 && $0 <= high }.sorted()
        var least = 0.0
        let times = knots.map { tokens in
            let share = min(max(half(tokens) / quarter(tokens), 0.5), 1)
            // Longer with more tokens, as both are.
            least = max(least, half(tokens) * (share + (1 - share) * Self.loss))
            return least
        }
        return PiecewiseLinear(xs: knots, ys: times)
    }

    private func known(_ shape: ExpertShape) -> PiecewiseLinear? {
        guard let entry = fit.entries[.experts(shape)] else { return line(shape) }
        guard case .line(let line) = entry.curve.form else { return nil }
        return line
    }
}

extension ExpertShape {
    /// The same experts, each split over so many GPUs.
    fileprivate func overGPUs(_ degree: Int) -> Self {
        Self(
            hidden: hidden, intermediate: intermediate, experts: experts,
            expertsPerToken: expertsPerToken, tensorDegree: degree, expertDegree: expertDegree,
            distribution: distribution, format: format)
    }
}
