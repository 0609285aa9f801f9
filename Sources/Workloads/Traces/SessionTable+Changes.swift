import DiscreteEvents
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

    /// Lengths and delays of jobs that are evenly spread over the table, all of them or those of about so
    /// many rounds; prefixes that prompts share are left out.
    ///
    /// - Parameters:
    ///   - most: rounds, above 0.
    ///   - alone: whether sessions that others start are left out.
    /// - Returns: at least one job where there is one.
    public func sampled(rounds most: Int, alone: Bool) -> SessionTable {
        precondition(most > 0)
        var sample = SessionTable(labelsOf: self)
        let share = Double(most) / Double(max(most, rounds.count))
        let kept = min(jobCount, max(1, Int(Double(jobCount) * share)))
        for place in 0..<kept {
            let job = place * jobCount / kept
            let arrival = arrivals[trees.sessions(ofJob: job).lowerBound]
            sample.append(
                arrival: arrival, copyingLengthsOfJob: job, of: self, alone: alone)
        }
        return sample
    }

    /// The same jobs in an order that is drawn, at times from 0 on that say nothing.
    public func shuffled(seed: UInt64) -> SessionTable {
        let stream = RandomStream(seed: seed, named: "order of sessions")
        let order = (0..<jobCount).sorted { (stream.draw($0), $0) < (stream.draw($1), $1) }
        var shuffled = SessionTable(vocabularyOf: self)
        for job in order { shuffled.append(arrival: 0, copyingJob: job, of: self) }
        return shuffled
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
