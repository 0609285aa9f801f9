public import ServingDomain

/// The client that public benchmarks measure with, and what its campaign starts the engine with.
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
    /// Tokens of a step beside one nominal prompt; nil leaves the budget to the engine.
    public var tokensBesidePrompt: Int?

    public init(
        requestsPerPlace: Int = 10, shortestInput: Double = 0.8, shortestOutput: Double = 0.8,
        tokensBesidePrompt: Int? = nil
    ) {
        self.requestsPerPlace = requestsPerPlace
        self.shortestInput = shortestInput
        self.shortestOutput = shortestOutput
        self.tokensBesidePrompt = tokensBesidePrompt
    }

    /// NVIDIA's own runs: lengths that do not vary, so that prompts follow each other one by one, each
    /// behind the step with the one before it.
    ///
    /// TTFT of theirs grows with the concurrency as ten requests for every place say and, whatever the
    /// outputs, goes to two prefills without it: steps hold one prompt. AIConfigurator's generator,
    /// which writes the configurations of such runs, gives a step room for one prompt and 1,500 tokens;
    /// 256 predict 93 rows of vLLM and 180 of TensorRT-LLM better. No file says what was used.
    public static let vendor = Self(shortestInput: 1, shortestOutput: 1, tokensBesidePrompt: 256)

    /// The client of a row's campaign.
    public init(_ row: MeasuredRow) {
        self = row.isOfVendor ? .vendor : Self()
    }

    /// The token budget of a step; nil leaves it to the engine.
    public func tokenBudget(_ load: MeasuredRow.Load) -> Int? {
        tokensBesidePrompt.map { load.inputTokens + $0 }
    }

    /// The closed loop of a load, or the requests that its log has.
    public func workload(_ load: MeasuredRow.Load) -> Workload {
        if let recorded = load.recorded { return recorded }
        return Workload(
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
    public func requests(_ load: MeasuredRow.Load) -> Int {
        if case .recorded(let table)? = load.recorded?.sessions { return table.jobCount }
        return requestsPerPlace * load.concurrency
    }

    private func lengths(_ nominal: Int, _ shortest: Double) -> Law {
        let low = max(1, (shortest * Double(nominal)).rounded(.down))
        return low < Double(nominal)
            ? .uniform(low: low, high: Double(nominal)) : .constant(Double(nominal))
    }
}
