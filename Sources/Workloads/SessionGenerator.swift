import DiscreteEvents
public import ServingDomain

/// How the arrivals of sessions are spaced at a given mean rate.
public enum ArrivalLaw: Hashable, Sendable {
    case poisson
    /// Every k-th session of a Poisson stream k times as fast: gaps are sums of k exponentials.
    case everyKth(Int)
}

/// Turns a workload into concrete sessions.
///
/// Rounds, lengths and delays of session s depend on the seed and s alone, never on rate or
/// arrivals: all layouts under comparison serve the same sessions.
public struct SessionGenerator: Sendable {
    private let workload: Workload
    private let gaps: RandomStream
    private let scripts: RoundGenerator?

    public init(workload: Workload, seed: UInt64) {
        self.workload = workload
        gaps = RandomStream(seed: seed, named: "arrivals")
        if case .synthetic(let synthetic) = workload.sessions {
            scripts = RoundGenerator(synthetic: synthetic, seed: seed)
        } else {
            scripts = nil
        }
    }

    /// The first `count` sessions at a mean rate.
    ///
    /// Recorded sessions keep their order and the pattern of their gaps; they are stretched to
    /// `rate`, begin anew when they run out, and `arrivals` is not used.
    public func sessions(count: Int, rate: Rate, arrivals: ArrivalLaw = .poisson) -> SessionTable {
        if case .recorded(let table) = workload.sessions {
            return table.replayed(count: count, rate: rate)
        }
        var table = SessionTable()
        guard let scripts else { return table }
        var clock = 0.0
        for session in 0..<count {
            clock += gap(session, arrivals) / rate.sessionsPerSecond * 1e9
            table.append(arrival: Int64(clock.rounded()), rounds: scripts.rounds(of: session))
        }
        return table
    }

    /// A gap between arrivals with mean 1.
    private func gap(_ session: Int, _ arrivals: ArrivalLaw) -> Double {
        switch arrivals {
        case .poisson:
            return Distribution.exponential(mean: 1).sample(unit: gaps.unit(session, 0))
        case .everyKth(let k):
            let sum = (0..<k).reduce(0) { sum, part in
                sum + Distribution.exponential(mean: 1).sample(unit: gaps.unit(session, part))
            }
            return sum / Double(k)
        }
    }
}

extension SessionTable {
    /// `count` sessions in recorded order at a mean rate, the recording repeated as needed.
    fileprivate func replayed(count sessions: Int, rate: Rate) -> Self {
        var table = Self()
        guard count > 0, let first = arrivals.first, let last = arrivals.last else { return table }
        let meanGap = 1e9 / rate.sessionsPerSecond
        let recordedSpan = Double(last - first) * Double(count) / Double(max(1, count - 1))
        let factor = recordedSpan > 0 ? meanGap * Double(count) / recordedSpan : 0
        for session in 0..<sessions {
            let (pass, index) = session.quotientAndRemainder(dividingBy: count)
            let within =
                factor > 0 ? Double(arrivals[index] - first) * factor : Double(index) * meanGap
            let arrival = Double(pass) * meanGap * Double(count) + within
            table.append(arrival: Int64(arrival.rounded()), rounds: rounds(of: index))
        }
        return table
    }
}
