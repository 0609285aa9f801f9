import DiscreteEvents
public import ServingDomain

/// Sessions of two rounds at a steady rate, the second of one class: how a later round fares.
///
/// The second round follows the first at once. Arrivals are Poisson and the same for every class
/// and every cluster, but for the rate.
public struct RoundProbe: Hashable, Sendable {
    public let context: ContextClass
    public let shape: RoundShape
    /// Rounds released per second and serving worker.
    public let rate: Double

    public init(context: ContextClass, shape: RoundShape, rate: Double) {
        self.context = context
        self.shape = shape
        self.rate = rate
    }

    /// Sizes of the second round, in tokens.
    public var secondRound: (history: Int, increment: Int, output: Int) {
        let (first, second) = (context.probe, shape.probe)
        return (first.input + first.output - 1, second.input, second.output)
    }

    /// Mean latencies of the second rounds, rounded to whole nanoseconds.
    ///
    /// Sessions in the first and last quarter fill the cluster and do not count.
    ///
    /// - Parameters:
    ///   - setup: the cluster and its policy.
    ///   - count: sessions that arrive.
    ///   - seed: of the arrivals.
    /// - Returns: nil where no such session fits into the memory of a worker.
    public func latencies(
        in setup: ClusterSetup, sessions count: Int, seed: UInt64
    ) -> PolicyTable.Latencies? {
        let workers = setup.decodeSeats.count
        guard count > 0, workers > 0 else { return nil }
        let result = ServingSimulation.run(
            setup, sessions: sessions(count, workers: workers, seed: seed),
            measured: MeasuredSessions(first: count / 4, end: count - count / 4),
            keepsRounds: true)
        let rounds = result.rounds.filter { $0.round == 1 }
        guard !rounds.isEmpty else { return nil }
        func mean(_ figure: (RoundOutcome) -> Double) -> Double {
            (rounds.reduce(0) { $0 + figure($1) } / Double(rounds.count)).rounded()
        }
        return PolicyTable.Latencies(
            ttft: mean { Double($0.ttft) }, tpot: mean { $0.meanITL })
    }

    private func sessions(_ count: Int, workers: Int, seed: UInt64) -> SessionTable {
        let stream = RandomStream(seed: seed, named: "round probe")
        let gaps = Distribution.exponential(mean: 2e9 / (rate * Double(workers)))
        let (first, second) = (context.probe, shape.probe)
        let rounds = [
            RoundScript(newTokens: first.input, outputTokens: first.output, delayAfter: 0),
            // The last token of the first answer is prefilled too.
            RoundScript(newTokens: second.input - 1, outputTokens: second.output, delayAfter: 0),
        ]
        var (table, time) = (SessionTable(), Int64(0))
        for session in 0..<count {
            time += Int64(gaps.sample(unit: stream.unit(session, 0)).rounded())
            table.append(arrival: time, rounds: rounds)
        }
        return table
    }
}

/// Sizes with which classes are probed: those of the vllm-ppd benchmark, except where it has none or
/// they lie outside the class.
extension ContextClass {
    /// Tokens of the first round; `huge` is ours.
    var probe: (input: Int, output: Int) {
        switch self {
        case .small: (128, 128)
        case .large: (1024, 1024)
        case .huge: (4096, 4096)
        }
    }
}

extension RoundShape {
    /// Tokens that the second round prefills and generates; `tiny` is ours.
    var probe: (input: Int, output: Int) {
        switch self {
        case .tiny: (12, 64)
        case .shortGeneration: (32, 256)
        case .longGeneration: (32, 512)
        case .veryLongGeneration: (64, 1024)
        case .smallBalanced: (64, 64)
        case .mediumBalanced: (128, 128)
        case .mediumPaste: (256, 64)
        case .bigPaste: (512, 64)
        case .hugePaste: (1024, 32)
        }
    }
}
