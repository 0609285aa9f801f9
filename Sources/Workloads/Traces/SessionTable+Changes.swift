public import ServingDomain

extension SessionTable {
    /// The jobs that arrive in a window, with all of their rounds, at their times from its beginning.
    ///
    /// The window is in nanoseconds from the first arrival.
    public func sliced(_ window: Range<Int64>) -> SessionTable {
        var slice = SessionTable(vocabularyOf: self)
        for job in 0..<jobCount {
            let arrival = arrivals[trees.sessions(ofJob: job).lowerBound]
            guard window.contains(arrival) else { continue }
            slice.append(arrival: arrival - window.lowerBound, copyingJob: job, of: self)
        }
        return slice
    }

    /// The same jobs `factor` times as fast: gaps between arrivals shrink in proportion, so that their
    /// coefficient of variation stays; delays inside sessions stay as they are.
    ///
    /// - Precondition: `factor` is above 0.
    public func faster(by factor: Double) -> SessionTable {
        precondition(factor > 0)
        var scaled = SessionTable(vocabularyOf: self)
        for job in 0..<jobCount {
            let arrival = Double(arrivals[trees.sessions(ofJob: job).lowerBound])
            scaled.append(
                arrival: Nanoseconds.rounding(arrival / factor), copyingJob: job, of: self)
        }
        return scaled
    }
}
