public import ServingDomain

/// The client that public benchmarks measure with.
///
/// All of `concurrency` requests start at once and each that ends is followed by the next, ten for
/// every place; lengths are uniform whole numbers from 0.8 to 1.0 of the nominal ones. The means go
/// over all requests, the opening burst included. The scripts of public benchmarks (InferenceX) say so,
/// and 309 rows of theirs confirm it: with 5 or 20 requests for every place, or with fixed lengths,
/// the scatter of predictions inside a group is twice as wide.
public struct BenchmarkClient: Hashable, Sendable {
    /// Requests for every place of the loop.
    public var requestsPerPlace: Int
    /// Shortest prompt as a share of the nominal one, from 0 to 1.
    public var shortestInput: Double
    /// Shortest output as a share of the nominal one, from 0 to 1.
    public var shortestOutput: Double

    public init(
        requestsPerPlace: Int = 10, shortestInput: Double = 0.8, shortestOutput: Double = 0.8
    ) {
        self.requestsPerPlace = requestsPerPlace
        self.shortestInput = shortestInput
        self.shortestOutput = shortestOutput
    }

    /// The client of a row's campaign: NVIDIA's own runs have prompts of one length, and outputs that
    /// differ by what counting their tokens again makes of them.
    ///
    /// No file says so; of the settings tried on 93 rows of Qwen3-32B these come nearest.
    public init(_ row: MeasuredRow) {
        self =
            row.campaign == "vendor-gap-analysis"
            ? Self(shortestInput: 1, shortestOutput: 0.98) : Self()
    }

    /// The closed loop of a load.
    public func workload(_ load: MeasuredRow.Load) -> Workload {
        Workload(
            sessions: .synthetic(
                Workload.Synthetic(
                    rounds: .constant(1), reading: .perRound,
                    prefillTokens: lengths(load.inputTokens, shortestInput),
                    decodeTokens: lengths(load.outputTokens, shortestOutput),
                    environmentDelay: .constant(0))),
            rate: Rate(sessionsPerSecond: .infinity), arrivals: .closed,
            concurrency: load.concurrency)
    }

    /// Requests in all.
    public func requests(_ load: MeasuredRow.Load) -> Int { requestsPerPlace * load.concurrency }

    private func lengths(_ nominal: Int, _ shortest: Double) -> Law {
        let low = max(1, (shortest * Double(nominal)).rounded(.down))
        return low < Double(nominal)
            ? .uniform(low: low, high: Double(nominal)) : .constant(Double(nominal))
    }
}
