extension LogHistogram {
    /// Hill's estimate of the tail index: P(X > x) falls like x to the power of minus this.
    ///
    /// From the ⌈√n⌉ greatest of n values, of which the bins tell within 0.1 %: the bias of a
    /// deeper look does more harm than the spread of this one. Below 2 the variance is infinite, as
    /// far as the data can tell, and below 1 the mean; an even or bounded tail has a large index.
    ///
    /// - Returns: nil for fewer than 100 values; infinite where the greatest are all equal.
    public var tailIndex: Double? {
        guard count >= 100 else { return nil }
        let wanted = Int(Double(count).squareRoot().rounded(.up))
        var (seen, logs, threshold) = (0, 0.0, 0.0)
        for bin in occupiedBins.reversed() {
            let here = count(in: bin..<(bin + 1))
            guard here > 0 else { continue }
            let log = DeterministicMath.log(Self.lowerEdge(of: bin))
            let taken = Swift.min(here, wanted - seen)
            (seen, logs, threshold) = (seen + taken, logs + log * Double(taken), log)
            if seen == wanted { break }
        }
        guard seen == wanted else { return .infinity }
        let excess = logs / Double(wanted) - threshold
        return excess > 0 ? 1 / excess : .infinity
    }
}
