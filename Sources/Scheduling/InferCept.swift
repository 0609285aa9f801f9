public import ServingDomain

extension PolicyDefinition {
    /// InferCept (arXiv 2402.01869): histories of sessions in a tool call are kept, moved to host
    /// memory or given up, whichever wastes least memory over time.
    static let infercept = colocatedV1.with(
        name: "infercept",
        "Replicas that keep, swap out or discard histories by the memory that this wastes."
    ) {
        $0.order = .programs(first: [])
        $0.pin = { _ in { _ in .infinity } }
        $0.minimisesWaste = true
    }
}

/// A session in a tool call, and what its history costs those who are being served.
public struct Interception: Hashable, Sendable {
    /// Nanoseconds since the call; as long again is what one expects of it.
    public let elapsed: Double
    /// Tokens of the history.
    public let context: Int
    /// Tokens of all sequences that decode.
    public let others: Int
    /// Prompt tokens that a step can take beside them, at least 1.
    public let chunk: Int

    public init(elapsed: Double, context: Int, others: Int, chunk: Int) {
        self.elapsed = elapsed
        self.context = context
        self.others = others
        self.chunk = chunk
    }

    /// Token nanoseconds that are wasted if the history stays.
    public var wasteOfKeeping: Double { elapsed * Double(context) }

    /// Token nanoseconds that are wasted if the history is computed anew later, chunk by chunk: its
    /// own memory, half of it on average, and that of all others for as long as they wait.
    ///
    /// `time` is that of so many tokens without a history, in nanoseconds.
    public func wasteOfDiscarding(_ time: (Int) -> Double) -> Double {
        let chunks = (context + chunk - 1) / chunk
        let part = (context + chunks - 1) / max(1, chunks)
        return time(context) * Double(context) / 2
            + Double(chunks) * time(part) * Double(others)
    }
}

extension ServingPolicy.Name {
    public static let infercept = PolicyDefinition.infercept.name
}
